"""What every layout can do, and what layouts share."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Protocol

import numpy as np
from scipy.spatial import ConvexHull, QhullError

from cyclorama.core.arrays import FloatArray
from cyclorama.core.geometry import inverse, random_rotation, rotation_about, transformed
from cyclorama.core.model import Model
from cyclorama.core.scene import Camera
from cyclorama.scene.recipe import Recipe


@dataclass(frozen=True, eq=False)
class Thing:
    """A model to be placed.

    Attributes:
        category: None for a distractor.
        orientation: "any", "upright" or "stable".
        rests: (N, 3, 3) stable rotations and (N,) their probabilities, for "stable".
    """

    model: Model
    category: str | None
    scale: float
    orientation: str
    rests: tuple[FloatArray, FloatArray] | None = None

    def outline_m(self) -> FloatArray:
        """(N, 3) corners of the scaled model's convex hull: wherever it is seen from, its outline's box is theirs."""
        return _hull_corners(self.model) * self.scale

    def rotation(self, rng: np.random.Generator) -> FloatArray:
        """(3, 3) a rotation as its orientation allows; the turn about the vertical is always free."""
        if self.orientation == "any":
            return random_rotation(rng)
        yaw = rotation_about([0, 0, 1], rng.uniform(0, 2 * np.pi))
        if self.orientation == "upright" or self.rests is None:
            return yaw
        rotations, chances = self.rests
        return yaw @ rotations[int(rng.choice(len(rotations), p=chances))]


@dataclass(frozen=True, eq=False)
class Placed:
    """A thing at its place."""

    thing: Thing
    world_from_object: FloatArray


class Layout(Protocol):
    """Gives things their places; a file of ``scene/layouts`` holds one."""

    has_ground: ClassVar[bool]

    @staticmethod
    def place(things: Sequence[Thing], camera: Camera, recipe: Recipe, rng: np.random.Generator) -> list[Placed]:
        """Places of those things that find one within the limits, in the order given."""


@lru_cache(512)
def _hull_corners(model: Model) -> FloatArray:
    vertices = np.asarray(model.vertices_m, float)
    try:
        return vertices[ConvexHull(vertices).vertices]
    except QhullError:  # Flat: all its vertices are as good.
        return vertices


def image_box(outline_m: FloatArray, world_from_object: FloatArray, camera: Camera) -> FloatArray | None:
    """(4,) xyxy box in pixels of points in the object's frame, beyond the border too; None if partly behind."""
    seen = transformed(inverse(camera.world_from_camera) @ world_from_object, outline_m)
    if seen[:, 2].min() <= 1e-3:
        return None
    pixels = camera.projected(seen)
    return np.concatenate([pixels.min(axis=0), pixels.max(axis=0)])


def cropped_share(box: FloatArray, camera: Camera) -> float:
    """Share of a box's area that lies outside the image."""
    inside = np.clip(box, 0, [camera.width, camera.height] * 2)
    return 1 - _area(inside) / max(_area(box), 1e-12)


def overlap_share(a: FloatArray, b: FloatArray) -> float:
    """Area that two boxes share, over the smaller one's."""
    both = np.concatenate([np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])])
    return _area(both) / max(min(_area(a), _area(b)), 1e-12)


def _area(box: FloatArray) -> float:
    width, height = np.maximum(box[2:] - box[:2], 0)
    return float(width * height)
