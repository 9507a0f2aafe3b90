"""Objects of other sizes, or hidden otherwise, count neither way."""

from dataclasses import replace

import numpy as np
import pytest

from cyclorama.detect.judging.subsets import by_visibility
from judged import NAMES, image_result

LEFT, RIGHT, ELSEWHERE = (0, 0, 20, 20), (40, 0, 20, 20), (0, 60, 20, 20)


def seen(result, *shares):
    return replace(result, truth_visible=np.array(shares, float))


def test_each_object_counts_where_its_visible_share_lies():
    open_and_hidden = image_result([(LEFT, 0, False), (RIGHT, 0, False)], [(LEFT, 0, 0.9)])
    rows = {s.name: s for s in by_visibility([seen(open_and_hidden, 1.0, 0.3)], len(NAMES), 0.5)}
    assert {name: (s.objects, s.ap, s.recall) for name, s in rows.items()} == {
        "visible under 50 %": (1, 0, 0),
        "visible 50 to 90 %": (0, 0, 0),
        "visible over 90 %": (1, pytest.approx(1), 1),
    }


def test_a_false_detection_counts_in_every_row():
    result = image_result([(LEFT, 0, False), (RIGHT, 0, False)], [(ELSEWHERE, 0, 0.9), (LEFT, 0, 0.8), (RIGHT, 0, 0.7)])
    found = by_visibility([seen(result, 1.0, 0.3)], len(NAMES), 0.5)
    assert [s.ap50 for s in found if s.objects] == pytest.approx([0.5, 0.5])


def test_where_nothing_is_known_of_visibility_there_are_no_rows():
    assert by_visibility([image_result([(LEFT, 0, False)], [])], len(NAMES), 0.5) == ()
