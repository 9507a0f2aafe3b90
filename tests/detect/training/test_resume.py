"""A run that was cut off, however it was, goes on as if nothing had been."""

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest

from cyclorama.core.errors import InputError
from cyclorama.detect.training.train import train
from runs import FILES, KilledError, assert_same_run, content, killed_at, names, resumed

pytestmark = pytest.mark.train

PER_EPOCH = 2
WAIT_S = 120


def interrupted_at(step):
    return lambda event: event.step == step and signal.raise_signal(signal.SIGINT)


@contextmanager
def room(size):
    """No file can grow beyond ``size`` bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def on_event(event):
        if event.step == PER_EPOCH:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))

    try:
        yield on_event
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_run_that_ctrl_c_ended_within_an_epoch_goes_on_with_the_next_step_and_ends_bitwise_equal(
    balls, settings, trained, tmp_path
):
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        train(balls, tmp_path / "run", settings, on_event=interrupted_at(1))
    assert signal.getsignal(signal.SIGINT) is handler
    assert resumed(balls, tmp_path / "run", settings) == [2, 3, 4]
    assert_same_run(tmp_path / "run", trained[0])


def test_a_run_that_was_killed_goes_on_from_its_last_epoch_and_ends_bitwise_equal(balls, settings, trained, tmp_path):
    with pytest.raises(KilledError):
        train(balls, tmp_path / "run", settings, on_event=killed_at(3))
    with (tmp_path / "run" / "metrics.jsonl").open("a") as file:
        file.write('{"epoch": 2, "step"')
    assert resumed(balls, tmp_path / "run", settings) == [3, 4]
    assert_same_run(tmp_path / "run", trained[0])


def test_a_run_whose_disk_was_full_says_so_leaves_nothing_half_written_and_ends_bitwise_equal(
    balls, settings, trained, tmp_path
):
    """Full between best.pt and last.pt of the first epoch: best.pt is there, and there is nothing to go on from."""
    out = tmp_path / "run"
    message = f"{out}: can't be written (File too large); make room or choose another folder"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"), room(size=10_000) as on_event:
        train(balls, out, settings, on_event=on_event)
    assert names(out) == FILES - {"last.pt"}
    assert resumed(balls, out, settings) == [1, 2, 3, 4]
    assert_same_run(out, trained[0])


def test_a_finished_run_takes_no_more_steps_wherever_it_is_computed(balls, settings, trained):
    before = content(trained[0])
    assert resumed(balls, trained[0], replace(settings, device="auto")) == []
    assert content(trained[0]) == before


def killed_after_an_epoch(root, out, *options):
    """The program as a user runs it, in one thread; the kernel ends it, as when memory is short."""
    command = [sys.executable, "-m", "cyclorama", "train", str(root), "-o", str(out), *options]
    with subprocess.Popen(command, env=os.environ | {"OMP_NUM_THREADS": "1"}, stdout=subprocess.DEVNULL) as process:
        until = time.monotonic() + WAIT_S
        while not (out / "last.pt").is_file():
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.005)
        process.kill()
    assert process.returncode == -signal.SIGKILL


def test_a_program_that_the_kernel_killed_goes_on_and_ends_bitwise_equal(balls, settings, tmp_path):
    """With AdamW's moments and the averaged weights, which both are older than the last step."""
    own = replace(settings, epochs=4, optimizer="adamw", learning_rate=1e-3, average=0.9, readers=1)
    options = "--weights none --epochs 4 --batch 4 --image-size 48 --device cpu --readers 1"
    options += " --optimizer adamw --learning-rate 0.001 --average 0.9"
    killed_after_an_epoch(balls, tmp_path / "run", *options.split())
    left = resumed(balls, tmp_path / "run", own)
    assert left[-1] == 4 * PER_EPOCH
    assert left[0] + 1 > PER_EPOCH
    train(balls, tmp_path / "whole", own)
    assert_same_run(tmp_path / "run", tmp_path / "whole")


def test_a_picture_that_is_damaged_while_a_run_goes_on_leaves_the_steps_before_it(balls, settings, tmp_path):
    """Mended, the run goes on with the step that needed it and ends as one whose pictures were whole all along."""
    own, root = replace(settings, epochs=5, image_size=32), shutil.copytree(balls, tmp_path / "balls")
    damaged = sorted((root / "images").rglob("*.png"))[0]
    pixels, steps = damaged.read_bytes(), []

    def damage(event):
        steps.append(event.step)
        if event.step == 1:
            damaged.write_bytes(pixels[:200])

    with pytest.raises(InputError, match=rf"^{re.escape(str(damaged))}: can't be decoded"):
        train(root, tmp_path / "run", own, on_event=damage)
    damaged.write_bytes(pixels)
    assert resumed(root, tmp_path / "run", own) == list(range(steps[-1] + 1, 5 * PER_EPOCH + 1))
    train(root, tmp_path / "whole", own)
    assert_same_run(tmp_path / "run", tmp_path / "whole")
