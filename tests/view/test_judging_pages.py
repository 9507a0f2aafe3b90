"""Pages of a comparison and of a gap are one file each, and show the pictures that tell most."""

import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from cyclorama.cli.tables import score_table
from cyclorama.core.detections import Detections
from cyclorama.core.skeleton import Skeleton
from cyclorama.detect.judging.comparison import compare
from cyclorama.detect.judging.gap.report import Measured, gap
from cyclorama.detect.judging.scores import scores
from cyclorama.detect.results import Evaluation, Seen
from cyclorama.view.comparison_page import comparison_page
from cyclorama.view.evaluation_page import evaluation_page
from cyclorama.view.gap_page import gap_page
from cyclorama.view.judging_plots import drawn_precision
from judged import NAMES, random_result

NOTHING = Detections(np.zeros((0, 4)), np.zeros(0), np.zeros(0, int))


def evaluation(results, kind="real", features=None):
    measured = scores(results, NAMES, kind=kind, unscored=())
    return Evaluation("a run on photos", NAMES, measured, tuple(results), features=features)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Twelve results with their pictures."""
    folder, rng = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    found = []
    for i in range(12):
        Image.fromarray(rng.integers(0, 255, (100, 100, 3)).astype(np.uint8)).save(folder / f"{i}.png")
        found.append(replace(random_result(rng), id=f"photo {i}", image=folder / f"{i}.png", width=100, height=100))
    return found


def test_a_comparison_shows_the_photographs_that_differ(results, tmp_path):
    blind = [replace(r, detections=NOTHING) if i in (3, 5) else r for i, r in enumerate(results)]
    comparison_page(compare({"runs/<a>": evaluation(results), "b": evaluation(blind)}), tmp_path / "p.html")
    text = (tmp_path / "p.html").read_text("utf-8")
    captions = re.findall(r"<figcaption>(.*?):", text)
    assert sorted(captions)[:2] == ["photo 3", "photo 5"]
    assert "runs/&lt;a&gt;" in text
    assert re.findall(r'(?:src|href)="(?!data:)', text) == []


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (Seen(), ""),
        (Seen(trained_on=12), "The detector was trained on these images, which"),
        (Seen(trained_on=5, chosen_by=1), "trained on 5 of these 12 images and chosen by 1 of these 12 images, which"),
        (None, "It isn&#39;t known whether"),
    ],
)
def test_a_page_tells_what_of_its_images_the_detector_has_seen(results, tmp_path, seen, told):
    evaluation_page(replace(evaluation(results), seen=seen), tmp_path / "p.html")
    (noted,) = re.findall(r'<p class="note">(.*?)</p>', (tmp_path / "p.html").read_text("utf-8")) or [""]
    assert noted.startswith(told) if seen is None else told in noted
    assert bool(noted) == (seen != Seen())


def test_photographs_that_are_gone_are_mentioned(results, tmp_path):
    lost = [replace(r, image=tmp_path / "gone.png") if i == 3 else r for i, r in enumerate(results)]
    blind = [replace(r, detections=NOTHING) if i in (3, 5) else r for i, r in enumerate(lost)]
    comparison_page(compare({"a": evaluation(lost), "b": evaluation(blind)}), tmp_path / "p.html")
    assert "1 of them can&#39;t be read any more" in (tmp_path / "p.html").read_text("utf-8")


def test_an_evaluation_of_keypoints_tells_their_figures_and_how_far_each_is_off(results, tmp_path, capsys):
    def pointed(result):
        """A cup's rim at the box's upper left corner, found three pixels to the right."""
        mine, theirs = (
            tuple(np.array([[*box[:2], 2]] if c == 0 else np.zeros((0, 3))) for box, c in zip(boxes, own, strict=True))
            for boxes, own in (
                (result.truth_boxes, result.truth_classes),
                (result.detections.boxes, result.detections.classes),
            )
        )
        found = replace(result.detections, keypoints=tuple(own + [3, 0, 0] for own in theirs))
        return replace(result, truth_keypoints=mine, detections=found)

    skeletons = {"cup": Skeleton(("rim",), sigmas=(0.2,))}
    cups = tuple(pointed(result) for result in results)
    measured = scores(cups, NAMES, kind="real", unscored=(), skeletons=skeletons)
    whole = Evaluation("cups", NAMES, measured, cups, skeletons=skeletons)
    evaluation_page(whole, tmp_path / "p.html")
    page = (tmp_path / "p.html").read_text("utf-8")
    assert f"{measured.keypoints.ap75:.3f}" in page.partition("AP75 of keypoints")[2][:200]
    (rim,) = measured.keypoints.points
    assert 2 < rim.mean_px < 6
    assert f"{rim.mean_px:.1f}" in page.partition("By keypoint")[2].partition("rim")[2][:200]
    score_table(whole)
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "rim off by" in line]
    assert f"{rim.mean_px:.1f} px" in line
    bare = evaluation(results)
    evaluation_page(bare, tmp_path / "p.html")
    assert "keypoint" not in (tmp_path / "p.html").read_text("utf-8")


def without(result, gone):
    """Fewer objects."""
    parts = {name: getattr(result, name)[~gone] for name in ("truth_boxes", "truth_classes", "truth_ignored")}
    return replace(result, **parts)


def set_of(results, kind, rng, shift):
    pixels = tuple({"brightness": float(rng.normal(shift, 1)), "noise": 1.0} for _ in results)
    return Measured(evaluation(results, kind, rng.normal(shift, 1, (len(results), 6))), pixels)


def test_a_gap_names_what_differs_and_shows_the_farthest(results, tmp_path):
    rng = np.random.default_rng(1)
    found = gap(set_of(results, "real", rng, 4), set_of(results, "synthetic", rng, 0))
    gap_page(found, tmp_path / "p.html", note="Trained on these.")
    text = (tmp_path / "p.html").read_text("utf-8")
    assert "Images are brighter on photographs" in text
    assert "sensor.exposure_ev" in text
    assert "Trained on these." in text
    captions = re.findall(r"<figcaption>(photo \d+) and render", text)
    assert captions == [results[i].id for i in np.argsort(-found.features.farness)[:8]]
    assert re.findall(r'(?:src|href)="(?!data:)', text) == []


def test_a_gap_tells_which_categories_its_differences_are_over_where_one_is_missing(results, tmp_path):
    rng, every = np.random.default_rng(1), results[:6]
    renders, said = set_of(every, "synthetic", rng, 0), {}
    for name, photographs in (("some", [without(r, r.truth_classes == 0) for r in every]), ("all", every)):
        gap_page(gap(set_of(photographs, "real", rng, 0), renders), tmp_path / name)
        said[name] = "over the categories that are on both: saucer, spoon." in (tmp_path / name).read_text("utf-8")
    assert said == {"some": True, "all": False}


def test_where_nothing_is_found_nothing_is_said_of_its_scores(results, tmp_path):
    evaluation_page(evaluation([replace(r, detections=NOTHING) for r in results]), tmp_path / "p.html")
    text = (tmp_path / "p.html").read_text("utf-8")
    assert "Nothing was found with a score of .05 or more." in text
    assert "surer than it says" not in text


def test_one_photograph_is_no_photographs(results, tmp_path, capsys):
    lone = without(results[0], np.arange(len(results[0].truth_boxes)) > 0)
    for kind, said in (("real", "1 photograph, 1 object"), ("synthetic", "1 RENDERED image, 1 object: says nothing")):
        score_table(evaluation([lone], kind))
        assert said in capsys.readouterr().out
    evaluation_page(evaluation([lone]), tmp_path / "p.html")
    assert "1 photograph, 1 object." in (tmp_path / "p.html").read_text("utf-8")


def test_the_line_of_precision_ends_with_the_surest_detection(results):
    unsure = [replace(r, detections=replace(r.detections, scores=r.detections.scores / 2)) for r in results]
    curves = evaluation(unsure).scores.curves
    detected = np.array(curves.confidences) <= max(r.detections.scores.max() for r in unsure)
    assert 0 < detected.sum() < len(detected)
    np.testing.assert_array_equal(np.isnan(drawn_precision(curves)), ~detected)
    np.testing.assert_array_equal(drawn_precision(curves)[detected], np.array(curves.precision)[detected])


def test_a_gap_without_features_or_without_a_category_on_both_says_so(results, tmp_path):
    rng = np.random.default_rng(2)
    empty = np.zeros(0)
    bare = [
        replace(r, truth_boxes=empty.reshape(0, 4), truth_classes=empty.astype(int), truth_ignored=empty.astype(bool))
        for r in results
    ]
    photographs = set_of(bare, "real", rng, 0)
    photographs = replace(photographs, evaluation=replace(photographs.evaluation, features=None))
    gap_page(gap(photographs, set_of(results, "synthetic", rng, 0)), tmp_path / "p.html")
    text = (tmp_path / "p.html").read_text("utf-8")
    assert "No category is on both" in text
    assert "12 photographs have no annotation and count as background" in text
    assert "The detector has no backbone" in text
