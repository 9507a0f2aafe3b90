"""Which detection is which object: COCO's rules, kept so that figures of weighted images come cheap."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from cyclorama.core.arrays import BoolArray, FloatArray, IntArray
from cyclorama.detect.results import ImageResult

IOU_THRESHOLDS = np.linspace(0.5, 0.95, 10)
RECALL_POINTS = np.linspace(0, 1, 101)
MOST_DETECTIONS = 100


@dataclass(frozen=True)
class Subset:
    """Objects that count; others count neither way, as those that are ignored.

    Attributes:
        truths: (N,) bool of an image's objects.
        detections: (D,) bool: those that count as false where they are on no object.
    """

    truths: Callable[[ImageResult], BoolArray]
    detections: Callable[[ImageResult], BoolArray]


def _all_truths(result: ImageResult) -> BoolArray:
    return np.ones(len(result.truth_boxes), bool)


def all_detections(result: ImageResult) -> BoolArray:
    """Every one of an image's detections."""
    return np.ones(len(result.detections.boxes), bool)


# (D, G) of an image's detections and objects of some indices.
Overlap = Callable[[ImageResult, IntArray, IntArray], FloatArray]


def box_overlap(result: ImageResult, found: IntArray, objects: IntArray) -> FloatArray:
    """(D, G) intersection over union of boxes."""
    return iou(result.detections.boxes[found], result.truth_boxes[objects], result.truth_ignored[objects])


EVERYTHING = Subset(_all_truths, all_detections)


@dataclass(frozen=True, eq=False)
class ClassMatches:
    """All detections of one class over all images, best first.

    Attributes:
        scores: (D,) falling.
        images: (D,) number of the image.
        positions: (D,) place among the image's detections.
        is_match: (T, D) bool at each IoU threshold.
        is_ignored: (T, D) bool: on an ignored object, counts neither way.
        truths: (T, D) place among the image's objects of the one it is on, -1 on none.
        truth_per_image: (images,) objects that count.
    """

    scores: FloatArray
    images: IntArray
    positions: IntArray
    is_match: BoolArray
    is_ignored: BoolArray
    truths: IntArray
    truth_per_image: IntArray

    def average_precision(self, weights: FloatArray | None = None) -> FloatArray:
        """(T,) mean precision at 101 recalls, each image counted ``weights`` times."""
        return self.precision(weights).mean(axis=1)

    def precision(self, weights: FloatArray | None = None) -> FloatArray:
        """(T, 101) best precision at each recall or a higher one, 0 where it is not reached."""
        weights = np.ones(len(self.truth_per_image)) if weights is None else weights
        total = float((weights * self.truth_per_image).sum())
        weight = weights[self.images]
        hits = np.cumsum(self.is_match * weight, axis=1)
        misses = np.cumsum((~self.is_match & ~self.is_ignored) * weight, axis=1)
        precision = hits / np.maximum(hits + misses, np.spacing(1))
        envelope = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
        recall = hits / total
        return np.array([_at_recalls(r, p) for r, p in zip(recall, envelope, strict=True)])

    def recall(self, weights: FloatArray) -> float:
        """Mean over the thresholds of the share of objects that are found."""
        total = float((weights * self.truth_per_image).sum())
        return float((self.is_match * weights[self.images]).sum(axis=1).mean() / total)


def _at_recalls(recall: FloatArray, precision: FloatArray) -> FloatArray:
    where = np.searchsorted(recall, RECALL_POINTS, side="left")
    return np.append(precision, 0.0)[where]


def match_classes(
    results: Sequence[ImageResult], classes: int, subset: Subset = EVERYTHING, *, overlap: Overlap = box_overlap
) -> dict[int, ClassMatches]:
    """Matches of each class of which there is anything to find."""
    every = {c: match_class(results, c, subset, overlap=overlap) for c in range(classes)}
    return {c: m for c, m in every.items() if m.truth_per_image.sum()}


