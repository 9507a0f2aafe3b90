"""Which category is taken for which."""

from collections.abc import Sequence

import numpy as np

from cyclorama.core.arrays import BoolArray, FloatArray, IntArray
from cyclorama.detect.judging.matching import iou
from cyclorama.detect.results import ImageResult

MATCH_IOU = 0.5


def confusion(results: Sequence[ImageResult], classes: int, confidence: float) -> IntArray:
    """(C+1, C+1) counts: rows are the object's category, then background; columns the detection's, then none.

    Detections of at least ``confidence`` take objects of their own category first, best detections first, as in the
    scores; those that are left take objects that are left, of whatever category. What covers an ignored object is left
    out.
    """
    counts = np.zeros((classes + 1, classes + 1), np.int64)
    for result in results:
        kept = result.detections.scores >= confidence
        boxes, found = result.detections.boxes[kept], result.detections.classes[kept]
        overlap = iou(boxes, result.truth_boxes, result.truth_ignored)
        truths = _taken(overlap, found, result)
        on_object, real = truths >= 0, ~result.truth_ignored
        np.add.at(counts, (result.truth_classes[truths[on_object]], found[on_object]), 1)
        excused = (overlap[:, result.truth_ignored] >= MATCH_IOU).any(axis=1)
        np.add.at(counts, (classes, found[~on_object & ~excused]), 1)
        missed = np.setdiff1d(np.flatnonzero(real), truths)
        np.add.at(counts, (result.truth_classes[missed], classes), 1)
    return counts


def _taken(overlap: FloatArray, found: IntArray, result: ImageResult) -> IntArray:
    """(D,) object that each detection takes, -1 for none."""
    same = found[:, None] == result.truth_classes[None]
    free: BoolArray = ~result.truth_ignored
    truths = np.full(len(found), -1)
    for allowed in (same, ~same):
        for d in np.flatnonzero(truths < 0):
            shares = np.where(free & allowed[d], overlap[d], 0)
            if len(shares) and shares.max() >= MATCH_IOU:
                truths[d] = int(np.argmax(shares))
                free[truths[d]] = False
    return truths
