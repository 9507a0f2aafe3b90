"""Things that rest: how they are turned, and what they cover of what bears them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np

from cyclorama.core.arrays import ArrayLike, FloatArray
from cyclorama.core.geometry import rigid, rotation_about
from cyclorama.scene.layout import Placed, Thing

# Share of a disc that things' bounding balls cover where they spread evenly.
CROWDING = 0.35


@dataclass(frozen=True, eq=False)
class Resting:
    """A thing turned as it is to rest, wherever that may be.

    Attributes:
        rotation: (3, 3) world from object.
    """

    thing: Thing
    rotation: FloatArray

    @cached_property
    def _turned(self) -> FloatArray:
        return self.thing.outline_m() @ self.rotation.T

    @cached_property
    def _foot(self) -> FloatArray:
        """(3,) point of the turned thing that stands where it is put: below the middle of its box, at its lowest."""
        low, high = self._turned.min(axis=0), self._turned.max(axis=0)
        return np.array([*(low + high)[:2] / 2, low[2]])

    @property
    def corners_m(self) -> FloatArray:
        """(N, 3) corners of its convex hull, when it is put at the origin."""
        return self._turned - self._foot

    @cached_property
    def size_m(self) -> FloatArray:
        """(3,) edges of its box along the world's axes."""
        return np.asarray(np.ptp(self._turned, axis=0))

    @cached_property
    def footprint_m(self) -> FloatArray:
        """(N, 2) convex polygon that it covers, seen from above, when it is put at the origin."""
        return hull(self.corners_m[:, :2])

    def turned(self, yaw_rad: float) -> "Resting":
        """The same, turned about the vertical."""
        return Resting(self.thing, rotation_about([0, 0, 1], yaw_rad) @ self.rotation)

    def pose(self, place_m: ArrayLike) -> FloatArray:
        """(4, 4) world from object, put at a (3,) place."""
        return rigid(self.rotation, np.asarray(place_m, float) - self._foot)

    def placed(self, place_m: ArrayLike) -> Placed:
        """The thing, put at a (3,) place."""
        return Placed(self.thing, self.pose(place_m))


@dataclass(frozen=True, eq=False)
class Area:
    """A level rectangle that things stand on, in a frame whose z is the world's.

    Attributes:
        rectangle_m: (2, 2) lowest and highest x, y.
        height_m: Its z.
        clear_m: Free height above it.
        taken: Convex polygons of what stands there.
    """

    rectangle_m: FloatArray
    height_m: float
    clear_m: float = np.inf
    taken: list[FloatArray] = field(default_factory=list)

    def has_room(self, resting: Resting, middle_m: FloatArray) -> bool:
        """Whether a thing put at (2,) x, y stands there wholly, and touches nothing."""
        (low, high), size = self.rectangle_m, resting.size_m
        if (middle_m - size[:2] / 2 < low).any() or (middle_m + size[:2] / 2 > high).any() or size[2] >= self.clear_m:
            return False
        return not any(meet(resting.footprint_m + middle_m, other) for other in self.taken)


def even_spread_m(things: Sequence[Thing]) -> float:
    """Radius of a disc that has room for things, and as much again for ways between them."""
    return float(np.sqrt(sum(t.radius_m**2 for t in things) / CROWDING))


def spreads(tries: int) -> Iterator[float]:
    """Factors on how far things spread, try by try: a crowd grows, and a narrow view draws things to its middle."""
    for attempt in range(tries):
        yield 1 + (attempt if attempt % 2 else -attempt) / tries


def point_on_disc(radius_m: float, rng: np.random.Generator) -> FloatArray:
    """(2,) uniform in area, around the origin."""
    distance = radius_m * np.sqrt(rng.random())  # The root makes places uniform in area.
    angle = rng.uniform(0, 2 * np.pi)
    return np.asarray(distance * np.array([np.cos(angle), np.sin(angle)]))


def squared(resting: Resting) -> Resting:
    """Turned about the vertical so that the smallest rectangle around its footprint has its longer edge along x."""
    polygon = resting.footprint_m
    edges = np.roll(polygon, -1, axis=0) - polygon
    angles = np.arctan2(edges[:, 1], edges[:, 0])  # One edge of the smallest rectangle lies on one of the polygon's.
    along = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    lengths, widths = np.ptp(polygon @ along.T, axis=0), np.ptp(polygon @ across.T, axis=0)
    best = int(np.argmin(lengths * widths))
    quarter = 0.0 if lengths[best] >= widths[best] else np.pi / 2
    return resting.turned(quarter - angles[best])


def hull(points: FloatArray) -> FloatArray:
    """(N, 2) corners of the convex hull of 2D points, counter-clockwise."""
    return points[cv2.convexHull(points.astype(np.float32), returnPoints=False)[:, 0]]


def meet(a: FloatArray, b: FloatArray) -> bool:
    """Whether two convex polygons touch: no edge's normal separates them (separating axis theorem)."""
    for polygon in (a, b):
        edges = np.roll(polygon, -1, axis=0) - polygon
        normals = np.stack([edges[:, 1], -edges[:, 0]], axis=1)
        pa, pb = a @ normals.T, b @ normals.T
        if ((pa.max(axis=0) < pb.min(axis=0)) | (pb.max(axis=0) < pa.min(axis=0))).any():
            return False
    return True
