"""The demo: the whole way, short."""

import json

import pytest

pytestmark = [pytest.mark.blender, pytest.mark.train, pytest.mark.slow]


def costly(folder):
    """When each render and checkpoint was written."""
    paths = [p for p in folder.rglob("*") if p.is_file() and p.suffix in (".jpg", ".json", ".pt")]
    return {p: p.stat().st_mtime_ns for p in paths if p.parent.name != "evaluation"}


def test_the_demo_goes_the_whole_way_and_does_nothing_twice(program):
    demo = ("demo", "-o", "demo", "-n", 20, "--epochs", 1, "--weights", "none", "--workers", 1, "--device", "cpu")
    first = program(*demo)
    assert (first.code, first.err) == (0, "")
    folder = program.folder / "demo"
    assert len(list((folder / "renders" / "images").rglob("*.jpg"))) == 20
    assert len((folder / "run" / "metrics.jsonl").read_text().splitlines()) == 1
    scores = json.loads((folder / "evaluation" / "scores.json").read_text())
    assert (scores["kind"], scores["images"]) == ("synthetic", 4)
    report = (folder / "report.html").read_text("utf-8")
    assert report.count("<figure>") > 15
    assert "says nothing about photographs" in report

    before = costly(folder)
    second = program(*demo)
    assert second.code == 0
    assert "0 new images, 20 there before" in second.out
    assert costly(folder) == before
