"""Our figures are those of pycocotools and of faster-coco-eval; intervals and confidence keep their laws."""

import contextlib
import io
from dataclasses import replace

import faster_coco_eval
import numpy as np
import pycocotools.coco
import pycocotools.cocoeval
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cyclorama.core.detections import Detections
from cyclorama.detect.judging.bootstrap import intervals, resample
from cyclorama.detect.judging.confidence import best_confidence
from cyclorama.detect.judging.matching import MOST_DETECTIONS, match_class
from cyclorama.detect.judging.scores import ap_difference, coco_figures, renumbered, scores
from cyclorama.detect.judging.subsets import by_size
from cyclorama.detect.results import ImageResult
from judged import NAMES, image_result, images, random_result

pytestmark = pytest.mark.train

FIGURES = ("ap", "ap50", "ap75", "ar100")
EVALUATORS = {
    "pycocotools": (pycocotools.coco.COCO, pycocotools.cocoeval.COCOeval),
    "faster_coco_eval": (faster_coco_eval.COCO, faster_coco_eval.COCOeval_faster),
}


def judged(evaluator, results):
    """An outside evaluator's COCOeval, accumulated; written anew here, so that ours can't share its mistake."""
    coco_kind, eval_kind = EVALUATORS[evaluator]
    truth, detections = [], []
    for i, r in enumerate(results):
        for (x0, y0, x1, y1), c, crowd in zip(r.truth_boxes.tolist(), r.truth_classes, r.truth_ignored, strict=True):
            box = {"image_id": i + 1, "category_id": int(c) + 1, "bbox": [x0, y0, x1 - x0, y1 - y0]}
            truth.append(box | {"id": len(truth) + 1, "area": (x1 - x0) * (y1 - y0), "iscrowd": int(crowd)})
        d = r.detections
        for (x0, y0, x1, y1), c, score in zip(d.boxes.tolist(), d.classes, d.scores, strict=True):
            box = {"image_id": i + 1, "category_id": int(c) + 1, "bbox": [x0, y0, x1 - x0, y1 - y0]}
            detections.append(box | {"score": float(score)})
    with contextlib.redirect_stdout(io.StringIO()):
        coco = coco_kind()
        coco.dataset = {
            "images": [{"id": i + 1, "width": 99, "height": 99} for i in range(len(results))],
            "annotations": truth,
            "categories": [{"id": i + 1, "name": name} for i, name in enumerate(NAMES)],
        }
        coco.createIndex()
        # Neither can load an empty list of results.
        judge = eval_kind(coco, coco.loadRes(detections) if detections else coco_kind(), "bbox")
        if not detections:
            judge.params.catIds = [i + 1 for i in range(len(NAMES))]
            judge.params.imgIds = [i + 1 for i in range(len(results))]
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return judge


@pytest.mark.parametrize("evaluator", EVALUATORS)
@settings(max_examples=80, deadline=None)
@given(results=st.lists(images, min_size=1, max_size=4))
def test_precision_and_recall_of_each_class_are_an_outside_evaluators(evaluator, results):
    """Crowds, ties of scores and overlaps, empty images, classes without truth and no detections at all included."""
    judge = judged(evaluator, results)
    for c in range(len(NAMES)):
        matches = match_class(results, c)
        if not matches.truth_per_image.sum():
            assert (judge.eval["precision"][:, :, c, 0, 2] == -1).all()
            continue
        ones = np.ones(len(results))
        expected = judge.eval["precision"][:, :, c, 0, 2].mean(axis=1)
        np.testing.assert_allclose(matches.average_precision(ones), expected, rtol=0, atol=1e-9)
        np.testing.assert_allclose(matches.average_precision(), expected, rtol=0, atol=1e-9)
        assert matches.recall(ones) == pytest.approx(judge.eval["recall"][:, c, 0, 2].mean(), abs=1e-9)


