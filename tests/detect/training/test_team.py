"""Several processes train one network; without GPUs they meet through gloo."""

import os
import re
import shutil
import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from subprocess import DEVNULL, PIPE

import pytest
import torch
from torchvision.models import mobilenet_v2

from cyclorama.detect.training.source import shuffled
from cyclorama.detect.training.team import Team, rank, team
from cyclorama.detect.training.train import train
from cyclorama.detect.weights import network
from runs import FILES, assert_equal, checkpoint, metrics, names

pytestmark = pytest.mark.train


def test_a_process_without_others_leads_and_agrees_with_itself(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    monkeypatch.setenv("RANK", "3")
    alone = team("cpu")
    assert alone == Team(0, 1)
    assert rank() == 0
    assert alone.is_lead
    assert alone.agree(True)
    assert not alone.agree(False)


# By number, because not every machine knows itself by name.
HERE = "127.0.0.1"
ALONE = f"--rdzv-backend c10d --rdzv-endpoint {HERE}:0 --local-addr {HERE}"
WAIT_S = 120


def trained_by_torchrun(dataset, options, folder):
    command = f"-m torch.distributed.run {ALONE} --nproc-per-node 2 -m {training(dataset, options)}"
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, *command.split()], cwd=folder, env=environment, capture_output=True, text=True
    )


def training(dataset, options):
    return f"cyclorama train {dataset} -o {options} --batch 4 --image-size 48 --learning-rate 0.02 --device cpu"


def told_by_two(dataset, options, folder):
    """What each process says where it fails; torchrun would end one as soon as the other has failed."""
    with socket.socket() as free:
        free.bind((HERE, 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "OMP_NUM_THREADS": "1",
        "WORLD_SIZE": "2",
        "MASTER_ADDR": HERE,
        "MASTER_PORT": str(port),
    }
    command = [sys.executable, "-m", *training(dataset, options).split()]
    with ExitStack() as stack:
        processes = []
        for number in ("0", "1"):
            one = subprocess.Popen(
                command, cwd=folder, env=environment | {"RANK": number}, stdout=DEVNULL, stderr=PIPE, text=True
            )
            processes.append(stack.enter_context(one))
            stack.callback(one.kill)
        told = [one.communicate(timeout=WAIT_S)[1] for one in processes]
    assert processes[0].returncode == processes[1].returncode
    return told


def test_two_processes_train_as_one_does_on_the_same_batches(balls, settings, tmp_path):
    """On frozen statistics; only which regions are drawn is each process's own."""
    torch.manual_seed(3)
    torch.save(mobilenet_v2().state_dict(), tmp_path / "w.pt")
    own = replace(settings, weights=str(tmp_path / "w.pt"), epochs=1, average=0.0)
    train(balls, tmp_path / "one", own)
    told = trained_by_torchrun(balls, "two --weights w.pt --epochs 1 --average 0", tmp_path)
    assert told.returncode == 0, told.stderr[-2000:]
    assert told.stdout.count("epoch 1/1") == 1
    assert told.stdout.count("next: ") == 1
    assert names(tmp_path / "two") >= FILES
    assert len(metrics(tmp_path / "two")) == 1
    torch.manual_seed(own.seed)
    begun = network(own.detector, classes=1, image_size=48, weights=own.weights).state_dict()
    one, two = (
        torch.cat([(saved[key] - v).reshape(-1) for key, v in begun.items()])
        for saved in (checkpoint(tmp_path / name / "last.pt")["trained"] for name in ("one", "two"))
    )
    assert one.abs().max() > 0
    assert torch.nn.functional.cosine_similarity(one, two, dim=0) > 0.9
    assert float(two.norm() / one.norm()) == pytest.approx(1, abs=0.2)


def test_a_picture_that_one_of_two_processes_cannot_read_ends_both_and_mended_the_run_goes_on_bitwise_equal(
    balls, tmp_path
):
    """The second reads what is at odd places of a batch; the first must not learn from its part meanwhile."""
    root = shutil.copytree(balls, tmp_path / "balls")
    images = sorted((root / "images").rglob("*.png"))
    damaged = images[shuffled(5, len(images), 0, "main")]
    pixels = damaged.read_bytes()
    damaged.write_bytes(b"damaged")
    options = "--weights none --epochs 1"
    one, other = told_by_two(root, f"run {options}", tmp_path)
    assert one == other
    assert re.fullmatch(rf"cyclorama: {re.escape(str(damaged))}: is no image .*\n", one)
    assert checkpoint(tmp_path / "run" / "last.pt")["step"] == 1
    damaged.write_bytes(pixels)
    for name in ("run", "whole"):
        assert told_by_two(root, f"{name} {options}", tmp_path) == ["", ""]
    for name in ("last.pt", "best.pt"):
        assert_equal(checkpoint(tmp_path / "run" / name), checkpoint(tmp_path / "whole" / name), name)
    assert metrics(tmp_path / "run") == metrics(tmp_path / "whole")


def test_what_the_first_of_two_processes_alone_refuses_ends_both_with_its_sentence(balls, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("Dear")
    refusals = {
        "other": "other: holds something that is no run of ours; choose another folder",
        "run --track nothing": "no tracker 'nothing'. Expected one of: mlflow, tensorboard, trackio, wandb.",
    }
    for options, sentence in refusals.items():
        assert told_by_two(balls, f"{options} --weights none", tmp_path) == [f"cyclorama: {sentence}\n"] * 2
