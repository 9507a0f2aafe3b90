"""Which detection is which object: COCO's rules, kept so that figures of weighted images come cheap."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cyclorama.core.arrays import BoolArray, FloatArray, IntArray
from cyclorama.detect.results import ImageResult

IOU_THRESHOLDS = np.linspace(0.5, 0.95, 10)
RECALL_POINTS = np.linspace(0, 1, 101)
MOST_DETECTIONS = 100


@dataclass(frozen=True, eq=False)
class ClassMatches:
    """All detections of one class over all images, best first.

    Attributes:
        scores: (D,) falling.
        images: (D,) number of the image.
        is_match: (T, D) bool at each IoU threshold.
        is_ignored: (T, D) bool: on an ignored object, counts neither way.
        truth_per_image: (images,) objects that count.
    """

    scores: FloatArray
    images: IntArray
    is_match: BoolArray
    is_ignored: BoolArray
    truth_per_image: IntArray

    def average_precision(self, weights: FloatArray | None = None) -> FloatArray:
        """(T,) mean precision at 101 recalls, each image counted ``weights`` times."""
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


def _at_recalls(recall: FloatArray, precision: FloatArray) -> float:
    where = np.searchsorted(recall, RECALL_POINTS, side="left")
    reached = where < len(recall)
    return float(precision[where[reached]].sum() / len(RECALL_POINTS))


def match_class(results: Sequence[ImageResult], category: int) -> ClassMatches:
    """Match the detections of one class in every image."""
    parts = [_match_image(result, category) for result in results]
    scores = np.concatenate([p[0] for p in parts])
    images = np.concatenate([np.full(len(p[0]), i) for i, p in enumerate(parts)])
    order = np.argsort(-scores, kind="stable")
    truth = np.array([int(((r.truth_classes == category) & ~r.truth_ignored).sum()) for r in results])
    matched, ignored = (np.concatenate([p[k] for p in parts], axis=1)[:, order] for k in (1, 2))
    return ClassMatches(scores[order], images[order], matched, ignored, truth)


def _match_image(result: ImageResult, category: int) -> tuple[FloatArray, BoolArray, BoolArray]:
    """Scores (D,), matched (T, D) and ignored (T, D), as pycocotools' evaluateImg does it."""
    found = np.flatnonzero(result.detections.classes == category)[:MOST_DETECTIONS]
    mine = np.flatnonzero(result.truth_classes == category)
    mine = mine[np.argsort(result.truth_ignored[mine], kind="stable")]
    crowd = result.truth_ignored[mine]
    overlap = iou(result.detections.boxes[found], result.truth_boxes[mine], crowd)
    matched = np.zeros((len(IOU_THRESHOLDS), len(found)), bool)
    ignored = np.zeros_like(matched)
    for t, threshold in enumerate(IOU_THRESHOLDS):
        free = np.ones(len(mine), bool)
        for d in range(len(found)):
            g = _best(overlap[d], free | crowd, crowd, threshold)
            if g is None:
                continue
            free[g] = False
            matched[t, d], ignored[t, d] = not crowd[g], crowd[g]
    return result.detections.scores[found], matched, ignored


def _best(overlap: FloatArray, available: BoolArray, crowd: BoolArray, threshold: float) -> int | None:
    """The object with the most overlap; one that counts goes before one that is ignored."""
    for group in (available & ~crowd, available & crowd):
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
