"""How well the masks of detections agree with those of the objects, apart from their boxes."""

from collections.abc import Sequence

import numpy as np
from pycocotools import mask as coco_mask

from cyclorama.core.arrays import FloatArray, IntArray
from cyclorama.detect.judging.bootstrap import intervals, resample
from cyclorama.detect.judging.coco import figures
from cyclorama.detect.judging.matching import match_classes
from cyclorama.detect.results import ImageResult, MaskScores


def mask_scores(results: Sequence[ImageResult], categories: Sequence[str]) -> MaskScores | None:
    """COCO's figures of masks with their intervals; None where not every image has masks on both sides."""
    if any(r.truth_masks is None or r.detections.masks is None for r in results):
        return None
    matches = match_classes(results, len(categories), overlap=mask_overlap)
    drawn = resample(list(matches.values()), len(results))
    return MaskScores(**figures(results, categories, "segm"), intervals=intervals(drawn))


def mask_overlap(result: ImageResult, found: IntArray, objects: IntArray) -> FloatArray:
    """(D, G) intersection over union of masks; over the detection's own area where the object is a crowd."""
    theirs, mine = result.detections.masks, result.truth_masks
    if theirs is None or mine is None or not len(found) or not len(objects):
        return np.zeros((len(found), len(objects)))
    crowd = result.truth_ignored[objects].astype(np.uint8)
    return np.asarray(coco_mask.iou([dict(theirs[d]) for d in found], [dict(mine[g]) for g in objects], crowd))
