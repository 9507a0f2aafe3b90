"""Folders of training runs: what is in them, and how a run is cut off."""

import json

import torch

from cyclorama.detect.training.train import train

FILES = {"run.json", "seen.json", "metrics.jsonl", "best.pt", "last.pt"}


class KilledError(Exception):
    """What no code of ours catches."""


def killed_at(step):
    """To be told of each step."""

    def on_event(event):
        if event.step == step:
            raise KilledError

    return on_event


def names(folder):
    """Of its files."""
    return {path.name for path in folder.iterdir()}


def content(folder):
    """Of its files by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def metrics(folder):
    """Line by line."""
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def checkpoint(path):
    """Tensors and numbers."""
    return torch.load(path, weights_only=True)


def assert_equal(one, other, where="checkpoint"):
    """To the last bit, through dicts and lists."""
    assert type(one) is type(other), where
    if isinstance(one, torch.Tensor):
        assert one.dtype == other.dtype, where
        assert torch.equal(one, other), where
    elif isinstance(one, dict):
        assert list(one) == list(other), where
        for key in one:
            assert_equal(one[key], other[key], f"{where}.{key}")
    elif isinstance(one, (list, tuple)):
        assert len(one) == len(other), where
        for i, (a, b) in enumerate(zip(one, other, strict=True)):
            assert_equal(a, b, f"{where}[{i}]")
    else:
        assert one == other, where


def assert_same_run(out, whole):
    """To the last bit of every file."""
    assert names(out) == names(whole)
    for name in ("last.pt", "best.pt"):
        assert_equal(checkpoint(out / name), checkpoint(whole / name), name)
    assert content(out)["metrics.jsonl"] == content(whole)["metrics.jsonl"]
    assert content(out)["run.json"] == content(whole)["run.json"]


def resumed(root, out, settings):
    """The steps that a run still takes."""
    events = []
    train(root, out, settings, on_event=events.append)
    return [e.step for e in events]
