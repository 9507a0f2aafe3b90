"""``cyclorama train`` on a dataset."""

from pathlib import Path

import pytest

from program import TINY

pytestmark = pytest.mark.train


def test_a_new_run_is_logged_to_tensorboard_from_its_first_step_and_a_finished_one_no_more(program, renders):
    pytest.importorskip("tensorboard")
    command = ("train", renders, "-o", "run", *TINY, "--track", "tensorboard")
    program.does(*command)
    (log,) = Path("run/tensorboard").iterdir()
    program.does(*command)
    assert list(Path("run/tensorboard").iterdir()) == [log]
