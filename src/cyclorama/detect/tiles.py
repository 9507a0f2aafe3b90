"""Large photographs in tiles, so that small objects are as large to the detector as those that it learned from."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cyclorama.core.arrays import BoolArray, FloatArray, IntArray
from cyclorama.core.detections import Detections
from cyclorama.detect.masks import moved_mask

# x0, y0, x1, y1 in the photograph's pixels.
Window = tuple[int, int, int, int]
# A box that ends so near to where its tile was cut may be part of an object, in shares of the tile's side.
NEAR_CUT = 0.01
# A part counts with so much of its score against boxes that end within their tile.
TRUST_IN_PARTS = 0.5
# A part goes if a better box of its class covers so much of it.
COVERED = 0.6


def windows(width: int, height: int, side: int, overlap: float) -> list[Window]:
    """Tiles that cover a photograph, evenly spaced, row by row; the whole, where it is no larger than one.

    Args:
        width: Pixels.
        height: Pixels.
        side: Of a tile, in pixels.
        overlap: Share of the side that neighbours have in common at least, below 1.
    """
    return [
        (x, y, min(x + side, width), min(y + side, height))
        for y in _starts(height, side, overlap)
        for x in _starts(width, side, overlap)
    ]


def tile_side(width: int, height: int, tiles: int, overlap: float) -> int:
    """Pixels of a tile, so that there are ``tiles`` along the longer side."""
    return int(np.ceil(max(width, height) / (1 + (tiles - 1) * (1 - overlap))))


def merged(
    whole: Detections, parts: Sequence[tuple[Window, Detections]], size: tuple[int, int], *, iou: float
) -> Detections:
    """What was found in the whole photograph and in its tiles, each object once, best first.

    A box that ends where its tile does counts as a part: one that ends within its tile is preferred, unless it is less
    than half as sure.

    Args:
        whole: In the whole photograph.
        parts: Tiles and what was found in each, in its own pixels.
        size: Width and height of the photograph.
        iou: Of boxes of a class that overlap more than this only the best is kept.
    """
    if not parts:
        return whole
    moved = [_moved(found, window) for window, found in parts]
    everything = [whole, *moved]
    boxes = np.concatenate([d.boxes for d in everything])
    scores = np.concatenate([d.scores for d in everything])
    classes = np.concatenate([d.classes for d in everything])
    cut = np.concatenate(
        [np.zeros(len(whole.boxes), bool), *(_cut(d.boxes, w, size) for d, (w, _) in zip(moved, parts, strict=True))]
    )
    trust = scores * np.where(cut, TRUST_IN_PARTS, 1.0)
    kept = suppressed(boxes, trust, classes, iou=iou, cut=cut)
    kept = kept[np.argsort(-scores[kept], kind="stable")]
    masks = _masks(whole, parts, size, kept)
    points = None
    if whole.keypoints is not None:
        every = [own for d in everything for own in d.keypoints or ()]
        points = tuple(every[i] for i in kept)
    return Detections(boxes[kept], scores[kept], classes[kept], masks, points)


def suppressed(
    boxes: FloatArray, scores: FloatArray, classes: IntArray, *, iou: float, cut: BoolArray | None = None
) -> IntArray:
    """Indices of the boxes that are kept, best first.

    Args:
        boxes: (N, 4) xyxy.
        scores: (N,).
        classes: (N,).
        iou: Of boxes of a class that overlap more than this only the best is kept.
        cut: (N,) boxes that go also where a better one of their class covers most of them; left out, none.
    """
    parts = np.zeros(len(boxes), bool) if cut is None else cut
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    left = np.argsort(-scores, kind="stable")
    kept = []
    while len(left):
        best, left = left[0], left[1:]
        kept.append(best)
        sides = np.minimum(boxes[left, 2:], boxes[best, 2:]) - np.maximum(boxes[left, :2], boxes[best, :2])
        common = sides.clip(min=0).prod(axis=1)
        gone = common > iou * (areas[left] + areas[best] - common)
        gone |= parts[left] & (common > COVERED * areas[left])
        left = left[~(gone & (classes[left] == classes[best]))]
    return np.array(kept, int)


def _starts(length: int, side: int, overlap: float) -> list[int]:
    if side >= length:
        return [0]
    count = int(np.ceil((length - side) / max(1.0, side * (1 - overlap)))) + 1
    return [round(start) for start in np.linspace(0, length - side, count)]


def _moved(found: Detections, window: Window) -> Detections:
    corner = np.array([*window[:2], *window[:2]], np.float32)
    points = None
    if found.keypoints is not None:
        points = tuple(own + np.array([*window[:2], 0], np.float32) for own in found.keypoints)
    return Detections(found.boxes + corner, found.scores, found.classes, keypoints=points)


def _cut(boxes: FloatArray, window: Window, size: tuple[int, int]) -> BoolArray:
    """(N,) whether each ends at an edge of its tile that is none of the photograph's."""
    x0, y0, x1, y1 = window
    near = NEAR_CUT * max(x1 - x0, y1 - y0)
    inner = np.array([x0 > 0, y0 > 0, x1 < size[0], y1 < size[1]])
    return (inner & (np.abs(boxes - np.array(window)) <= near)).any(axis=1)


def _masks(
    whole: Detections, parts: Sequence[tuple[Window, Detections]], size: tuple[int, int], kept: IntArray
) -> tuple[Mapping[str, Any], ...] | None:
    """Of those that are kept alone: each is decoded and encoded in the photograph's size."""
    if whole.masks is None:
        return None
    found = [((0, 0), mask) for mask in whole.masks]
    found += [((window[0], window[1]), mask) for window, part in parts for mask in part.masks or ()]
    return tuple(moved_mask(found[i][1], found[i][0], (size[1], size[0])) for i in kept)
