"""The order in which poses are shown by Hinterstoisser et al. 2019 (arXiv 1902.09967, section 3)."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import trimesh

from cyclorama.core.arrays import FloatArray
from cyclorama.core.geometry import rotation_about, rotation_between


@dataclass(frozen=True)
class Step:
    """One of a curriculum's poses; all are numbered from 0."""

    level: int
    view: int
    turn: int
    target: int


@dataclass(frozen=True)
class Curriculum:
    """From near to far; at each distance every view, for each view every turn in the plane, for each turn every target.

    Attributes:
        levels: Distances.
        subdivisions: Of the icosahedron whose vertices are the views: 0 gives 12 views, 1 gives 42, 2 gives 162.
        turns: In the picture's plane.
        targets: To be shown.
    """

    levels: int
    subdivisions: int
    turns: int
    targets: int

    def __len__(self) -> int:
        return self.levels * len(views(self.subdivisions)) * self.turns * self.targets

    def step(self, position: int) -> Step:
        """The pose at a position; after the last one the first comes again."""
        counts = (self.levels, len(views(self.subdivisions)), self.turns, self.targets)
        return Step(*(int(n) for n in np.unravel_index(position % len(self), counts)))

    def rotation(self, step: Step) -> FloatArray:
        """(3, 3) camera from object, of a camera that has the object on its axis."""
        inwards = rotation_between(views(self.subdivisions)[step.view], [0, 0, -1])
        return rotation_about([0, 0, 1], 2 * np.pi * step.turn / self.turns) @ inwards


@cache
def views(subdivisions: int) -> FloatArray:
    """(V, 3) unit vectors from an object to where it is seen from: the vertices of a subdivided icosahedron."""
    made = np.array(trimesh.creation.icosphere(subdivisions=subdivisions).vertices, float)
    made.setflags(write=False)
    return made


def linear_in_area(levels: int, largest: float, smallest: float) -> FloatArray:
    """(levels,) lengths from the largest to the smallest, whose squares, as areas in a picture, change linearly."""
    return np.sqrt(np.linspace(largest**2, smallest**2, levels))
