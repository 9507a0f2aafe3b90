"""What is advised suits how much the detector has learned."""

from dataclasses import replace

import pytest

from cyclorama.detect.judging.advice import MENDS, advice, confidence_advice
from cyclorama.detect.judging.errors import KINDS
from cyclorama.detect.judging.scores import scores
from cyclorama.detect.results import Errors
from judged import NAMES, image_result

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


@pytest.mark.parametrize(
    ("detected", "said"),
    [
        ([((0, 0, 9, 9), 0, 0.1239), ((20, 20, 9, 9), 0, 0.02)], "best --conf for predict: 0.123"),
        ([((20, 20, 9, 9), 0, 0.9)], ""),
        ([], ""),
    ],
    ids=["found", "nothing right", "nothing"],
)
def test_the_confidence_that_is_advised_keeps_the_right_detections(detected, said):
    results = [image_result([((0, 0, 9, 9), 0, False)], detected)]
    assert confidence_advice(scores(results, NAMES, kind="real", unscored=())) == said
