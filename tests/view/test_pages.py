"""Pages and plots: one file each, and what they say is right."""

import io
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from cyclorama.core.detections import Detections
from cyclorama.dataset import read_dataset
from cyclorama.detect.judging.errors import KINDS
from cyclorama.detect.results import (
    Calibration,
    ClassScores,
    Curves,
    Errors,
    Evaluation,
    ImageResult,
    Latency,
    Scores,
    SubsetScores,
)
from cyclorama.view.demo_page import demo_page
from cyclorama.view.evaluation_page import FOUND, MISSED, WRONG, draw_verdict, evaluation_page, judge
from cyclorama.view.page import Section, picture, write_page
from cyclorama.view.plots import class_bars, training_curves
from stores import ball_store

CUP = [20, 30, 60, 70]
ELSEWHERE = [80, 30, 110, 70]


def scores(kind="real", names=("cup", "mug")):
    figures = {"ap": 0.4, "ap50": 0.6, "ap75": 0.3, "ar100": 0.5}
    intervals = {key: (value - 0.1, value + 0.1) for key, value in figures.items()}
    every = tuple(ClassScores(name, 1, 1, 0.4, 0.6, (0.2, 0.6), 0.5, 1.0, 0.5) for name in names)
    steps = (0.25, 0.5, 0.75)
    return Scores(
        kind, 2, 1, 2, **figures, intervals=intervals, classes=every, confidence=0.5,
        absent=("jug",), unscored=("pot",),
        sizes=(SubsetScores("small", 1, 0.2, 0.3, 0.5), SubsetScores("large", 0, 0, 0, 0)), visibilities=(),
        curves=Curves(dict.fromkeys(names, (0.5,) * 101), steps, steps, steps, steps),
        confusion=((1, 0, 0), (0, 0, 1), (1, 0, 0)),
        calibration=Calibration(0.2, (0, 0.5, 1), (1, 2), (0.3, 0.8), (0.0, 0.5)),
        errors=Errors(0.6, dict.fromkeys(KINDS, 1), {kind: 0.1 * i for i, kind in enumerate(KINDS)}),
    )  # fmt: skip


@pytest.fixture
def photograph(tmp_path):
    path = tmp_path / "photo <1>.png"
    Image.fromarray(np.full((90, 120, 3), 100, np.uint8)).save(path)
    return path


def result(path, truth, found, *, ignored=None, found_scores=None):
    found_scores = found_scores or [0.9] * len(found)
    detections = Detections(np.array(found).reshape(-1, 4), np.array(found_scores), np.zeros(len(found)))
    return ImageResult(
        id=path.stem,
        image=path,
        width=120,
        height=90,
        truth_boxes=np.array(truth, float).reshape(-1, 4),
        truth_classes=np.zeros(len(truth), int),
        truth_ignored=np.array(ignored or [False] * len(truth), bool),
        detections=detections,
    )


def evaluation(*results, kind="real"):
    latency = Latency("a chip", 7, (12.0, 14.0), (15.0, 19.5))
    return Evaluation("run on <photos>", ("cup", "mug"), scores(kind), results, latency)


def test_right_missed_and_wrong_are_told_apart(photograph):
    right = judge(result(photograph, [CUP], [CUP]), 0.5)
    assert (right.f1, right.mistakes) == (1.0, 0)
    missed = judge(result(photograph, [CUP], [CUP], found_scores=[0.4]), 0.5)
    assert (missed.f1, missed.mistakes) == (0.0, 1)
    twice = judge(result(photograph, [CUP], [CUP, CUP], found_scores=[0.9, 0.8]), 0.5)
    assert list(twice.is_right) == [True, False]
    assert judge(result(photograph, [], []), 0.5).f1 == 1.0


def test_an_ignored_object_is_neither_missed_nor_found_wrongly(photograph):
    assert judge(result(photograph, [CUP], [], ignored=[True]), 0.5).mistakes == 0
    assert judge(result(photograph, [CUP], [CUP, CUP], ignored=[True], found_scores=[0.9, 0.8]), 0.5).mistakes == 0


def test_a_verdict_has_its_colours(photograph):
    one = result(photograph, [CUP, [20, 5, 50, 20]], [CUP, ELSEWHERE])
    drawn = draw_verdict(judge(one, 0.5), one, ("cup", "mug"), 0.5)
    for color, (x, y) in ((FOUND, (20, 60)), (WRONG, (80, 60)), (MISSED, (20, 12))):
        assert tuple(drawn[y, x]) == color


def test_the_page_of_an_evaluation_is_one_file_that_loads_nothing(tmp_path, photograph):
    evaluation_page(evaluation(result(photograph, [CUP], [CUP]), result(photograph, [CUP], [])), tmp_path / "p.html")
    text = (tmp_path / "p.html").read_text("utf-8")
    assert re.findall(r'(?:src|href)="(?!data:)', text) == []
    assert "<script" not in text
    assert "photo &lt;1&gt;: 1 right, 0 missed, 0 wrong" in text
    assert "0.300 .. 0.500" in text
    assert "2 photographs, 2 objects" in text


