"""Every object and every detection is in the matrix once, and its diagonal is what the scores call right."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclorama.detect.judging.confusion import confusion
from cyclorama.detect.judging.matching import match_class
from judged import NAMES, image_result, images, random_result

CUP, SAUCER, NOTHING = 0, 1, len(NAMES)
HERE, ELSEWHERE = (0, 0, 20, 20), (60, 60, 20, 20)


@pytest.mark.parametrize(
    ("detections", "row", "column"),
    [
        ([(HERE, CUP, 0.9)], CUP, CUP),
        ([(HERE, SAUCER, 0.9)], CUP, SAUCER),
        ([(HERE, CUP, 0.1)], CUP, NOTHING),
    ],
    ids=["right", "another category", "not sure enough"],
)
def test_an_object_is_in_the_row_of_its_category(detections, row, column):
    counts = confusion([image_result([(HERE, CUP, False)], detections)], len(NAMES), 0.5)
    assert (counts[row, column], counts.sum()) == (1, 1)


def test_the_right_category_takes_an_object_before_a_surer_wrong_one():
    counts = confusion([image_result([(HERE, CUP, False)], [(HERE, SAUCER, 0.9), (HERE, CUP, 0.6)])], len(NAMES), 0.5)
    assert (counts[CUP, CUP], counts[NOTHING, SAUCER], counts.sum()) == (1, 1, 2)


def test_what_covers_an_ignored_object_is_left_out():
    found = [(HERE, CUP, 0.9), (HERE, SAUCER, 0.8), (ELSEWHERE, CUP, 0.7)]
    counts = confusion([image_result([(HERE, CUP, True)], found)], len(NAMES), 0.5)
    assert (counts[NOTHING, CUP], counts.sum()) == (1, 1)


@settings(max_examples=60, deadline=None)
@given(st.lists(images, min_size=1, max_size=3), st.sampled_from([0.0, 0.25, 0.5]))
def test_each_object_is_counted_once_in_its_row_and_each_detection_at_most_once(results, confidence):
    counts = confusion(results, len(NAMES), confidence)
    for c in range(len(NAMES)):
        real = sum(int(((r.truth_classes == c) & ~r.truth_ignored).sum()) for r in results)
        found = sum(int(((r.detections.classes == c) & (r.detections.scores >= confidence)).sum()) for r in results)
        assert counts[c].sum() == real
        assert counts[:, c].sum() <= found


@pytest.mark.parametrize("seed", range(4))
def test_the_diagonal_is_what_scores_call_right(seed):
    rng = np.random.default_rng(seed)
    results = [random_result(rng) for _ in range(20)]
    counts = confusion(results, len(NAMES), 0.4)
    for c in range(len(NAMES)):
        matches = match_class(results, c)
        assert counts[c, c] == (matches.is_match[0] & (matches.scores >= 0.4)).sum() > 0
