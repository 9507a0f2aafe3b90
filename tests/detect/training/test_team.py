"""Several processes train one network; without GPUs they meet through gloo."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace

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
ALONE = "--rdzv-backend c10d --rdzv-endpoint 127.0.0.1:0 --local-addr 127.0.0.1"


def trained_by_two(dataset, options, folder):
    command = f"-m torch.distributed.run {ALONE} --nproc-per-node 2 -m cyclorama train {dataset} -o {options}"
    command += " --batch 4 --image-size 48 --learning-rate 0.02 --device cpu"
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, *command.split()], cwd=folder, env=environment, capture_output=True, text=True
    )


def test_two_processes_train_as_one_does_on_the_same_batches(balls, settings, tmp_path):
    """On frozen statistics; only which regions are drawn is each process's own."""
    torch.manual_seed(3)
    torch.save(mobilenet_v2().state_dict(), tmp_path / "w.pt")
    own = replace(settings, weights=str(tmp_path / "w.pt"), epochs=1, average=0.0)
    train(balls, tmp_path / "one", own)
    told = trained_by_two(balls, "two --weights w.pt --epochs 1 --average 0", tmp_path)
    assert told.returncode == 0, told.stderr[-2000:]
    assert told.stdout.count("epoch 1/1") == 1
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


def told_alike(told):
    """The one sentence that both processes end with."""
    assert told.returncode
    # torchrun's own.
    assert told.stderr.count("Traceback") == 1
    sentences = [line for line in told.stderr.splitlines() if line.startswith("cyclorama: ")]
    assert len(sentences) == 2
    assert len(set(sentences)) == 1
    return sentences[0]


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
    assert damaged.name in told_alike(trained_by_two(root, f"run {options}", tmp_path))
    assert checkpoint(tmp_path / "run" / "last.pt")["step"] == 1
    damaged.write_bytes(pixels)
    for name in ("run", "whole"):
        told = trained_by_two(root, f"{name} {options}", tmp_path)
        assert told.returncode == 0, told.stderr[-2000:]
    for name in ("last.pt", "best.pt"):
        assert_equal(checkpoint(tmp_path / "run" / name), checkpoint(tmp_path / "whole" / name), name)
    assert metrics(tmp_path / "run") == metrics(tmp_path / "whole")
