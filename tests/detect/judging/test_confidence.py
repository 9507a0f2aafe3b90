"""Curves over confidence are what is left when detections below it are dropped."""

from dataclasses import replace

import numpy as np
import pytest

from cyclorama.core.detections import Detections
from cyclorama.detect.judging.confidence import best_confidence, curves
from cyclorama.detect.judging.matching import match_classes
from judged import NAMES, random_result


def above(result, confidence):
    d = result.detections
    kept = d.scores >= confidence
    return replace(result, detections=Detections(d.boxes[kept], d.scores[kept], d.classes[kept]))


@pytest.mark.parametrize("seed", range(3))
def test_each_point_is_that_of_the_detections_left(seed):
    rng = np.random.default_rng(seed)
    results = [random_result(rng) for _ in range(10)]
    found = curves({NAMES[c]: m for c, m in match_classes(results, len(NAMES)).items()})
    for i in (9, 29, 59, 89):
        left = match_classes([above(r, found.confidences[i]) for r in results], len(NAMES)).values()
        hits = sum(m.is_match[0].sum() for m in left)
        counted = sum((~m.is_ignored[0]).sum() for m in left)
        truths = sum(m.truth_per_image.sum() for m in left)
        assert found.precision[i] == pytest.approx(hits / counted if counted else 1, abs=1e-5)
        assert found.recall[i] == pytest.approx(hits / truths, abs=1e-5)
        assert found.f1[i] == pytest.approx(2 * hits / (counted + truths), abs=1e-5)


def test_average_precision_is_the_area_under_the_curve():
    results = [random_result(np.random.default_rng(7)) for _ in range(10)]
    matches = match_classes(results, len(NAMES))
    found = curves({NAMES[c]: m for c, m in matches.items()})
    for c, m in matches.items():
        assert np.mean(found.precision_at[NAMES[c]]) == pytest.approx(m.average_precision()[0], abs=1e-5)


def test_precision_and_recall_are_those_at_the_best_confidence():
    results = [random_result(np.random.default_rng(8)) for _ in range(10)]
    best = best_confidence(list(match_classes(results, len(NAMES)).values()))
    left = match_classes([above(r, best.confidence) for r in results], len(NAMES)).values()
    hits, counted = sum(m.is_match[0].sum() for m in left), sum((~m.is_ignored[0]).sum() for m in left)
    truths = sum(m.truth_per_image.sum() for m in left)
    assert (best.precision, best.recall) == pytest.approx((hits / counted, hits / truths))
