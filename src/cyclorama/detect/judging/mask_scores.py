"""How well the masks of detections agree with those of the objects, apart from their boxes."""

from collections.abc import Mapping, Sequence

import numpy as np
from pycocotools import mask as coco_mask

from cyclorama.core.arrays import FloatArray, IntArray
from cyclorama.detect.judging.bootstrap import intervals, resample
from cyclorama.detect.judging.coco import figures
from cyclorama.detect.judging.matching import EVERYTHING, ClassMatches, Subset, match_classes
from cyclorama.detect.results import ImageResult
from cyclorama.detect.shape_scores import MaskScores


def has_masks(results: Sequence[ImageResult]) -> bool:
    """Whether every image has masks on both sides."""
    return all(r.truth_masks is not None and r.detections.masks is not None for r in results)


def mask_matches(results: Sequence[ImageResult], classes: int, subset: Subset = EVERYTHING) -> dict[int, ClassMatches]:
    """As ``match_classes``, by masks; empty where there are none."""
    return match_classes(results, classes, subset, overlap=mask_overlap) if has_masks(results) else {}


def mask_scores(
    results: Sequence[ImageResult], categories: Sequence[str], matches: Mapping[int, ClassMatches]
) -> MaskScores | None:
    """COCO's figures of masks with their intervals, from ``mask_matches``; None where there are no masks."""
    if not has_masks(results):
        return None
    drawn = resample(list(matches.values()), len(results))
    return MaskScores(**figures(results, categories, "segm"), intervals=intervals(drawn))


def mask_overlap(result: ImageResult, found: IntArray, objects: IntArray) -> FloatArray:
    """(D, G) intersection over union of masks; over the detection's own area where the object is a crowd."""
    theirs, mine = result.detections.masks, result.truth_masks
    if theirs is None or mine is None or not len(found) or not len(objects):
        return np.zeros((len(found), len(objects)))
    crowd = result.truth_ignored[objects].astype(np.uint8)
    return np.asarray(coco_mask.iou([dict(theirs[d]) for d in found], [dict(mine[g]) for g in objects], crowd))


def mask_areas(result: ImageResult) -> FloatArray:
    """(D,) pixels of the detections' masks."""
    masks = [dict(mask) for mask in result.detections.masks or ()]
    return np.asarray(coco_mask.area(masks), float).reshape(-1)
