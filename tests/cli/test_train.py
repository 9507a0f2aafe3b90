"""``cyclorama train`` on a dataset."""

import json
from pathlib import Path

import pytest

from cyclorama.cli.training import is_still_rising
from program import TINY

pytestmark = pytest.mark.train


def metrics(folder, epochs):
    """A run's file of them."""
    plain = ({"epoch": number, "step": 1, "loss": 1.0, "ap50": 0.5, **own} for number, own in enumerate(epochs, 1))
    path = folder / "metrics.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in plain))
    return path


def test_a_new_run_is_logged_to_tensorboard_from_its_first_step_and_a_finished_one_no_more(program, renders):
    pytest.importorskip("tensorboard")
    command = ("train", renders, "-o", "run", *TINY, "--track", "tensorboard")
    program.does(*command)
    (log,) = Path("run/tensorboard").iterdir()
    program.does(*command)
    assert list(Path("run/tensorboard").iterdir()) == [log]


@pytest.mark.parametrize(
    ("aps", "is_rising"), [([], False), ([0.3], False), ([0.2, 0.5], True), ([0.5, 0.505], False), ([0.5, 0.3], False)]
)
def test_a_run_that_could_have_gone_on_is_known_by_its_last_epoch(tmp_path, aps, is_rising):
    assert is_still_rising(metrics(tmp_path, [{"ap": ap} for ap in aps])) == is_rising


def test_a_detector_of_keypoints_could_have_gone_on_where_its_keypoints_still_got_better(tmp_path):
    points = [{"ap": ap, "ap_keypoints": 0.9 - ap} for ap in (0.5, 0.4, 0.3)]
    assert is_still_rising(metrics(tmp_path, points))
    assert not is_still_rising(metrics(tmp_path, points[::-1]))


def test_a_run_that_nothing_was_held_out_from_or_that_has_no_metrics_is_not_known(tmp_path):
    assert not is_still_rising(metrics(tmp_path, [{}, {}, {}]))
    assert not is_still_rising(tmp_path / "gone.jsonl")


def test_a_run_that_goes_on_is_judged_by_all_of_its_epochs(program, renders):
    command = ("train", renders, "-o", "run", *TINY)
    program.does(*command)
    metrics(Path("run"), [{"ap": 0.5}, {"ap": 0.2}, {"ap": 0.4}])
    assert "still rising" not in program.does(*command)
    metrics(Path("run"), [{"ap": 0.5}, {"ap": 0.2}, {"ap": 0.6}])
    assert "AP was still rising" in program.does(*command)
