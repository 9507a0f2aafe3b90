"""Figures of masks are pycocotools' own, and boxes that are masks score as boxes do."""

import contextlib
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from cyclorama.core.detections import Detections
from cyclorama.core.plain import to_plain
from cyclorama.detect.judging.folder import read_evaluation, write_evaluation
from cyclorama.detect.judging.mask_scores import mask_overlap
from cyclorama.detect.judging.matching import match_class
from cyclorama.detect.judging.scores import coco_figures, scores
from cyclorama.detect.results import FIGURES, Evaluation
from cyclorama.label.objects.mask import decoded, encoded
from judged import NAMES, images, random_result

pytestmark = pytest.mark.train

SIDE = 96


def rectangle(box):
    """Whole pixels within a box."""
    x0, y0, x1, y1 = np.rint(box).astype(int)
    mask = np.zeros((SIDE, SIDE), bool)
    mask[y0:y1, x0:x1] = True
    return mask


def ellipse(box):
    """Pixels whose centre lies in the ellipse within a box."""
    (x0, y0, x1, y1), (y, x) = np.asarray(box, float), np.mgrid[:SIDE, :SIDE] + 0.5
    return ((x - (x0 + x1) / 2) / (x1 - x0)) ** 2 + ((y - (y0 + y1) / 2) / (y1 - y0)) ** 2 <= 0.25


def grown(box):
    """An ellipse that sticks out of the box."""
    x0, y0, x1, y1 = np.asarray(box, float)
    return ellipse([1.5 * x0 - 0.5 * x1, 1.5 * y0 - 0.5 * y1, 1.5 * x1 - 0.5 * x0, 1.5 * y1 - 0.5 * y0])


def outlined(result, shape):
    """With a mask of each box."""
    theirs, mine = (tuple(encoded(shape(b)) for b in r) for r in (result.detections.boxes, result.truth_boxes))
    found = result.detections
    detections = Detections(found.boxes, found.scores, found.classes, theirs)
    return replace(result, width=SIDE, height=SIDE, detections=detections, truth_masks=mine)


def as_json(value):
    """As it is read back from JSON."""
    return json.loads(json.dumps(to_plain(value)))


def judged(results):
    """pycocotools' COCOeval of masks, accumulated; written anew here, so that ours can't share its mistake."""
    truth, found = [], []
    for i, r in enumerate(results):
        for mask, c, crowd in zip(r.truth_masks, r.truth_classes, r.truth_ignored, strict=True):
            own = {"image_id": i + 1, "category_id": int(c) + 1, "iscrowd": int(crowd), "segmentation": dict(mask)}
            truth.append(own | {"id": len(truth) + 1, "area": int(decoded(mask).sum()), "bbox": [0, 0, 1, 1]})
        for mask, c, score in zip(r.detections.masks, r.detections.classes, r.detections.scores, strict=True):
            own = {"image_id": i + 1, "category_id": int(c) + 1, "score": float(score), "segmentation": dict(mask)}
            found.append(own)
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = {
            "images": [{"id": i + 1, "width": SIDE, "height": SIDE} for i in range(len(results))],
            "annotations": truth,
            "categories": [{"id": i + 1, "name": name} for i, name in enumerate(NAMES)],
        }
        coco.createIndex()
        judge = COCOeval(coco, coco.loadRes(found), "segm")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return judge


@pytest.mark.parametrize("seed", range(4))
def test_figures_of_masks_are_pycocotools(seed):
    """Crowds and masks that run over the border included."""
    rng = np.random.default_rng(seed)
    results = [outlined(random_result(rng, objects=int(rng.integers(1, 6))), ellipse) for _ in range(12)]
    judge, own = judged(results), scores(results, NAMES, kind="real", unscored=()).masks
    assert [getattr(own, name) for name in FIGURES] == pytest.approx([judge.stats[i] for i in (0, 1, 2, 8)], abs=1e-9)
    for c in range(len(NAMES)):
        expected = judge.eval["precision"][:, :, c, 0, 2].mean(axis=1)
        matches = match_class(results, c, overlap=mask_overlap)
        np.testing.assert_allclose(matches.average_precision(), expected, rtol=0, atol=1e-9)
    for name, (low, high) in own.intervals.items():
        assert 0 <= low < getattr(own, name) < high <= 1
    assert own.ap != pytest.approx(coco_figures(results, NAMES)["ap"], abs=1e-3), "boxes stand in for masks"


@pytest.mark.parametrize("seed", range(2))
def test_figures_of_masks_of_each_category_and_size_are_pycocotools(seed):
    """Of small and medium masks, in boxes of twice their area."""
    rng, results = np.random.default_rng(seed), []
    for _ in range(12):
        one = outlined(random_result(rng, objects=int(rng.integers(1, 6))), grown)
        results.append(replace(one, truth_areas_px=np.array([float(decoded(mask).sum()) for mask in one.truth_masks])))
    judge, own = judged(results), scores(results, NAMES, kind="real", unscored=())
    assert [s.mask_ap for s in own.sizes[:2]] == pytest.approx(judge.stats[3:5], abs=1e-9)
    assert own.sizes[2].mask_ap is None
    expected = [judge.eval["precision"][:, :, c, 0, 2].mean() for c in range(len(NAMES))]
    assert [c.mask_ap for c in own.classes] == pytest.approx(expected, abs=1e-9)


@settings(max_examples=10, deadline=None)
@given(st.lists(images, min_size=1, max_size=3))
def test_masks_that_fill_their_boxes_score_as_the_boxes(results):
    """Ties, no detections and classes without truth included."""
    measured = scores([outlined(r, rectangle) for r in results], NAMES, kind="real", unscored=())
    for name in FIGURES:
        assert getattr(measured.masks, name) == pytest.approx(getattr(measured, name), abs=1e-9)
        assert measured.masks.intervals[name] == pytest.approx(measured.intervals[name], abs=1e-9)


def test_without_all_masks_there_are_no_figures_of_masks():
    whole = outlined(random_result(np.random.default_rng(0)), ellipse)
    bare = replace(whole, truth_masks=None)
    boxes = replace(whole, detections=replace(whole.detections, masks=None))
    assert scores([whole], NAMES, kind="real", unscored=()).masks is not None
    for results in ([whole, bare], [whole, boxes]):
        assert scores(results, NAMES, kind="real", unscored=()).masks is None


def test_masks_are_written_and_read_back(tmp_path):
    rng = np.random.default_rng(2)
    results = tuple(outlined(random_result(rng), ellipse) for _ in range(3))
    bare = tuple(replace(r, truth_masks=None, detections=replace(r.detections, masks=None)) for r in results)
    for own in (results, bare):
        measured = scores(own, NAMES, kind="real", unscored=())
        write_evaluation(Evaluation("balls", NAMES, measured, own), tmp_path)
        back = read_evaluation(tmp_path)
        assert json.loads((tmp_path / "scores.json").read_text())["masks"] == as_json(measured.masks)
        assert as_json(back.scores.masks) == as_json(measured.masks)
        assert [r.truth_masks for r in back.results] == [r.truth_masks for r in own]
        assert [r.detections.masks for r in back.results] == [r.detections.masks for r in own]
        assert back.results[0].image == Path("0.png").resolve()
