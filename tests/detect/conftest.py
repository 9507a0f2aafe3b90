"""One small dataset and one short run that several files look at; nobody changes them."""

from dataclasses import replace

import pytest

from stores import ball_store

SIZE = (128, 96)


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Sums in a fixed order, and no fight over few cores."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def balls(tmp_path_factory):
    """Eight renders of balls: two steps of four are an epoch, and none is held out."""
    root = tmp_path_factory.mktemp("balls") / "balls"
    ball_store(root, count=8, size=SIZE, maps=())
    return root


@pytest.fixture(scope="session")
def settings():
    """Four steps from nothing."""
    from cyclorama.detect.settings import TrainSettings

    return replace(TrainSettings(), weights="none", epochs=2, batch=4, image_size=48, learning_rate=0.02, device="cpu")


@pytest.fixture(scope="session")
def trained(balls, settings, tmp_path_factory):
    """The folder of a run that nothing interrupted, and the events that it told."""
    from cyclorama.detect.training.train import train

    out, events = tmp_path_factory.mktemp("runs") / "whole", []
    train(balls, out, settings, on_event=events.append)
    return out, events
