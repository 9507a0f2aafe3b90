"""What the camera sees of things among other things, and of the recipe's limits to that."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cyclorama.core.arrays import BoolArray, FloatArray
from cyclorama.core.geometry import inverse, transformed
from cyclorama.core.scene import Camera
from cyclorama.scene.layout import LayoutOptions, Placed, cropped_share, image_box, overlap_share

# Around the camera: its own size, and what its lens needs to see anything.
CAMERA_ROOM_M = 0.03
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


def is_open(camera: Camera, setting: Sequence[Placed], targets: Sequence[Placed]) -> bool:
    """Whether the camera is in no piece of the setting, and sees one of the targets, if there are any, past them all.

    Pieces count as their boxes.
    """
    eye = camera.world_from_camera[:3, 3]
    if any(_is_in_box(eye, piece) for piece in setting):
        return False
    points = [_looked_at(target) for target in targets]
    return not points or any(not _hidden(eye, p, setting).all() for p in points)


def _looked_at(placed: Placed) -> FloatArray:
    """(N, 3) points of a thing, in the world."""
    outline = placed.thing.outline_m()
    some = outline[:: max(1, len(outline) // LOOKED_AT)]
    return transformed(placed.world_from_object, np.vstack([placed.thing.center_m, some]))


def _hidden(eye: FloatArray, points: FloatArray, setting: Sequence[Placed]) -> BoolArray:
    """(N,) whether a piece's box is between the eye and each of (N, 3) points."""
    hidden = np.zeros(len(points), bool)
    for piece in setting:
        hidden |= _crosses_box(eye, points, piece)
    return hidden


def _crosses_box(eye: FloatArray, points: FloatArray, piece: Placed) -> BoolArray:
    low, high = piece.thing.model.bounds_m * piece.thing.scale
    object_from_world = inverse(piece.world_from_object)
    start, ends = transformed(object_from_world, eye[None])[0], transformed(object_from_world, points)
    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = (low - start) / (ends - start), (high - start) / (ends - start)
    enters = np.fmax.reduce(np.fmin(one, other), axis=1)
    leaves = np.fmin.reduce(np.fmax(one, other), axis=1)
    # Points that lie on a piece are not hidden by it.
    return np.asarray((enters < leaves) & (leaves > 0) & (enters < 1 - 1e-6))


def _is_in_box(eye: FloatArray, piece: Placed) -> bool:
    low, high = piece.thing.model.bounds_m * piece.thing.scale
    local = transformed(inverse(piece.world_from_object), eye[None])[0]
    return bool((local > low - CAMERA_ROOM_M).all() and (local < high + CAMERA_ROOM_M).all())
