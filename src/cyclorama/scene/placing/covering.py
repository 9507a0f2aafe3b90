"""A background of things that leaves no pixel free."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from cyclorama.core.arrays import BoolArray, FloatArray
from cyclorama.core.geometry import random_rotation, rigid
from cyclorama.core.scene import Camera
from cyclorama.scene.distributions import Distribution
from cyclorama.scene.layout import Placed, PlacementError, Thing
from cyclorama.scene.placing.silhouettes import is_convex, silhouette

# Cells along the picture's longer side in which what is covered is known.
CELLS = 160
# Of the picture's cells; where fewer are free the largest gap is filled next, else any.
FEW_FREE = 0.3
# Of a cell, relative to the smallest thing's bounding ball: a cube that has its middle there holds the whole cell.
LARGEST_CELL = 0.35
# Squares as wide as the smallest thing that the picture may hold.
MOST_SQUARES = 3000
# Things that the background may be of; so many squares take some 50,000 at most.
MOST_THINGS = 60_000
# Of the free cells in its bounding ball: what covers fewer is followed by something solid.
LEAST_COVER = 0.1
# Depth of the background behind the point where it begins, relative to that point's.
DEPTH = 0.5
# What is shown of a model with more triangles may be a coarser one, and smaller by a rim.
FINE_FACES, RIM = 500, 0.06
TOO_MANY = "the background would take too many things; raise layout.farthest_size or layout.background_scale"


@dataclass(frozen=True, eq=False)
class Covering:
    """What covers the picture.

    Attributes:
        placed: Things, in the order in which they were put there.
        scales: Size in the picture of each, relative to ``diameter`` of ``covering``.
    """

    placed: list[Placed]
    scales: list[float]


def covering(
    camera: Camera,
    behind_m: float,
    diameter: float,
    *,
    scales: Distribution,
    clutter: Callable[[], Thing],
    solid: Thing,
    rng: np.random.Generator,
) -> Covering:
    """Things turned anyhow, put where nothing is yet until no pixel of the picture is free; they may meet each other.

    Only of convex models it is sure what they cover. Each other one, and each that covers little of its ball, has
    ``solid`` behind or before it.

    Args:
        camera: Sees them.
        behind_m: Depth beyond which they are.
        diameter: Of the foreground's bounding balls, on the plane one metre before the camera.
        scales: Size of each, relative to ``diameter``.
        clutter: Gives things of any size.
        solid: A convex thing of any size.
        rng: Decides.

    Raises:
        PlacementError: It would take too many.
    """
    free = _Free.of(camera, scales.range[0] * diameter)
    made = Covering([], [])
    thing = clutter()
    while free.mask.any():
        scale, middle = scales.draw(rng), free.gap(rng)
        placed = _floating(thing, middle, scale * diameter / 2, behind_m, camera, rng)
        made.placed.append(placed)
        made.scales.append(scale)
        if len(made.placed) > MOST_THINGS:
            raise PlacementError(TOO_MANY)
        around = free.count(middle, scale * diameter / 2)
        covered = free.cover(_surely(placed, camera)) if is_convex(thing.model) else 0
        thing = clutter() if covered >= LEAST_COVER * around else solid
    return made


def _floating(
    thing: Thing, middle: FloatArray, radius: float, behind_m: float, camera: Camera, rng: np.random.Generator
) -> Placed:
    """A thing behind a depth whose bounding ball has a middle (2,) and a radius on the plane before the camera."""
    depth = behind_m / (1 - min(radius, 0.9)) * (1 + rng.uniform(0, DEPTH))
    sized = replace(thing, scale=np.full(3, radius * depth / thing.model.radius_m))
    rotation = random_rotation(rng)
    center = camera.world_from_camera @ [*(middle * depth), depth, 1.0]
    return Placed(sized, rigid(rotation, center[:3] - rotation @ sized.center_m))


def _surely(placed: Placed, camera: Camera) -> FloatArray:
    """(N, 2) convex polygon that a convex thing covers."""
    outline = silhouette(placed, camera)
    if len(placed.thing.model.faces) <= FINE_FACES:
        return outline
    middle = outline.mean(axis=0)
    return middle + (1 - RIM) * (outline - middle)


@dataclass(frozen=True, eq=False)
class _Free:
    """Cells of the plane before the camera which hold all that the picture shows.

    Attributes:
        mask: (R, C) where nothing surely covers the whole cell.
        low: (2,) lowest corner.
        edge: Of a cell.
    """

    mask: BoolArray
    low: FloatArray
    edge: float

    @classmethod
    def of(cls, camera: Camera, smallest: float) -> "_Free":
        x, y = np.meshgrid(np.linspace(0, camera.width, 65), np.linspace(0, camera.height, 65))
        seen = camera.unprojected(np.stack([x.ravel(), y.ravel()], axis=1))
        low, high = seen.min(axis=0), seen.max(axis=0)
        if np.prod(high - low) > MOST_SQUARES * smallest**2:
            raise PlacementError(TOO_MANY)
        edge = float(min((high - low).max() / CELLS, LARGEST_CELL * smallest))
        columns, rows = np.ceil((high - low) / edge).astype(int) + 2
        return cls(np.ones((rows, columns), bool), low - edge, edge)

    def gap(self, rng: np.random.Generator) -> FloatArray:
        """(2,) middle of a free cell: any, or, where few are left, one that is farthest from what is covered."""
        if self.mask.mean() > FEW_FREE:
            cell = int(rng.choice(np.flatnonzero(self.mask)))
        else:
            cell = int(np.argmax(cv2.distanceTransform(self.mask.astype(np.uint8), cv2.DIST_L2, 3)))
        row, column = np.unravel_index(cell, self.mask.shape)
        return self.low + self.edge * np.array([column + 0.5, row + 0.5])

    def count(self, middle: FloatArray, radius: float) -> int:
        """Of cells whose middles lie in a disc."""
        y, x = (self.low[k] + self.edge * (np.arange(self.mask.shape[1 - k]) + 0.5) - middle[k] for k in (1, 0))
        return int(np.count_nonzero(self.mask & (y[:, None] ** 2 + x**2 <= radius**2)))

    def cover(self, polygon: FloatArray) -> int:
        """Mark the cells that lie wholly in a convex polygon, counter-clockwise; how many were free."""
        first = np.maximum(np.floor((polygon.min(axis=0) - self.low) / self.edge).astype(int), 0)
        last = np.minimum(np.ceil((polygon.max(axis=0) - self.low) / self.edge).astype(int), self.mask.shape[::-1])
        if (last <= first).any():
            return 0
        x, y = (self.low[k] + self.edge * np.arange(first[k], last[k] + 1) for k in (0, 1))
        corners = _inside(polygon, x, y)
        whole = corners[:-1, :-1] & corners[1:, :-1] & corners[:-1, 1:] & corners[1:, 1:]
        cells = self.mask[first[1] : last[1], first[0] : last[0]]
        covered = int(np.count_nonzero(cells & whole))
        cells &= ~whole
        return covered


def _inside(polygon: FloatArray, x: FloatArray, y: FloatArray) -> BoolArray:
    """(len(y), len(x)) whether points of a grid are in a convex polygon."""
    edges = np.roll(polygon, -1, axis=0) - polygon
    # By edge: cross(edge, point - corner) >= 0.
    along = edges[:, 0, None] * (y - polygon[:, 1, None])
    across = edges[:, 1, None] * (x - polygon[:, 0, None])
    return np.asarray((along[:, :, None] >= across[:, None, :]).all(axis=0))
