"""What is advised suits how much the detector has learned."""

from dataclasses import replace

import pytest

from cyclorama.detect.judging.advice import MENDS, advice
from cyclorama.detect.judging.errors import KINDS
from cyclorama.detect.results import Errors

BOXES_OFF = Errors(0.4, dict.fromkeys(KINDS, 7), {**dict.fromkeys(KINDS, 0.0), "localisation": 0.3})


@pytest.mark.parametrize("kind", KINDS)
def test_the_dearest_kind_of_error_has_its_own_advice(kind):
    lost = {**dict.fromkeys(KINDS, 0.1), kind: 0.2}
    said = advice(replace(BOXES_OFF, lost=lost))
    assert said.startswith(f"Most is lost by errors of kind '{kind}': mending all 7 would win 0.200 of AP50.")
    assert said.endswith(MENDS[kind])


def test_errors_that_cost_little_need_no_change():
    assert advice(replace(BOXES_OFF, lost=dict.fromkeys(KINDS, 0.009))).startswith("No kind of error costs more")


def test_a_detector_that_has_hardly_learned_is_to_be_trained_before_its_errors_count():
    for lost in (BOXES_OFF.lost, dict.fromkeys(KINDS, 0.0)):
        said = advice(replace(BOXES_OFF, ap50=0.049, lost=lost))
        assert said.startswith("With an AP50 of 0.049 the detector has hardly learned: more training")
        assert "photographs were labelled" not in said
    assert "hardly learned" not in advice(replace(BOXES_OFF, ap50=0.051))
