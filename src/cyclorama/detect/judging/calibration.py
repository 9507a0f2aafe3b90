"""Whether a score of .7 means that seven of ten are right."""

from collections.abc import Sequence

import numpy as np

from cyclorama.detect.judging.matching import ClassMatches
from cyclorama.detect.results import Calibration

BINS = 10
# Below, detectors give what nobody looks at in such numbers that nothing else would count.
LOWEST = 0.05


def calibration(matches: Sequence[ClassMatches]) -> Calibration:
    """Reliability at IoU .5 of detections that score at least .05, in ten bins of equal width.

    Source: Guo et al., On Calibration of Modern Neural Networks, 2017, equations 2 to 5; for detections, whose missed
    objects don't count here, Kuppers et al., Multivariate Confidence Calibration for Object Detection, 2020.
    """
    found = np.concatenate([np.zeros(0), *(m.scores.astype(float) for m in matches)])
    right = np.concatenate([np.zeros(0, bool), *(m.is_match[0] for m in matches)])
    counted = np.concatenate([np.zeros(0, bool), *(~m.is_ignored[0] for m in matches)]) & (found >= LOWEST)
    found, right = found[counted], right[counted]
    bins = np.minimum((found * BINS).astype(int), BINS - 1)
    counts = np.bincount(bins, minlength=BINS)
    score, share = (np.bincount(bins, v, BINS) / np.maximum(counts, 1) for v in (found, right))
    error = float((counts * np.abs(score - share)).sum() / max(1, counts.sum()))
    edges = np.linspace(0, 1, BINS + 1)
    return Calibration(
        error,
        tuple(edges.round(6).tolist()),
        tuple(counts.tolist()),
        tuple(score.tolist()),
        tuple(share.tolist()),
    )
