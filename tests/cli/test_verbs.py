"""The whole way, verb by verb, as the README shows it."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
import trimesh
import yaml
from PIL import Image
from pycocotools.coco import COCO

from cyclorama.cli.app import RESUMABLE, VERBS
from cyclorama.dataset import read_dataset
from cyclorama.detect.results import FIGURES
from cyclorama.scene import load_recipe
from program import RECIPE, TINY, command, content

QUICK = (
    "--engine", "analytic", "--set", "image={width: 64, height: 48}", "--set", "environment.maps=builtin:studio",
    "--set", "backdrop.photo=0", "--workers", 1,
)  # fmt: skip


def test_from_a_model_to_datasets_in_three_layouts(program):
    trimesh.creation.box((20, 30, 40)).export("brick.ply")
    out = program.does("init", "brick", "--model", "brick.ply", "--unit", "mm")
    (next_,) = [line.removeprefix("next: cyclorama ") for line in out.splitlines() if line.startswith("next: ")]
    assert shlex.split(next_) == ["preview", "brick.yaml"]
    out = program.does("generate", "brick.yaml", "-n", 5, "-o", "data/brick", *QUICK)
    assert "data/brick: 5 new images, 0 there before, 0 failed" in out
    out = program.does("verify", "data/brick")
    assert "5 images" in out
    assert "every label law holds" in out
    out = program.does("split", "data/brick", "--train", ".6", "--val", ".2", "--test", ".2")
    assert out.split() == ["train", "3", "val", "1", "test", "1"]
    boxes = {a.instance_id for s in read_dataset(Path("data/brick")).samples for a in s.annotations}
    assert boxes, "no labels to be carried over"
    before = content(Path("data"))
    for layout in ("coco", "yolo", "voc"):
        assert "wrote 5 images" in program.does("convert", "data/brick", "--to", layout, "-o", layout)
        assert "every label law holds" in program.does("verify", layout)
        sizes = {name: len(members) for name, members in read_dataset(Path(layout)).splits.items()}
        assert sizes == {"train": 3, "val": 1, "test": 1}
    assert content(Path("data")) == before
    assert COCO("coco/annotations/instances_train.json").loadCats(1)[0]["name"] == "brick"
    assert yaml.safe_load(Path("yolo/data.yaml").read_text())["names"] == {0: "brick"}


@pytest.mark.train
def test_from_a_dataset_to_a_score_and_to_pictures(program, renders, run):
    assert {p.name for p in run.iterdir()} >= {"run.json", "best.pt", "last.pt", "metrics.jsonl", "curves.png"}
    before = content(run)
    program.does("train", renders, "-o", run, *TINY)
    assert content(run).keys() == before.keys()
    assert (run / "metrics.jsonl").read_bytes() == before[run / "metrics.jsonl"], "a run that is done is not done twice"
    out = program.does("evaluate", run, renders, "-o", "scores", "--device", "cpu")
    for name in FIGURES.values():
        assert f" {name} " in out
        assert f">{name}<" in Path("scores/index.html").read_text()
    assert "RENDERED" in out, "a score on renders is called that"
    assert "The detector was trained on these images" in out
    scores = json.loads(Path("scores/scores.json").read_text())
    assert (scores["kind"], scores["images"]) == ("synthetic", 6)
    assert Path("scores/index.html").stat().st_size > 1000
    picture = next((renders / "images").rglob("*.png"))
    shutil.copy(picture, "photo.png")
    said = program.does("predict", run, "photo.png", "-o", "found", "--conf", "0", "--device", "cpu")
    found = json.loads(Path("found/results.json").read_text())
    assert f"{len(found)} objects with a score of at least 0 in 1 image: found" in said
    assert {r["file_name"] for r in found} == {"photo.png"}
    with Image.open("found/pictures/photo.jpg") as drawn, Image.open("photo.png") as plain:
        assert drawn.size == plain.size
        assert np.any(np.asarray(drawn.convert("RGB"), int) - np.asarray(plain.convert("RGB"), int) > 60)


def test_what_init_writes_is_a_recipe_whatever_the_names(program):
    trimesh.creation.box((2, 3, 4)).export("my brick #1: yes.stl")
    for name in ("brick", "a: b #c", "yes", "deep/er/1", "brick.v2"):
        program.does("init", name, "--model", "my brick #1: yes.stl", "--unit", "in")
        recipe = load_recipe(f"{name}.yaml")
        (target,) = recipe.targets
        assert (recipe.name, target.category, target.unit) == (Path(name).name, Path(name).name, "in")
        assert Path(target.model).resolve() == Path("my brick #1: yes.stl").resolve()
        assert recipe.camera.distance_m.range[0] > 0.1, "the camera stands as the size asks for"


def test_check_says_what_a_model_is_like_and_draws_it(program):
    mesh = trimesh.creation.box((20, 30, 40))
    mesh.update_faces(np.arange(len(mesh.faces)) > 1)
    mesh.export("brick.stl")
    out = program.does("check", "brick.stl", "--unit", "mm")
    assert "2 x 3 x 4 cm" in out
    assert "10 with 8 vertices" in out
    assert "open" in out
    with Image.open("brick-views.png") as views:
        assert len(views.getcolors(1 << 24)) > 20
    assert "its unit may be mm or cm" in program.does("check", "brick.stl")
    assert "closed" in program.does("check", "builtin:die", "-o", "die.png")
    assert "rim_left at 0, -3.925, 9.675 cm; mirrored it is rim_right" in program.does("check", "builtin:mug")


def test_schema_is_that_of_recipes(program):
    schema = json.loads(program.does("schema"))
    assert {"targets", "extends", "camera"} <= schema["properties"].keys()


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself_with_an_example(verb, program):
    assert f"Example: cyclorama {verb}" in " ".join(program.does(verb, "--help").split())


def test_ctrl_c_is_one_sentence_and_the_same_command_goes_on(program):
    arguments = ("generate", "small.yaml", "-n", 25, "-o", "die", "--workers", 1)
    # In a group of its own, so that the interrupt reaches the workers too, as Ctrl-C does.
    with subprocess.Popen(
        command(*arguments), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, process_group=0
    ) as made:
        end = time.monotonic() + 60
        while not list(Path("die").glob("records/*/*.json")):
            assert time.monotonic() < end
            time.sleep(0.01)
        os.killpg(made.pid, signal.SIGINT)
        error = made.communicate(timeout=30)[1].decode()
    assert (made.returncode, error) == (
        130, "\ncyclorama: interrupted; the same command goes on where this one stopped\n",
    )  # fmt: skip
    there = len(list(Path("die").glob("records/*/*.json")))
    assert 0 < there < 25
    assert f"die: {25 - there} new images, {there} there before, 0 failed" in program.does(*arguments)
    assert "every label law holds" in program.does("verify", "die")


@pytest.mark.parametrize(
    ("verb", "next_"), [("generate", "goes on where this one stopped"), ("convert", "begins anew")]
)
def test_ctrl_c_says_what_the_same_command_will_do(verb, next_, program, monkeypatch, renders):
    def pressed(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(f"cyclorama.{'dataset' if verb == 'convert' else 'generate'}.{verb}", pressed)
    arguments = {"generate": ("small.yaml", "-n", 2), "convert": (renders, "--to", "coco")}[verb]
    outcome = program(verb, *arguments, "-o", "out")
    assert (outcome.code, outcome.err) == (130, f"\ncyclorama: interrupted; the same command {next_}\n")
    assert (verb in RESUMABLE) == ("goes on" in next_)


def test_images_that_fail_are_told_and_end_with_1(program):
    Path("far.yaml").write_text(RECIPE + "camera: {distance_m: 0.02}\n")
    outcome = program("generate", "far.yaml", "-n", 2, "-o", "die", "--set", "layout.max_crop=0")
    assert (outcome.code, outcome.err) == (1, "")
    assert "0 new images, 0 there before, 2 failed" in outcome.out
    assert "move the camera away" in outcome.out
    assert "why they failed: die/failures.jsonl; the same command tries them again" in outcome.out
    assert len(Path("die/failures.jsonl").read_text().splitlines()) == 2


def test_a_violated_label_law_is_named_and_ends_with_1(program, renders):
    shutil.copytree(renders, "die")
    record = next(Path("die/records").rglob("*.json"))
    plain = json.loads(record.read_text())
    plain["annotations"][0]["labels"]["box"][2] -= 3
    record.write_text(json.dumps(plain))
    outcome = program("verify", "die")
    assert (outcome.code, outcome.err) == (1, "")
    assert f"{record.stem}: box of mask: " in outcome.out


@pytest.mark.parametrize(("module", "extra"), [("torch", "train"), ("bpy", "blender"), ("faster_coco_eval", "train")])
def test_a_package_that_is_not_installed_is_named_with_what_to_type(module, extra, program, monkeypatch):
    def lacking(*arguments, **options):
        raise ModuleNotFoundError(f"No module named '{module}'", name=f"{module}.nn")

    monkeypatch.setattr("cyclorama.dataset.verify", lacking)
    assert program.refuses("verify", "x") == f"needs {module}.nn; type: pip install 'cyclorama[{extra}]'"


def test_init_warns_of_a_unit_that_was_forgotten(program):
    trimesh.creation.box((90, 60, 40)).export("bracket.stl")
    assert "look again: it is 90 m large" in program.does("init", "bracket", "--model", "bracket.stl")
    assert "look again" not in program.does("init", "bracket", "--model", "bracket.stl", "--unit", "mm", "--force")


def test_a_dataset_in_which_nothing_counts_is_told(program):
    out = program.does("generate", "small.yaml", "-n", 2, "-o", "far", "--set", "camera.distance_m=20")
    assert "in the first 2 images no object counts (all 4 are flagged, e.g. '" in out
    near = ("generate", "small.yaml", "-n", 2, "-o", "near", "--set", "camera.distance_m=0.12")
    assert "no object counts" not in program.does(*near)
