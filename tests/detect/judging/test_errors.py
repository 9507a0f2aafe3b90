"""Each mistake has the kind that TIDE gives it, and mending it wins what TIDE says."""

import numpy as np
import pytest

from cyclorama.detect.judging.errors import KINDS, errors
from cyclorama.detect.judging.matching import match_class
from judged import NAMES, image_result, random_result

CUP, SAUCER = 0, 1
HERE, ASIDE, ELSEWHERE = (0, 0, 20, 20), (10, 0, 20, 20), (60, 60, 20, 20)


def told(results):
    return errors(results, {c: match_class(results, c) for c in range(len(NAMES))})


@pytest.mark.parametrize(
    ("kind", "detections"),
    [
        ("classification", [(HERE, SAUCER, 0.9)]),
        ("localisation", [(ASIDE, CUP, 0.9)]),
        ("both", [(ASIDE, SAUCER, 0.9)]),
        ("background", [(ELSEWHERE, CUP, 0.9)]),
        ("duplicate", [(HERE, CUP, 0.9), (HERE, CUP, 0.8)]),
    ],
)
def test_a_false_detection_is_of_one_kind(kind, detections):
    found = told([image_result([(HERE, CUP, False)], detections)]).counts
    missed = kind in ("both", "background")
    assert found == {**dict.fromkeys(KINDS, 0), kind: 1, "missed": int(missed)}


@pytest.mark.parametrize(
    ("kind", "detections", "before", "won"),
    [
        ("classification", [(HERE, SAUCER, 0.9)], 0, 1),
        ("localisation", [(ASIDE, CUP, 0.9), (ASIDE, CUP, 0.8)], 0, 1),
        ("background", [(ELSEWHERE, CUP, 0.9), (HERE, CUP, 0.8)], 0.5, 0.5),
        ("duplicate", [(HERE, CUP, 0.9), (HERE, CUP, 0.8)], 1, 0),
        ("missed", [], 0, 1),
    ],
)
def test_mending_a_kind_wins_what_it_cost(kind, detections, before, won):
    """Of two misplaced detections of one object, the better is moved and the other goes."""
    found = told([image_result([(HERE, CUP, False)], detections)])
    assert (found.ap50, found.lost[kind]) == (pytest.approx(before), pytest.approx(won))


def test_what_lies_on_an_ignored_object_is_no_error():
    found = told([image_result([(HERE, CUP, True)], [(HERE, CUP, 0.9)])])
    assert set(found.counts.values()) == {0}


@pytest.mark.parametrize("seed", range(5))
def test_no_mending_makes_it_worse_and_every_mistake_is_counted(seed):
    rng = np.random.default_rng(seed)
    results = [random_result(rng) for _ in range(20)]
    found = told(results)
    assert all(lost >= -1e-9 for lost in found.lost.values())
    assert all(found.counts[kind] == 0 or found.lost[kind] >= 0 for kind in KINDS)
    assert sum(found.counts.values()) > 0
