"""Scores of small, medium and large objects, and of hidden and open ones."""

from collections.abc import Sequence

import numpy as np

from cyclorama.core.arrays import BoolArray, FloatArray
from cyclorama.detect.judging.matching import ClassMatches, Subset, all_detections, match_classes
from cyclorama.detect.results import ImageResult, SubsetScores

# Areas in pixels of the photograph, both ends included, as pycocotools has them.
SIZES = {
    "small, to 32x32 px": (0.0, 32.0**2),
    "medium, to 96x96 px": (32.0**2, 96.0**2),
    "large, above 96x96 px": (96.0**2, 1e10),
}
# Visible shares, the upper end excluded.
VISIBILITIES = {
    "visible under 50 %": (0.0, 0.5),
    "visible 50 to 90 %": (0.5, 0.9),
    "visible over 90 %": (0.9, 1.001),
}


def by_size(results: Sequence[ImageResult], classes: int, confidence: float) -> tuple[SubsetScores, ...]:
    """Of objects by area; a false detection counts where its own area is of that size."""
    return tuple(_scores(name, results, classes, _of_size(*limits), confidence) for name, limits in SIZES.items())


def by_visibility(results: Sequence[ImageResult], classes: int, confidence: float) -> tuple[SubsetScores, ...]:
    """Of objects by visible share, empty where it isn't known; every false detection counts for each of them."""
    if all(np.isnan(r.visible).all() for r in results):
        return ()
    return tuple(
        _scores(name, results, classes, _of_visibility(*limits), confidence) for name, limits in VISIBILITIES.items()
    )


def _of_size(low: float, high: float) -> Subset:
    def within(areas: FloatArray) -> BoolArray:
        return (areas >= low) & (areas <= high)

    def detections(result: ImageResult) -> BoolArray:
        boxes = result.detections.boxes.astype(float)
        return within((boxes[:, 2:] - boxes[:, :2]).prod(axis=1))

    return Subset(lambda result: within(result.areas_px), detections)


def _of_visibility(low: float, high: float) -> Subset:
    return Subset(lambda result: (result.visible >= low) & (result.visible < high), all_detections)


def _scores(name: str, results: Sequence[ImageResult], classes: int, subset: Subset, confidence: float) -> SubsetScores:
    matches = list(match_classes(results, classes, subset).values())
    if not matches:
        return SubsetScores(name, 0, 0.0, 0.0, 0.0)
    precision = np.mean([m.average_precision() for m in matches], axis=0)
    objects = sum(int(m.truth_per_image.sum()) for m in matches)
    found = sum(_found(m, confidence) for m in matches)
    return SubsetScores(name, objects, float(precision.mean()), float(precision[0]), found / objects)


def _found(matches: ClassMatches, confidence: float) -> int:
    return int((matches.is_match[0] & (matches.scores >= confidence)).sum())
