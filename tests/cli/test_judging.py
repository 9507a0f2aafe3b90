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


def test_photographs_that_the_detector_was_trained_on_are_told_wherever_they_lie(program, run, photos):
    out = program.does("evaluate", run, photos, "-o", "evaluation", "--device", "cpu")
    told = "The detector was trained on these images, which flatters it"
    assert told in out
    assert told in (program.folder / "evaluation" / "index.html").read_text("utf-8")
    scores = json.loads((program.folder / "evaluation" / "scores.json").read_text())
    assert scores["seen"] == {"trained_on": 6, "chosen_by": 0}
    for picture in photos.rglob("*.png"):
        with Image.open(picture) as image:
            other = image.rotate(180)
        picture.unlink()  # It is a second name of the render's file.
        other.save(picture)
    assert "trained on" not in program.does("evaluate", run, photos, "-o", "others", "--device", "cpu")
    assert json.loads((program.folder / "others" / "scores.json").read_text())["seen"]["trained_on"] == 0
    assert "trained on" not in (program.folder / "others" / "index.html").read_text("utf-8")


def test_a_run_that_does_not_tell_what_it_has_seen_is_not_praised(program, run, photos):
    shutil.copytree(run, program.folder / "early")
    (program.folder / "early" / "seen.json").unlink()
    out = program.does("evaluate", "early", photos, "-o", "evaluation", "--device", "cpu")
    assert "It isn't known whether the detector was trained on these images" in out


def test_two_runs_are_compared_by_their_evaluations(program, run, photos):
    for name in ("a", "b"):
        shutil.copytree(run, program.folder / name)
        program.does("evaluate", name, photos, "--device", "cpu")
    out = program.does("compare", "a", "b")
    assert "more than a: paired" in out
    plain = json.loads((program.folder / "comparison" / "comparison.json").read_text())
    assert plain["names"] == ["a", "b"]
    assert plain["more"][0]["ap"] == [0, [0, 0]]
    assert plain["seen"] == [{"trained_on": 6, "chosen_by": 0}] * 2
    page = (program.folder / "comparison" / "index.html").read_text("utf-8")
    for name in ("a", "b"):
        assert f"{name}: The detector was trained on these images" in out
        assert f"{name}: The detector was trained on these images" in page


def test_what_can_not_be_compared_is_said(program, run):
    assert program.refuses("compare", run) == f"{run}: is one evaluation; name two or more to compare"
    assert program.refuses("compare", run, run) == f"{run}: is named twice; name other evaluations"
    assert "holds no evaluation; 'cyclorama evaluate" in program.refuses("compare", run, "none")


def test_the_gap_is_named_on_a_page(program, run, renders, photos):
    out = program.does("gap", run, photos, renders, "-o", "gap", "--device", "cpu")
    assert "what differs most" in out
    assert "The detector was trained on these renders" in out
    told = "Photographs: The detector was trained on these images"
    assert told in out
    assert told in (program.folder / "gap" / "index.html").read_text("utf-8")
    for name in ("index.html", "gap.json", "photographs/index.html", "renders/index.html"):
        assert (program.folder / "gap" / name).is_file()
    assert "is of renders; name the photographs first" in program.refuses("gap", run, renders, photos, "-o", "other")
