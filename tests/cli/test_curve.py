"""cyclorama curve: renders, then more and more photographs, each judged by a detector that never saw it."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from cyclorama.core.progress import silent
from cyclorama.dataset import read_dataset
from cyclorama.dataset.folds import fold_members
from cyclorama.dataset.formats.coco import Coco
from cyclorama.detect.settings import Mixing, TrainSettings
from cyclorama.detect.training.train import train
from stores import ball_store

pytestmark = pytest.mark.train

SHORT = (
    "--weights",
    "none",
    "--image-size",
    "32",
    "--epochs",
    "1",
    "--steps",
    "2",
    "--alone-steps",
    "3",
    "--folds",
    "2",
    "--device",
    "cpu",
)


@pytest.mark.parametrize(("count", "folds"), [(296, 3), (12, 3), (7, 2), (4, 2)])
def test_folds_divide_all_photographs_and_neighbours_stay_together(count, folds):
    insides = [fold_members(count, fold, folds)[1] for fold in range(folds)]
    assert sorted(i for inside in insides for i in inside) == list(range(count))
    outsides = [fold_members(count, fold, folds)[0] for fold in range(folds)]
    assert all(sorted((*out, *inside)) == list(range(count)) for out, inside in zip(outsides, insides, strict=True))
    assert max(map(len, insides)) - min(map(len, insides)) <= 10


def test_photographs_that_are_neighbours_by_name_mostly_go_to_the_same_fold():
    _, inside = fold_members(296, 0, 3)
    assert sum(a + 1 == b for a, b in pairwise(inside)) > 0.85 * len(inside)


@pytest.fixture
def places(program):
    """Renders, photographs and where the curve goes."""
    ball_store(Path("renders"), count=4, size=(64, 48), maps=())
    ball_store(Path("every"), count=10, size=(64, 48), maps=())
    every = read_dataset(Path("every"))
    Path("photos").mkdir()
    others = [every.samples[i] for i in range(4, 10)]
    Coco.write(replace(every, samples=others, provenance={}), Path("photos"), progress=silent)
    return "renders", "photos", "-o", "curve"


@pytest.mark.slow
def test_a_curve_is_measured_on_all_photographs_at_each_count_and_goes_on_where_it_stopped(program, places):
    command = ("curve", *places, *SHORT, "--counts", "0,2,all", "--alone")
    assert "measured on 6 photographs" in program.does(*command)
    rows = json.loads(Path("curve/curve.json").read_text())["rows"]
    assert [(r["photographs"], r["count"], r["images"]) for r in rows] == [
        ("0", 0, 6), ("2", 2, 6), ("all", 3, 6), ("alone", None, 6),
    ]  # fmt: skip
    folds = [read_dataset(Path(f"curve/folds/{fold}")) for fold in range(2)]
    assert all(sorted(len(part) for part in fold.splits.values()) == [3, 3] for fold in folds)
    settings = json.loads(Path("curve/runs/2/1/run.json").read_text())["settings"]
    assert (settings["steps"], settings["mixing"]["real_count"]) == (2, 2)
    assert settings["weights"] == "curve/renders/best.pt"
    with Image.open("curve/curve.png") as chart:
        assert chart.width > 400
    last = Path("curve/runs/all/0/last.pt")
    before = last.stat().st_mtime_ns
    program.does(*command)
    assert last.stat().st_mtime_ns == before
    for name in ("0", "2", "alone"):
        seen = json.loads(Path(f"curve/evaluations/{name}/scores.json").read_text())["seen"]
        assert seen == {"trained_on": 0, "chosen_by": 0}
    points = [f"curve/evaluations/{name}" for name in ("0", "2", "alone")]
    assert "more than curve/evaluations/0: paired" in program.does("compare", *points)


@pytest.mark.parametrize("counts", ["many", "0,9", "-1", "1.5"])
def test_a_count_that_cannot_be_trained_on_is_refused_with_what_can(program, places, counts):
    sentence = program.refuses("curve", *places, *SHORT, "--counts", counts)
    assert f"--counts {counts}: expected numbers from 0 to 3" in sentence


def test_a_curve_without_a_point_or_with_too_few_photographs_is_refused(program, places):
    assert program.refuses("curve", *places, *SHORT, "--counts", ",").startswith("--counts: expected numbers of")
    sentence = program.refuses("curve", *places, *SHORT, "--counts", "9", "--folds", "4")
    assert sentence == "photos: has 6 photographs; expected at least 8"


def test_renders_in_the_place_of_photographs_are_refused(program, places):
    sentence = program.refuses("curve", "photos", "renders", "-o", "curve", *SHORT)
    assert sentence == "renders: is of renders; name the renders first, then the photographs"


@pytest.mark.parametrize(
    ("use", "told"), [("real", "was trained on 6 of the 6"), ("validate", "was chosen by 6 of the 6"), ("", "")]
)
def test_a_run_that_has_seen_the_photographs_is_refused(program, places, use, told):
    uses = {"real": {"mixing": Mixing(real="photos", real_share=0.5)}, "validate": {"validate": "photos"}, "": {}}
    short = TrainSettings(weights="none", steps=1, batch=2, image_size=32, device="cpu")
    train(Path("renders"), Path("run"), replace(short, **uses[use]))
    command = ("curve", *places, "--run", "run", "--folds", "2", "--counts", "0", "--device", "cpu")
    if not use:
        assert "measured on 6 photographs, each by a detector that was not trained on it" in program.does(*command)
        return
    sentence = program.refuses(*command)
    assert sentence.startswith(f"--run run: {told} photographs in photos, which are to be judged by detectors that")


def test_photographs_of_other_classes_are_refused_before_anything_is_trained(program, places):
    Path("cats/images").mkdir(parents=True)
    Path("cats/labels").mkdir()
    for number in range(4):
        Image.new("RGB", (64, 48)).save(f"cats/images/{number}.png")
        Path(f"cats/labels/{number}.txt").write_text("0 0.5 0.5 0.4 0.4\n")
    Path("cats/data.yaml").write_text("names: [cat]\ntrain: images\n")
    sentence = program.refuses("curve", "renders", "cats", "-o", "curve", *SHORT, "--counts", "0")
    assert "cat" in sentence
    assert "ball" in sentence
