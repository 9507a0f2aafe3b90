"""What training tells of itself reaches the logs of others."""

import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from cyclorama.core.errors import InputError
from cyclorama.core.plugins import plugin_names
from cyclorama.detect.tracker import TRACKERS, tracking

pytestmark = pytest.mark.train

SETTINGS = {"epochs": 2, "augmentation": {"mirror": 0.0}}
PICTURE = np.full((8, 12, 3), 200, np.uint8)


def tell(name, run):
    with tracking(name, run, SETTINGS) as tracked:
        tracker = tracked()
        tracker.log(3, {"loss": 0.5, "ap": 0.25})
        tracker.show(3, {"000003": PICTURE})


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tensorboard_finds_figures_and_pictures_in_the_runs_folder(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    tell("tensorboard", tmp_path)
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    assert [(e.step, e.value) for e in events.Scalars("ap")] == [(3, 0.25)]
    (image,) = events.Images("000003")
    assert (image.step, image.width, image.height) == (3, 12, 8)


TELL_WANDB = """
import json, sys
import numpy as np
from pathlib import Path
from cyclorama.detect.tracker import tracking
with tracking("wandb", Path(sys.argv[1]), {"epochs": 2}) as tracked:
    tracker = tracked()
    tracker.log(3, {"loss": 0.5, "ap": 0.25})
    tracker.show(3, {"000003": np.full((8, 12, 3), 200, np.uint8)})
"""


def test_wandb_writes_offline_into_the_runs_folder(tmp_path, monkeypatch):
    """In a process of its own: it starts a service that outlives what began it."""
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    subprocess.run([sys.executable, "-c", TELL_WANDB, str(tmp_path)], check=True, timeout=120)
    (folder,) = (tmp_path / "wandb").glob("offline-run-*")
    assert next(folder.glob("*.wandb")).stat().st_size > 0
    (picture,) = (folder / "files" / "media" / "images").glob("000003_3_*.png")
    assert picture.stat().st_size > 0


class Recorder(SimpleNamespace):
    """A module that writes down what is asked of it."""

    def __init__(self):
        super().__init__(calls=[])

    def __getattr__(self, name):
        return lambda *a, **k: self.calls.append((name, a, k)) or []


def interrupted(name, run):
    with tracking(name, run, SETTINGS) as tracked:
        tracker = tracked()
        tracker.log(3, {"ap": 0.25})
        raise KeyboardInterrupt


@pytest.mark.parametrize("name", ["trackio", "mlflow"])
def test_others_are_begun_told_and_ended_even_when_training_fails(tmp_path, monkeypatch, name):
    module = Recorder()
    monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr("cyclorama.detect.tracker.find_spec", lambda module: True)
    with pytest.raises(KeyboardInterrupt):
        interrupted(name, tmp_path / "cup")
    called = [call for call, _, _ in module.calls]
    assert called[-1] in ("finish", "end_run")
    told = json.dumps([(a, k) for _, a, k in module.calls], default=str)
    assert "0.25" in told
    assert "cup" in told


@pytest.mark.parametrize("name", plugin_names(TRACKERS))
def test_what_is_not_installed_is_told_with_what_to_type(tmp_path, monkeypatch, name):
    monkeypatch.setattr("cyclorama.detect.tracker.find_spec", lambda module: None)
    message = rf"^--track {name} needs {name}; type: pip install 'cyclorama\[{name}\]'$"
    with pytest.raises(InputError, match=message), tracking(name, tmp_path, SETTINGS):
        pass


def test_none_is_asked_for_by_none(tmp_path):
    with tracking(None, tmp_path, SETTINGS) as tracked:
        assert tracked is None


@pytest.mark.parametrize("name", plugin_names(TRACKERS))
def test_nothing_is_begun_or_written_before_the_first_step(tmp_path, monkeypatch, name):
    module = Recorder()
    monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr("cyclorama.detect.tracker.find_spec", lambda module: True)
    with tracking(name, tmp_path / "cup", SETTINGS):
        pass
    assert module.calls == []
    assert not (tmp_path / "cup").exists()
