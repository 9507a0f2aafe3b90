"""Several processes train one network; without GPUs they meet through gloo."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from torchvision.models import mobilenet_v2

from cyclorama.detect.training.team import Team, rank, team
from cyclorama.detect.training.train import train
from cyclorama.detect.weights import network
from runs import FILES, checkpoint, metrics, names

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


def test_two_processes_train_as_one_does_on_the_same_batches(balls, settings, tmp_path):
    """On frozen statistics; only which regions are drawn is each process's own."""
    torch.manual_seed(3)
    torch.save(mobilenet_v2().state_dict(), tmp_path / "w.pt")
    own = replace(settings, weights=str(tmp_path / "w.pt"), epochs=1, average=0.0)
    train(balls, tmp_path / "one", own)
    command = f"-m torch.distributed.run {ALONE} --nproc-per-node 2 -m cyclorama train {balls} -o two"
    command += " --weights w.pt --epochs 1 --batch 4 --image-size 48 --learning-rate 0.02 --average 0 --device cpu"
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    told = subprocess.run(
        [sys.executable, *command.split()], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
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
