"""Scores that are shares of right detections have no error, and others the error that they have."""

import numpy as np
import pytest

from cyclorama.detect.judging.calibration import calibration
from cyclorama.detect.judging.matching import match_classes
from judged import NAMES, image_result

HERE, ELSEWHERE = (0, 0, 20, 20), (60, 60, 20, 20)


def measured(score, right, wrong):
    """So many right and wrong detections of one score, each on an image of its own."""
    every = [image_result([(HERE, 0, False)], [(place, 0, score)]) for place in [HERE] * right + [ELSEWHERE] * wrong]
    return calibration(list(match_classes(every, len(NAMES)).values()))


@pytest.mark.parametrize(
    ("score", "right", "wrong", "error"), [(0.75, 3, 1, 0), (0.75, 1, 3, 0.5), (0.25, 4, 0, 0.75), (1.0, 2, 0, 0)]
)
def test_the_error_is_the_distance_of_score_and_share(score, right, wrong, error):
    found = measured(score, right, wrong)
    assert found.error == pytest.approx(error)
    in_bin = min(9, int(score * 10))
    assert found.counts == tuple((right + wrong) * (i == in_bin) for i in range(10))
    assert (found.score[in_bin], found.right[in_bin]) == pytest.approx((score, right / (right + wrong)))


def test_bins_weigh_by_their_detections():
    every = [image_result([(HERE, 0, False)], [(HERE, 0, 0.75)]) for _ in range(3)]
    every += [image_result([(HERE, 0, False)], [(ELSEWHERE, 0, 0.5)])]
    found = calibration(list(match_classes(every, len(NAMES)).values()))
    assert found.error == pytest.approx(np.average([0.25, 0.5], weights=[3, 1]))


def test_what_hardly_scores_and_what_is_ignored_does_not_count():
    every = [
        image_result([(HERE, 0, False)], [(ELSEWHERE, 0, 0.01)]),
        image_result([(HERE, 0, True)], [(HERE, 0, 0.9)]),
    ]
    found = calibration(list(match_classes(every, len(NAMES)).values()))
    assert (found.error, sum(found.counts)) == (0, 0)