@pytest.mark.parametrize("evaluator", EVALUATORS)
@pytest.mark.parametrize("seed", range(6))
def test_figures_over_all_classes_are_an_outside_evaluators(evaluator, seed):
    rng = np.random.default_rng(seed)
    results = [random_result(rng, objects=int(rng.integers(0, 6))) for _ in range(12)]
    own, stats = coco_figures(results, NAMES), judged(evaluator, results).stats
    assert [own[name] for name in FIGURES] == pytest.approx([stats[i] for i in (0, 1, 2, 8)], abs=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_figures_by_size_are_pycocotools(seed):
    """Crowds, ignored sizes, false detections of another size, and more than a hundred detections of a class."""
    rng = np.random.default_rng(seed)
    results = [enlarged(random_result(rng, objects=6, spurious=int(rng.choice([3, 400]))), rng) for _ in range(8)]
    assert max(len(r.detections.boxes) for r in results) > MOST_DETECTIONS * len(NAMES)
    own = by_size(results, len(NAMES), 0.5)
    stats = judged("pycocotools", results).stats
    assert [s.ap for s in own] == pytest.approx([max(0, stats[i]) for i in (3, 4, 5)], abs=1e-9)
    assert sum(s.objects > 0 for s in own) >= 2


def enlarged(result, rng):
    """Sizes from a few pixels to more than a hundred."""
    factor = rng.choice([1, 3, 6])
    d = result.detections
    return replace(
        result,
        truth_boxes=result.truth_boxes * factor,
        detections=Detections(d.boxes * np.float32(factor), d.scores, d.classes),
    )


def test_detections_beyond_the_hundredth_of_a_class_are_left_out_as_pycocotools_does():
    rng = np.random.default_rng(0)
    places = [((2.0 * i, 0.0, 2.0, 2.0), 0) for i in range(2 * MOST_DETECTIONS)]
    results = [
        image_result(
            [(box, c, False) for box, c in places], [(box, c, s) for (box, c), s in zip(places, certain, strict=True)]
        )
        for certain in rng.uniform(0.1, 1, (2, len(places)))
    ]
    judge = judged("pycocotools", results)
    matches = match_class(results, 0)
    assert matches.recall(np.ones(2)) == pytest.approx(judge.stats[8], abs=1e-9) == 0.5
    assert matches.average_precision().mean() == pytest.approx(judge.stats[0], abs=1e-9)


def test_an_image_weighted_twice_is_an_image_that_is_there_twice():
    rng = np.random.default_rng(3)
    results = [random_result(rng) for _ in range(8)]
    weights = rng.integers(0, 4, len(results))
    repeated = [r for r, n in zip(results, weights, strict=True) for _ in range(n)]
    for c in range(len(NAMES)):
        ours, theirs = match_class(results, c), match_class(repeated, c)
        ones = np.ones(len(repeated))
        np.testing.assert_allclose(ours.average_precision(weights), theirs.average_precision(ones), atol=1e-12)
        assert ours.recall(weights) == pytest.approx(theirs.recall(ones), abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_the_figure_lies_in_its_interval_which_shrinks_with_the_root_of_the_number_of_images(seed):
    rng = np.random.default_rng(seed)
    few = [random_result(rng) for _ in range(15)]
    many = few * 9
    for results, widths in ((few, few_widths := {}), (many, many_widths := {})):
        figures = coco_figures(results, NAMES)
        matches = [match_class(results, c) for c in range(len(NAMES))]
        for name, (low, high) in intervals(resample(matches, len(results))).items():
            assert 0 <= low <= figures[name] <= high <= 1
            widths[name] = high - low
    assert set(few_widths) == set(FIGURES)
    for name in FIGURES:
        assert few_widths[name] / many_widths[name] == pytest.approx(3, rel=0.2)


def test_the_interval_of_one_image_is_its_figure():
    results = [random_result(np.random.default_rng(1))]
    measured = scores(results, NAMES, kind="real", unscored=())
    for name, (low, high) in measured.intervals.items():
        assert low == pytest.approx(getattr(measured, name), abs=1e-9) == high


def test_the_interval_of_a_few_images_holds_the_figure_of_many(monkeypatch):
    monkeypatch.setattr("cyclorama.detect.judging.bootstrap.RESAMPLINGS", 100)
    rng = np.random.default_rng(4)
    population = [random_result(rng, objects=2, spurious=6) for _ in range(300)]
    truth = coco_figures(population, NAMES)["ap"]
    held = 0
    for _ in range(25):
        few = [population[i] for i in rng.permutation(300)[:20]]
        low, high = intervals(resample([match_class(few, c) for c in range(len(NAMES))], len(few)))["ap"]
        held += low <= truth <= high
    assert held >= 22


HIT_AMONG_EQUALS = image_result(
    [((0, 0, 4, 4), 0, False), ((20, 0, 4, 4), 0, False)],
    [((0, 0, 4, 4), 0, 0.5), *[((10, 10, 4, 4), 0, 0.5)] * 3, ((20, 0, 4, 4), 0, 0.25)],
)


@settings(max_examples=80, deadline=None)
@example([HIT_AMONG_EQUALS])
@given(st.lists(images, min_size=1, max_size=3))
def test_the_best_confidence_reaches_the_best_f1_of_all_confidences(results):
    """F1 by brute force: detections below each score in turn are dropped and all is matched anew."""
    matches = [m for m in (match_class(results, c) for c in range(len(NAMES))) if m.truth_per_image.sum()]
    everything = sorted({float(s) for m in matches for s in m.scores})
    reached = {s: f1_from(results, s) for s in everything}
    own = best_confidence(matches).confidence
    if max(reached.values(), default=0) > 0:
        assert f1_from(results, own) == pytest.approx(max(reached.values()), abs=1e-12)
    else:
        assert own == 0.5


def f1_from(results, confidence):
    hits = wrong = truths = 0
    for c in range(len(NAMES)):
        m = match_class([above(r, confidence) for r in results], c)
        if m.truth_per_image.sum():
            truths += m.truth_per_image.sum()
            hits += m.is_match[0].sum()
            wrong += (~m.is_match[0] & ~m.is_ignored[0]).sum()
    return 2 * hits / (hits + wrong + truths) if truths else 0.0


def above(result, confidence):
    d = result.detections
    kept = d.scores >= confidence
    detections = Detections(d.boxes[kept], d.scores[kept], d.classes[kept])
    return ImageResult(**{**vars(result), "detections": detections})


def test_scores_tell_what_was_counted():
    results = [
        image_result([((0, 0, 8, 8), 0, False), ((20, 0, 8, 8), 1, True)], [((0, 0, 8, 8), 0, 0.5)]),
        image_result([], [((0, 0, 4, 4), 2, 0.25)]),
    ]
    measured = scores(results, NAMES, kind="real", unscored=("fork",))
    assert (measured.kind, measured.images, measured.boxes, measured.unscored) == ("real", 2, 1, ("fork",))
    assert [(c.name, c.objects, c.images, c.ap) for c in measured.classes] == [("cup", 1, 1, pytest.approx(1))]
    assert (measured.absent, measured.background) == (("saucer", "spoon"), 1)
    assert (measured.ap, measured.ar100, measured.confidence) == (pytest.approx(1), pytest.approx(1), 0.5)


@pytest.mark.parametrize(
    ("truth", "detections"),
    [
        ([((0, 0, 8, 8), 0, False)], []),
        ([], [((0, 0, 8, 8), 0, 0.5)]),
        ([((0, 0, 8, 8), 0, True)], [((0, 0, 8, 8), 0, 0.5)]),
        ([], []),
    ],
    ids=["nothing found", "nothing there", "only ignored", "neither"],
)
def test_where_nothing_can_be_right_all_figures_are_zero(truth, detections):
    measured = scores([image_result(truth, detections)] * 3, NAMES, kind="real", unscored=())
    assert [getattr(measured, name) for name in FIGURES] == [0, 0, 0, 0]
    assert set(measured.intervals.values()) == {(0.0, 0.0)}


def test_categories_meet_by_name_whatever_their_case_and_order():
    names = {"CUP ": "CUP ", "mug": "Cup", "Spoon": "Spoon", "fork": "fork"}
    assert renumbered(("spoon", "cup"), names) == {"CUP ": 1, "mug": 1, "Spoon": 0}
    assert renumbered(("Straße",), {"STRASSE": "STRASSE"}) == {"STRASSE": 0}


def test_a_difference_of_two_runs_is_that_of_their_ap_and_surer_than_either():
    """The same images are hard for both, so that what they have in common cancels out."""
    rng = np.random.default_rng(5)
    better = [random_result(rng) for _ in range(40)]
    worse = [replace(r, detections=without_first(r.detections)) for r in better]
    figure, (low, high) = ap_difference([better], [worse], len(NAMES))
    mine, theirs = (scores(r, NAMES, kind="real", unscored=()) for r in (better, worse))
    assert figure == pytest.approx(mine.ap - theirs.ap, abs=1e-6)
    assert 0 < low < figure < high
    assert high - low < np.ptp(mine.intervals["ap"])
    backwards, (negative, positive) = ap_difference([worse], [better], len(NAMES))
    assert (backwards, negative, positive) == pytest.approx((-figure, -high, -low))
    assert ap_difference([better], [better], len(NAMES)) == (0, (0, 0))


def without_first(found):
    return Detections(found.boxes[1:], found.scores[1:], found.classes[1:])