def match_class(
    results: Sequence[ImageResult],
    category: int,
    subset: Subset = EVERYTHING,
    *,
    overlap: Overlap = box_overlap,
    most: int = MOST_DETECTIONS,
) -> ClassMatches:
    """Match the ``most`` best detections of one class in every image."""
    parts = [_match_image(result, category, subset, overlap, most) for result in results]
    scores = np.concatenate([r.detections.scores[p.positions] for r, p in zip(results, parts, strict=True)])
    images = np.concatenate([np.full(len(p.positions), i) for i, p in enumerate(parts)])
    order = np.argsort(-scores, kind="stable")
    return ClassMatches(
        scores=scores[order],
        images=images[order],
        positions=np.concatenate([p.positions for p in parts])[order],
        is_match=np.concatenate([p.is_match for p in parts], axis=1)[:, order],
        is_ignored=np.concatenate([p.is_ignored for p in parts], axis=1)[:, order],
        truths=np.concatenate([p.truths for p in parts], axis=1)[:, order],
        truth_per_image=np.array([p.counted for p in parts]),
    )


@dataclass(frozen=True, eq=False)
class _ImageMatches:
    """One image's part of ``ClassMatches``."""

    positions: IntArray
    is_match: BoolArray
    is_ignored: BoolArray
    truths: IntArray
    counted: int


def _match_image(result: ImageResult, category: int, subset: Subset, overlap_of: Overlap, most: int) -> _ImageMatches:
    """As pycocotools' evaluateImg does it."""
    found = np.flatnonzero(result.detections.classes == category)[:most]
    mine = np.flatnonzero(result.truth_classes == category)
    is_ignored = result.truth_ignored | ~subset.truths(result)
    mine = mine[np.argsort(is_ignored[mine], kind="stable")]
    crowd, neither = result.truth_ignored[mine], is_ignored[mine]
    overlap = overlap_of(result, found, mine)
    truths = np.full((len(IOU_THRESHOLDS), len(found)), -1)
    near = np.flatnonzero((overlap >= IOU_THRESHOLDS[0]).any(axis=1))
    for t, threshold in enumerate(IOU_THRESHOLDS):
        free = np.ones(len(mine), bool)
        for d in near:
            g = _best(overlap[d], free | crowd, neither, threshold)
            if g is not None:
                free[g] = False
                truths[t, d] = g
    on_none = truths < 0
    on_ignored = np.append(neither, False)[truths]
    outside = on_none & ~subset.detections(result)[found]
    places = np.append(mine, -1)[truths]
    return _ImageMatches(found, ~on_none & ~on_ignored, on_ignored | outside, places, int((~neither).sum()))


def _best(overlap: FloatArray, available: BoolArray, ignored: BoolArray, threshold: float) -> int | None:
    """The object with the most overlap; one that counts goes before one that is ignored."""
    for group in (available & ~ignored, available & ignored):
        candidates = np.flatnonzero(group & (overlap >= min(threshold, 1 - 1e-10)))
        if len(candidates):
            # The last of equals, as pycocotools has it.
            return int(candidates[::-1][np.argmax(overlap[candidates][::-1])])
    return None


def iou(boxes: FloatArray, truth: FloatArray, crowd: BoolArray) -> FloatArray:
    """(D, G) intersection over union; over the detection's own area where the object is a crowd.

    Args:
        boxes: (D, 4) xyxy.
        truth: (G, 4) xyxy.
        crowd: (G,) whether the object is ignored.
    """
    boxes, truth = boxes.astype(float), truth.astype(float)
    low = np.maximum(boxes[:, None, :2], truth[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], truth[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    own, other = (np.clip(b[:, 2:] - b[:, :2], 0, None).prod(axis=1) for b in (boxes, truth))
    union = np.where(crowd[None], own[:, None], own[:, None] + other[None] - shared)
    return shared / np.maximum(union, 1e-12)
