"""A run's folder belongs to one run; what lies there otherwise is told in one sentence, and left alone."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from cyclorama.core.errors import InputError
from cyclorama.detect.settings import Augmentation, Mixing
from cyclorama.detect.training.train import train
from runs import KilledError, content, killed_at, resumed

pytestmark = pytest.mark.train


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"epochs": 3}, "epochs 2, not 3"),
        ({"batch": 2}, "batch 4, not 2"),
        ({"image_size": 96}, "image_size 48, not 96"),
        ({"seed": 5, "device": "auto"}, "seed 0, not 5"),
        ({"learning_rate": 0.01}, "learning_rate 0.02, not 0.01"),
        ({"augmentation": Augmentation(mirror=0.5)}, "mirror 0.0, not 0.5"),
        ({"mixing": Mixing(real_count=3)}, "real_count 0, not 3"),
    ],
    ids=str,
)
def test_a_folder_with_a_run_of_other_settings_is_refused_and_left_alone(balls, settings, trained, changed, said):
    out, before = trained[0], content(trained[0])
    message = f"{out}: holds a run with {said}; choose another folder"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        train(balls, out, replace(settings, **changed))
    assert content(out) == before


def test_a_folder_with_a_run_on_another_dataset_is_refused(balls, settings, trained, tmp_path):
    shutil.copytree(balls, tmp_path / "others")
    before = content(trained[0])
    with pytest.raises(
        InputError, match=rf"holds a run on \d+ images of '{re.escape(str(balls))}'; choose another folder$"
    ):
        train(tmp_path / "others", trained[0], settings)
    assert content(trained[0]) == before


def test_a_run_goes_on_however_the_path_of_its_dataset_is_typed(balls, settings, trained, monkeypatch):
    monkeypatch.chdir(balls.parent)
    before = content(trained[0])
    for typed in (Path("balls"), Path("..", balls.parent.name, "balls")):
        assert resumed(typed, trained[0], settings) == []
    assert content(trained[0]) == before


@pytest.mark.parametrize("changed", [{"fingerprint": "1" * 20}, {"seed": 1}], ids=str)
def test_a_run_on_a_dataset_that_was_generated_anew_since_is_refused(balls, settings, tmp_path, changed):
    root, out = shutil.copytree(balls, tmp_path / "balls"), tmp_path / "run"
    with pytest.raises(KilledError):
        train(root, out, settings, on_event=killed_at(3))
    before = content(out)
    header = json.loads((root / "dataset.json").read_text())
    (root / "dataset.json").write_text(json.dumps(header | changed))
    message = f"{out}: holds a run on other images of '{root}', which has been generated anew since; choose another"
    with pytest.raises(InputError, match=f"^{re.escape(message)} folder$"):
        train(root, out, settings)
    assert content(out) == before


def test_a_run_on_a_dataset_that_has_grown_since_is_refused(balls, settings, trained, tmp_path):
    run = shutil.copytree(trained[0], tmp_path / "run")
    plain = json.loads((run / "run.json").read_text())
    plain["trained_on"]["images"] -= 1
    (run / "run.json").write_text(json.dumps(plain))
    with pytest.raises(InputError, match=f"holds a run on {plain['trained_on']['images']} images of"):
        train(balls, run, settings)


def test_a_run_that_never_came_to_its_first_checkpoint_may_be_begun_with_other_settings(balls, settings, tmp_path):
    for epochs in (3, 1):
        with pytest.raises(KilledError):
            train(balls, tmp_path / "run", replace(settings, epochs=epochs), on_event=killed_at(1))
    assert json.loads((tmp_path / "run" / "run.json").read_text())["settings"]["epochs"] == 1


def test_a_folder_that_holds_something_else_is_refused_and_left_alone(balls, settings, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.tex").write_text("all of it")
    (tmp_path / "file").write_text("no folder")
    for out in (tmp_path / "thesis", tmp_path / "file"):
        message = f"{out}: holds something that is no run of ours; choose another folder"
        with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
            train(balls, out, settings)
    assert content(tmp_path / "thesis") == {"thesis.tex": b"all of it"}
    assert (tmp_path / "file").read_text() == "no folder"


def test_a_folder_that_cannot_be_made_is_refused(balls, settings, tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(
        InputError, match=r"file/run: can't be written \(Not a directory\); make room or choose another"
    ):
        train(balls, tmp_path / "file" / "run", settings)


DAMAGE = {
    "garbage": lambda path: path.write_bytes(b"no checkpoint"),
    "empty": lambda path: path.write_bytes(b""),
    "cut off": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "something else": lambda path: torch.save([1, 2], path),
    "other weights": lambda path: torch.save({"weights": {}}, path),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_checkpoint_is_named_and_once_deleted_the_run_begins_anew(balls, settings, trained, tmp_path, damage):
    out = tmp_path / "run"
    shutil.copytree(trained[0], out)
    DAMAGE[damage](out / "last.pt")
    with pytest.raises(InputError) as caught:
        train(balls, out, settings)
    assert re.fullmatch(
        rf"{re.escape(str(out))}/last\.pt: is (damaged|no checkpoint of ours); "
        r"copy it again, or delete it and train again",
        str(caught.value),
    )
    if damage == "garbage":
        (out / "last.pt").unlink()
        with pytest.raises(KilledError):
            train(balls, out, settings, on_event=killed_at(1))


def test_a_damaged_run_json_is_named(balls, settings, trained, tmp_path):
    for text in ("{", "[]", "{}", '{"cyclorama_run": 1, "settings": {"epoch": 1}, "categories": [], "trained_on": {}}'):
        shutil.copytree(trained[0], tmp_path / "run", dirs_exist_ok=True)
        (tmp_path / "run" / "run.json").write_text(text)
        with pytest.raises(InputError, match=r"run\.json: is (damaged|not JSON) \("):
            train(balls, tmp_path / "run", settings)