def test_the_page_says_what_costs_most_what_is_background_and_how_long_it_takes(tmp_path, photograph):
    evaluation_page(evaluation(result(photograph, [CUP], [CUP])), tmp_path / "p.html")
    text = (tmp_path / "p.html").read_text("utf-8")
    for said in (
        "errors of kind &#39;missed&#39;: mending all 1 would win 0.500 of AP50",
        "1 of them have no annotation and count as background",
        "On none of the images, so in no figure: jug.",
        "the detector doesn&#39;t know them: pot.",
        "12.0 ms (90 % within 14.0) for an image, 15.0 ms (90 % within 19.5) with resizing; 7 images on a chip",
        "Expected calibration error 0.200",
    ):
        assert said in text
    for part in ("What goes wrong", "By category", "By size", "Over confidence", "What is taken for what"):
        assert f"<h2>{part}</h2>" in text
    assert "By visibility" not in text


def test_figures_of_masks_have_a_column_where_there_are_some(tmp_path, photograph):
    boxes = evaluation(result(photograph, [CUP], [CUP]))
    parts = {
        part: tuple(replace(s, mask_ap=0.321) for s in getattr(boxes.scores, part)) for part in ("classes", "sizes")
    }
    masks = replace(boxes, scores=replace(boxes.scores, **parts))
    for own, there in ((boxes, 0), (masks, 2)):
        evaluation_page(own, tmp_path / "p.html")
        text = (tmp_path / "p.html").read_text("utf-8")
        assert text.count("<th>AP of masks</th>") == there
        assert ("0.321" in text) == bool(there)


def test_the_worst_pictures_come_first(tmp_path, photograph):
    good, bad = result(photograph, [CUP], [CUP]), result(photograph, [CUP], [ELSEWHERE])
    evaluation_page(evaluation(good, bad), tmp_path / "p.html")
    captions = re.findall(r"<figcaption>.*?: (.*?)</figcaption>", (tmp_path / "p.html").read_text("utf-8"))
    assert captions == ["0 right, 1 missed, 1 wrong", "1 right, 0 missed, 0 wrong"]


def test_where_nothing_is_right_there_is_no_best(tmp_path, photograph):
    bad = result(photograph, [CUP], [ELSEWHERE])
    evaluation_page(evaluation(bad, bad, bad), tmp_path / "p.html")
    text = (tmp_path / "p.html").read_text("utf-8")
    assert "Where it did best" not in text
    assert text.count("<figcaption>") == 2
    assert "where the F1" not in text


def test_objects_that_count_neither_way_are_mentioned(tmp_path, photograph):
    evaluation_page(evaluation(result(photograph, [CUP], [], ignored=[True])), tmp_path / "p.html")
    assert "2 objects and 1 that count neither way." in (tmp_path / "p.html").read_text("utf-8")


def test_a_score_on_renders_says_so(tmp_path, photograph):
    evaluation_page(evaluation(result(photograph, [CUP], [CUP]), kind="synthetic"), tmp_path / "p.html")
    assert "says nothing about photographs" in (tmp_path / "p.html").read_text("utf-8")


def test_text_is_never_taken_for_html(tmp_path):
    write_page(tmp_path / "p.html", "<b>t</b>", [Section("<i>h</i>", ["<u>x</u>"], commands="a && b > c")])
    text = (tmp_path / "p.html").read_text("utf-8")
    assert not re.search(r"<[biu]>", text)
    assert "a &amp;&amp; b &gt; c" in text


def test_keys_of_recipes_are_code_wherever_a_paragraph_names_them(tmp_path):
    sections = [Section("A", ["raise `layout.count`, or <b> `a < b`"], note="see `camera.roll_deg`, not a lone `")]
    write_page(tmp_path / "p.html", "t", sections)
    page = (tmp_path / "p.html").read_text("utf-8")
    assert "<p>raise <code>layout.count</code>, or &lt;b&gt; <code>a &lt; b</code></p>" in page
    assert "see <code>camera.roll_deg</code>, not a lone `</p>" in page


def test_large_pictures_are_made_smaller_in_pages():
    shown = picture(np.zeros((100, 3000, 3), np.uint8), "wide")
    assert len(shown.source) < 20_000


def test_the_demo_report_has_every_part(tmp_path, photograph):
    ball_store(tmp_path / "d", count=3)
    demo_page(
        tmp_path / "report.html",
        models={"ball": np.zeros((40, 40, 3), np.uint8)},
        dataset=read_dataset(tmp_path / "d"),
        curves=tmp_path / "none.png",
        evaluation=evaluation(result(photograph, [CUP], [CUP]), kind="synthetic"),
    )
    text = (tmp_path / "report.html").read_text("utf-8")
    for part in ("1. 3D models", "3 renders", "Depth and normals", "Scores", "Where it did worst", "cyclorama init"):
        assert part in text


def size(png):
    return Image.open(io.BytesIO(png)).size


def test_curves_are_drawn_from_the_metrics(tmp_path):
    training_curves(tmp_path / "metrics.jsonl", tmp_path / "curves.png")
    assert not (tmp_path / "curves.png").exists()
    lines = [{"epoch": e, "step": e, "loss": 1 / e, "ap": 0.1 * e, "ap50": 0.2 * e} for e in (1, 2, 3)]
    (tmp_path / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    training_curves(tmp_path / "metrics.jsonl", tmp_path / "curves.png")
    boxes = (tmp_path / "curves.png").read_bytes()
    assert size(boxes)[0] > 500
    pointed = [line | {"ap_keypoints": 0.05 * line["epoch"]} for line in lines]
    (tmp_path / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in pointed))
    training_curves(tmp_path / "metrics.jsonl", tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes() != boxes


def test_bars_grow_with_the_number_of_classes():
    few, many = scores(), scores(names=[f"class {i}" for i in range(20)])
    assert size(class_bars(many))[1] > 2 * size(class_bars(few))[1]
