"""What moves objects within the picture: scale, shift, mirror, mosaics of four pictures."""

from collections.abc import Sequence

import cv2
import numpy as np

from cyclorama.core.arrays import BoolArray, ByteArray, FloatArray
from cyclorama.detect.augmentation.example import Example, areas

# x0, y0, x1, y1 in pixels.
Corner = tuple[int, int, int, int]
# Of a cropped object at least this share of its box is left, or it is no longer asked for.
LEAST_LEFT = 0.35
GREYS = (60, 180)
# Where in the picture the four parts of a mosaic meet.
MEETING = (0.35, 0.65)


def rescaled(example: Example, rng: np.random.Generator, scale: tuple[float, float]) -> Example:
    """Larger and cropped, or smaller with grey around it, in a frame of the same size."""
    height, width = example.image.shape[:2]
    factor = float(np.exp(rng.uniform(*np.log(scale))))
    shift = [_between(rng, side * (1 - factor)) for side in (width, height)]
    return _placed(example, factor, shift, (height, width), tuple(float(n) for n in rng.integers(*GREYS, 3)))


def mirrored(example: Example, counterparts: Sequence[int] = ()) -> Example:
    """Left is right.

    Args:
        example: The picture.
        counterparts: (K) for each keypoint the one whose place it has in a mirror: a left eye becomes a right one.
    """
    width = example.image.shape[1]
    boxes = example.boxes[:, [2, 1, 0, 3]] * [-1, 1, -1, 1] + [width, 0, width, 0]
    masks = None if example.masks is None else example.masks[:, :, ::-1]
    points: FloatArray | None = None
    if example.keypoints is not None:
        points = example.keypoints[:, list(counterparts)] * [-1, 1, 1] + [width, 0, 0]
    return Example(np.ascontiguousarray(example.image[:, ::-1]), boxes, example.labels, masks, points)


def mosaic(parts: Sequence[Example], rng: np.random.Generator, scale: tuple[float, float]) -> Example:
    """Four pictures, each in a corner of one of the first's size (Bochkovskiy et al., arXiv 2004.10934)."""
    height, width = parts[0].image.shape[:2]
    x, y = (round(rng.uniform(*MEETING) * side) for side in (width, height))
    corners = [(0, 0, x, y), (x, 0, width, y), (0, y, x, height), (x, y, width, height)]
    made = [_cut(part, corner, rng, scale) for part, corner in zip(parts, corners, strict=True)]
    image = np.empty_like(parts[0].image)
    for (x0, y0, x1, y1), part in zip(corners, made, strict=True):
        image[y0:y1, x0:x1] = part.image
    boxes = [part.boxes + [x0, y0, x0, y0] for (x0, y0, *_), part in zip(corners, made, strict=True)]
    masks = None
    if all(part.masks is not None for part in made):
        masks = np.concatenate(
            [_within(part.masks, corner, (height, width)) for part, corner in zip(made, corners, strict=True)]
        )
    points: FloatArray | None = None
    if all(part.keypoints is not None for part in made):
        pairs = zip(corners, [part.keypoints for part in made], strict=True)
        points = np.concatenate([own + [x0, y0, 0] for (x0, y0, *_), own in pairs if own is not None])
    return Example(image, np.concatenate(boxes), np.concatenate([part.labels for part in made]), masks, points)


def _cut(part: Example, corner: Corner, rng: np.random.Generator, scale: tuple[float, float]) -> Example:
    """A part of a picture as large as a corner of the mosaic."""
    x0, y0, x1, y1 = corner
    height, width = y1 - y0, x1 - x0
    # At half its size the whole picture would fill about a corner.
    factor = float(np.exp(rng.uniform(*np.log(scale)))) * rng.uniform(0.5, 1.0)
    own = part.image.shape[1] * factor, part.image.shape[0] * factor
    shift = [_between(rng, side - size) for side, size in zip((width, height), own, strict=True)]
    return _placed(part, factor, shift, (height, width), tuple(float(n) for n in rng.integers(*GREYS, 3)))


def _between(rng: np.random.Generator, slack: float) -> float:
    """Anywhere from 0 to what is left, or what is too much."""
    return float(rng.uniform(min(0.0, slack), max(0.0, slack)))


def _placed(
    example: Example, factor: float, shift: Sequence[float], shape: tuple[int, int], gray: tuple[float, ...]
) -> Example:
    height, width = shape
    # OpenCV counts from the middle of the first pixel, boxes from its corner.
    half = (factor - 1) / 2
    matrix = np.array([[factor, 0, shift[0] + half], [0, factor, shift[1] + half]])
    image = _moved(example.image, matrix, shape, gray)
    placed: FloatArray = example.boxes * factor + [*shift, *shift]
    clipped: FloatArray = np.clip(placed, 0, [width, height, width, height])
    left = areas(clipped) / np.maximum(areas(placed), 1e-9)
    masks: BoolArray | None = None
    if example.masks is not None:
        moved = [_moved(mask.astype(np.uint8), matrix, shape, (0.0,)) > 0 for mask in example.masks]
        masks = np.array(moved, bool).reshape(-1, *shape)
    points = None if example.keypoints is None else _within_picture(example.keypoints, factor, shift, shape)
    return Example(image, clipped, example.labels, masks, points).kept(left >= LEAST_LEFT)


def _within_picture(points: FloatArray, factor: float, shift: Sequence[float], shape: tuple[int, int]) -> FloatArray:
    """Keypoints that are moved out of the picture are no longer there."""
    moved: FloatArray = points * [factor, factor, 1] + [*shift, 0]
    is_inside = ((moved[..., :2] >= 0) & (moved[..., :2] < shape[::-1])).all(axis=-1)
    return np.where(is_inside[..., None], moved, 0.0)


def _moved(image: ByteArray, matrix: FloatArray, shape: tuple[int, int], outside: tuple[float, ...]) -> ByteArray:
    flags = cv2.INTER_LINEAR if image.ndim == 3 else cv2.INTER_NEAREST
    return cv2.warpAffine(image, matrix, shape[::-1], flags=flags, borderValue=outside).astype(np.uint8, copy=False)


def _within(masks: BoolArray | None, corner: Corner, shape: tuple[int, int]) -> BoolArray:
    assert masks is not None
    x0, y0, x1, y1 = corner
    whole = np.zeros((len(masks), *shape), bool)
    whole[:, y0:y1, x0:x1] = masks
    return whole
