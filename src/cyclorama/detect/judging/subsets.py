"""Scores of small, medium and large objects, and of hidden and open ones."""

from collections.abc import Callable, Sequence

import numpy as np

from cyclorama.core.arrays import BoolArray, FloatArray
from cyclorama.detect.judging.mask_scores import mask_areas, mask_matches
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
    return tuple(
        _scores(name, results, classes, _of_size(*limits, _box_areas), _of_size(*limits, mask_areas), confidence)
        for name, limits in SIZES.items()
    )


def by_visibility(results: Sequence[ImageResult], classes: int, confidence: float) -> tuple[SubsetScores, ...]:
    """Of objects by visible share, empty where it isn't known; every false detection counts for each of them."""
    if all(np.isnan(r.visible).all() for r in results):
        return ()
    subsets = {name: _of_visibility(*limits) for name, limits in VISIBILITIES.items()}
    return tuple(_scores(name, results, classes, own, own, confidence) for name, own in subsets.items())


def _of_size(low: float, high: float, areas_of: Callable[[ImageResult], FloatArray]) -> Subset:
    """By the objects' areas, and what ``areas_of`` gives of the detections."""

    def within(areas: FloatArray) -> BoolArray:
        return (areas >= low) & (areas <= high)

    return Subset(lambda result: within(result.areas_px), lambda result: within(areas_of(result)))


def _box_areas(result: ImageResult) -> FloatArray:
    boxes = result.detections.boxes.astype(float)
    return (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)


def _of_visibility(low: float, high: float) -> Subset:
    return Subset(lambda result: (result.visible >= low) & (result.visible < high), all_detections)


def _scores(
    name: str, results: Sequence[ImageResult], classes: int, subset: Subset, of_masks: Subset, confidence: float
) -> SubsetScores:
    matches = list(match_classes(results, classes, subset).values())
    if not matches:
        return SubsetScores(name, 0, 0.0, 0.0, 0.0)
    precision = np.mean([m.average_precision() for m in matches], axis=0)
    objects = sum(int(m.truth_per_image.sum()) for m in matches)
    found = sum(_found(m, confidence) for m in matches)
    masked = [m.average_precision().mean() for m in mask_matches(results, classes, of_masks).values()]
    mask_ap = float(np.mean(masked)) if masked else None
    return SubsetScores(name, objects, float(precision.mean()), float(precision[0]), found / objects, mask_ap)


def _found(matches: ClassMatches, confidence: float) -> int:
    return int((matches.is_match[0] & (matches.scores >= confidence)).sum())
