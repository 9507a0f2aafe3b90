"""Judging detectors, as a user does it."""

import json
import shutil

import pytest
from PIL import Image

pytestmark = pytest.mark.train


@pytest.fixture
def photos(program, renders):
    """The renders in COCO's layout, as photographs."""
    program.does("convert", renders, "--to", "coco", "-o", "photos")
    path = program.folder / "photos" / "annotations" / "instances_all.json"
    plain = json.loads(path.read_text())
    path.write_text(json.dumps({key: value for key, value in plain.items() if key != "info"}))
    return program.folder / "photos"


def test_a_photograph_of_many_megapixels_is_read_without_a_word(program, run, photos, monkeypatch):
    with Image.open(next(photos.rglob("*.png"))) as image:
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", image.width * image.height - 1)
    program.does("evaluate", run, photos, "-o", "evaluation", "--device", "cpu")


def test_photographs_without_an_object_have_no_score_and_it_is_said(program, run, photos):
    path = photos / "annotations" / "instances_all.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "annotations": []}))
    out = program.does("evaluate", run, photos, "-o", "evaluation", "--device", "cpu")
    assert "Nothing on these images is to be found, so there is no score" in out


def test_two_runs_are_compared_by_their_evaluations(program, run, photos):
    for name in ("a", "b"):
        shutil.copytree(run, program.folder / name)
        program.does("evaluate", name, photos, "--device", "cpu")
    out = program.does("compare", "a", "b")
    assert "more than a: paired" in out
    plain = json.loads((program.folder / "comparison" / "comparison.json").read_text())
    assert plain["names"] == ["a", "b"]
    assert plain["more"][0]["ap"] == [0, [0, 0]]
    assert (program.folder / "comparison" / "index.html").is_file()


def test_what_can_not_be_compared_is_said(program, run):
    assert program.refuses("compare", run) == f"{run}: is one evaluation; name two or more to compare"
    assert program.refuses("compare", run, run) == f"{run}: is named twice; name other evaluations"
    assert "holds no evaluation; 'cyclorama evaluate" in program.refuses("compare", run, "none")


def test_the_gap_is_named_on_a_page(program, run, renders, photos):
    out = program.does("gap", run, photos, renders, "-o", "gap", "--device", "cpu")
    assert "what differs most" in out
    assert "The detector was trained on these renders" in out
    for name in ("index.html", "gap.json", "photographs/index.html", "renders/index.html"):
        assert (program.folder / "gap" / name).is_file()
    assert "is of renders; name the photographs first" in program.refuses("gap", run, renders, photos, "-o", "other")
