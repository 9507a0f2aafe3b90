"""``cyclorama train RECIPE``: rendered meanwhile."""

import json
from pathlib import Path

import pytest

from cyclorama.cli import training
from cyclorama.scene import is_recipe
from program import TINY

pytestmark = pytest.mark.train

COMMAND = ("train", "small.yaml", "-o", "run", *TINY, "--epoch-images", 4, "--workers", 1)


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Renders to choose the checkpoint by."""
    monkeypatch.setattr(training, "UNSEEN_IMAGES", 2)


def test_a_recipe_is_trained_on_without_a_dataset_and_a_finished_run_renders_nothing_more(program):
    out = program.does(*COMMAND)
    assert "on 2 images held out" in out
    assert json.loads(Path("run/metrics.jsonl").read_text())["step"] == 2
    assert len(list(Path("run/unseen/images").rglob("*.png"))) == 2
    before = Path("run/last.pt").stat().st_mtime_ns
    program.does(*COMMAND)
    assert Path("run/last.pt").stat().st_mtime_ns == before


def test_what_is_neither_a_dataset_nor_a_recipe_is_refused(program):
    sentence = program.refuses("train", "smal.yaml", "-o", "run", *TINY)
    assert sentence == "no recipe, and no dataset's .yaml, 'smal.yaml'. Did you mean 'small.yaml'?"


def test_a_yaml_of_yolo_is_a_dataset_and_no_recipe(program):
    Path("data.yaml").write_text("names: [cup]\ntrain: images\n")
    Path("cup.yaml").write_text("extends: floating\n")
    Path("broken.yaml").write_text("targets: [\n")
    named = ("data.yaml", "gone.yaml", "photos", "labels.json", "cup.yaml", "broken.yaml", "tabletop")
    assert [is_recipe(Path(name)) for name in named] == [False] * 4 + [True] * 3


def test_mosaics_need_a_dataset(program):
    outcome = program(*COMMAND, "--mosaic", 0.5)
    assert outcome.code == 2
    assert "--mosaic: expected a dataset" in outcome.err


def test_what_cannot_be_trained_is_refused_before_anything_is_rendered(program):
    assert "no detector 'yolo'" in program.refuses(*COMMAND, "--detector", "yolo")
    program.refuses(*COMMAND, "--mosaic", 0.5)
    program.refuses(*COMMAND, "--accumulate", 3)
    assert not Path("run").exists()


def test_the_folder_of_another_run_is_refused_before_anything_is_rendered_into_it(program, run):
    sentence = program.refuses("train", "small.yaml", "-o", run, *TINY, "--seed", 7)
    assert "holds a run with seed 0, not 7" in sentence
    assert not (run / "unseen").exists()
