"""What the camera sees of things among other things, and of the recipe's limits to that."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cyclorama.core.arrays import BoolArray, FloatArray
from cyclorama.core.geometry import inverse, transformed
from cyclorama.core.scene import Camera
from cyclorama.scene.layout import LayoutOptions, Placed, cropped_share, image_box, overlap_share

# Around the camera: its own size, and what its lens needs to see anything.
LENS_CLEARANCE_M = 0.03
# Points of a thing's outline that are looked at, apart from its middle.
LOOKED_AT = 16


@dataclass(frozen=True, eq=False)
class Seen:
    """A thing at its place, and where the camera sees it.

    Attributes:
        box: (4,) xyxy in pixels, beyond the border too.
    """

    placed: Placed
    box: FloatArray


def seen_within_limits(
    placed: Placed, others: Sequence[Seen], camera: Camera, options: LayoutOptions, *, max_overlap: float | None = None
) -> Seen | None:
    """The thing as it is seen, if it is before the camera and a target is neither cropped nor hidden too much.

    Args:
        placed: A thing that may stay there.
        others: Those that do.
        camera: Sees them.
        options: Hold the limits.
        max_overlap: Limit where the options have none; None is no limit.
    """
    thing = placed.thing
    box = image_box(thing.outline_m(), placed.world_from_object, camera)
    if box is None or (thing.category is not None and cropped_share(box, camera) > options.max_crop):
        return None
    limit = max_overlap if options.max_overlap is None else options.max_overlap
    if limit is not None:
        rivals = (s for s in others if thing.category is not None or s.placed.thing.category is not None)
        if any(overlap_share(box, s.box) > limit for s in rivals):
            return None
    return Seen(placed, box)


@dataclass(frozen=True, eq=False)
class Obstacles:
    """Pieces of a setting as boxes, each in a frame of its own.

    Attributes:
        box_from_world: (P, 4, 4).
        low: (P, 1, 3) lowest corners.
        high: (P, 1, 3) highest corners.
    """

    box_from_world: FloatArray
    low: FloatArray
    high: FloatArray

    @classmethod
    def of(cls, setting: Sequence[Placed]) -> "Obstacles":
        """The boxes of these pieces."""
        bounds = np.array([p.thing.model.bounds_m * p.thing.scale for p in setting]).reshape(-1, 2, 3)
        frames = np.array([inverse(p.world_from_object) for p in setting]).reshape(-1, 4, 4)
        return cls(frames, bounds[:, None, 0], bounds[:, None, 1])

    def hide(self, eye: FloatArray, points: FloatArray) -> BoolArray:
        """(N,) whether one of them is between the eye (3,) and each of (N, 3) points; points on their sides are not."""
        crossed = crosses_box(self._local(eye[None]), self._local(points), self.low, self.high)
        return np.asarray(crossed.any(axis=0))

    def hold(self, eye: FloatArray) -> bool:
        """Whether a camera at (3,) is in one of them, or so near that it sees nothing else."""
        local = self._local(eye[None])
        near = (local > self.low - LENS_CLEARANCE_M) & (local < self.high + LENS_CLEARANCE_M)
        return bool(near.all(axis=-1).any())

    def _local(self, points: FloatArray) -> FloatArray:
        """(P, N, 3) points in each box's frame."""
        turns, shifts = self.box_from_world[:, :3, :3], self.box_from_world[:, None, :3, 3]
        return np.asarray(points @ turns.transpose(0, 2, 1) + shifts)


def is_open(camera: Camera, obstacles: Obstacles, targets: Sequence[Placed]) -> bool:
    """Whether the camera is in no obstacle, and sees one of the targets, if there are any, past them all."""
    if obstacles.hold(camera.world_from_camera[:3, 3]):
        return False
    return not targets or any(is_seen(camera, target, obstacles) for target in targets)


def is_seen(camera: Camera, target: Placed, obstacles: Obstacles) -> bool:
    """Whether some of a thing's outline can be seen past the obstacles."""
    return not bool(obstacles.hide(camera.world_from_camera[:3, 3], _looked_at(target)).all())


def crosses_box(start: FloatArray, ends: FloatArray, low: FloatArray, high: FloatArray) -> BoolArray:
    """(..., N) whether ways from a point (..., 1, 3) to (..., N, 3) others lead through boxes; ends on sides do not."""
    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = (low - start) / (ends - start), (high - start) / (ends - start)
    enters = np.fmax.reduce(np.fmin(one, other), axis=-1)
    leaves = np.fmin.reduce(np.fmax(one, other), axis=-1)
    return np.asarray((enters < leaves) & (leaves > 0) & (enters < 1 - 1e-6))


def _looked_at(placed: Placed) -> FloatArray:
    """(N, 3) points of a thing, in the world."""
    outline = placed.thing.outline_m()
    some = outline[:: max(1, len(outline) // LOOKED_AT)]
    return transformed(placed.world_from_object, np.vstack([placed.thing.center_m, some]))
