"""``cyclorama train`` on a dataset."""

from pathlib import Path

import pytest

from cyclorama.cli.training import is_still_rising
from program import TINY

pytestmark = pytest.mark.train


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
def test_a_run_that_could_have_gone_on_is_known_by_its_last_epoch(aps, is_rising):
    assert is_still_rising(aps) == is_rising
