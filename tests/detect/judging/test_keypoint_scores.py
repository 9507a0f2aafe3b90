"""Figures of keypoints are pycocotools' own, each category by its own sigmas."""

import contextlib
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from cyclorama.core.errors import InputError
from cyclorama.core.skeleton import Skeleton
from cyclorama.detect.judging.folder import read_evaluation, write_evaluation
from cyclorama.detect.judging.keypoint_scores import keypoint_ap, keypoint_scores, similarity
from cyclorama.detect.judging.matching import match_classes
from cyclorama.detect.judging.scores import scores
from cyclorama.detect.results import Evaluation
from cyclorama.detect.shape_scores import KEYPOINT_FIGURES
from judged import NAMES, image_result, images, random_result

pytestmark = pytest.mark.train

SIDE = 96
HERE = (10, 10, 40, 30)
# A spoon has none; of the others each has its own number and sigmas.
SKELETONS = {
    "cup": Skeleton(("rim", "handle", "foot"), sigmas=(0.1, 0.15, 0.2)),
    "saucer": Skeleton(("left", "right"), sigmas=(0.08, 0.3)),
}
COUNTS = [len(SKELETONS[name]) if name in SKELETONS else 0 for name in NAMES]


def given_points(result, rng, *, noise=0.03):
    """With keypoints in all boxes: of objects some hidden, and some not labelled; of detections off by a little."""

    def within(boxes, classes, thirds):
        for box, c in zip(np.asarray(boxes, float), classes, strict=True):
            places = np.linspace(0.1, 0.9, COUNTS[c])[:, None] * [1, 0.7]
            yield np.column_stack([box[:2] + places * (box[2:] - box[:2]), thirds(COUNTS[c])])

    found = result.detections
    theirs = list(within(found.boxes, found.classes, lambda count: rng.uniform(0, 1, count)))
    for own, box in zip(theirs, found.boxes, strict=True):
        own[:, :2] += rng.normal(0, noise, (len(own), 2)) * (box[2:] - box[:2])
    mine = list(within(result.truth_boxes, result.truth_classes, lambda count: rng.choice([0, 1, 2, 2, 2], count)))
    for own in mine[:1]:
        own[:, 2] = 0
    areas = (result.truth_boxes[:, 2:] - result.truth_boxes[:, :2]).prod(axis=1) * rng.uniform(0.4, 0.9, len(mine))
    return replace(
        result,
        width=SIDE,
        height=SIDE,
        truth_areas_px=areas,
        truth_keypoints=tuple(mine),
        detections=replace(found, keypoints=tuple(theirs)),
    )


def told(results, *, confidence):
    return keypoint_scores(results, NAMES, SKELETONS, match_classes(results, len(NAMES)), confidence=confidence)


def judged(results, category):
    """pycocotools' COCOeval of one category's keypoints; written anew here, so that ours can't share its mistake."""
    truth, found = [], []
    for i, r in enumerate(results):
        for g in np.flatnonzero(r.truth_classes == category):
            (x0, y0, x1, y1), points = r.truth_boxes[g].tolist(), r.truth_keypoints[g]
            own = {"image_id": i + 1, "category_id": 1, "iscrowd": int(r.truth_ignored[g]), "id": len(truth) + 1}
            own |= {"area": float(r.truth_areas_px[g]), "bbox": [x0, y0, x1 - x0, y1 - y0]}
            truth.append(own | {"keypoints": points.ravel().tolist(), "num_keypoints": int((points[:, 2] > 0).sum())})
        for d in np.flatnonzero(r.detections.classes == category):
            own = {"image_id": i + 1, "category_id": 1, "score": float(r.detections.scores[d])}
            found.append(own | {"keypoints": r.detections.keypoints[d].ravel().tolist()})
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = {
            "images": [{"id": i + 1, "width": SIDE, "height": SIDE} for i in range(len(results))],
            "annotations": truth,
            "categories": [{"id": 1, "name": NAMES[category]}],
        }
        coco.createIndex()
        judge = COCOeval(coco, coco.loadRes(found), "keypoints")
        judge.params.kpt_oks_sigmas = np.array(SKELETONS[NAMES[category]].sigmas)
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return judge


@pytest.mark.parametrize("seed", range(4))
def test_figures_of_keypoints_are_the_means_of_pycocotools_over_categories(seed):
    """Crowds, hidden keypoints, and objects of which none is labelled included."""
    rng = np.random.default_rng(seed)
    results = [given_points(random_result(rng, objects=int(rng.integers(2, 9))), rng) for _ in range(12)]
    judges = [judged(results, c) for c in (0, 1)]
    own = told(results, confidence=0.3)
    expected = [np.mean([judge.stats[i] for judge in judges]) for i in (0, 1, 2, 5)]
    assert [getattr(own, name) for name in KEYPOINT_FIGURES] == pytest.approx(expected, abs=1e-9)
    assert 0.05 < own.ap < 0.95
    assert keypoint_ap(results, NAMES, SKELETONS) == own.ap
    for name, (low, high) in own.intervals.items():
        assert 0 <= low < getattr(own, name) < high <= 1
    other = {name: replace(skeleton, sigmas=()) for name, skeleton in SKELETONS.items()}
    assert keypoint_ap(results, NAMES, other) != pytest.approx(own.ap, abs=1e-3), "sigmas make no difference"


@settings(max_examples=20, deadline=None)
@given(images, st.integers(0, 2**32 - 1))
def test_similarity_is_pycocotools(result, seed):
    """Ties, and images with nothing on one side, included."""
    result = given_points(result, np.random.default_rng(seed))
    for c in (0, 1):
        found, objects = (np.flatnonzero(own == c) for own in (result.detections.classes, result.truth_classes))
        own = similarity(result, found, objects, sigmas=np.array(SKELETONS[NAMES[c]].sigmas))
        assert own.shape == (len(found), len(objects))
        if own.size:
            np.testing.assert_allclose(own, judged([result], c).computeOks(1, 1), rtol=1e-12)


def test_an_error_in_pixels_is_the_distance_that_was_put_in():
    rng = np.random.default_rng(3)
    results = []
    for _ in range(6):
        exact = given_points(random_result(rng, objects=1, spurious=0), rng)
        truth = tuple(np.column_stack([own[:, :2], np.full(len(own), 1)]) for own in exact.truth_keypoints)
        off = tuple(own + [3, 4, 0] for own in truth)
        found = replace(exact.detections, boxes=exact.truth_boxes, classes=exact.truth_classes, scores=[0.9],
                        keypoints=off) if len(exact.detections.boxes) else exact.detections  # fmt: skip
        results.append(replace(exact, truth_keypoints=truth, detections=found, truth_ignored=np.zeros(1, bool)))
    points = told(results, confidence=0.5).points
    assert {(p.category, p.name) for p in points} <= {(c, n) for c, own in SKELETONS.items() for n in own.names}
    assert points
    assert all(p.mean_px == pytest.approx(5, abs=1e-5) == p.median_px for p in points)
    assert not told(results, confidence=0.95).points


def test_without_keypoints_on_either_side_there_are_no_figures_of_them():
    rng = np.random.default_rng(0)
    whole = given_points(random_result(rng), rng)
    bare = replace(whole, truth_keypoints=None)
    boxes = replace(whole, detections=replace(whole.detections, keypoints=None))
    assert scores([whole], NAMES, kind="real", unscored=(), skeletons=SKELETONS).keypoints is not None
    assert scores([whole], NAMES, kind="real", unscored=()).keypoints is None
    for results in ([whole, bare], [whole, boxes]):
        assert scores(results, NAMES, kind="real", unscored=(), skeletons=SKELETONS).keypoints is None


def test_keypoints_are_written_and_read_back(tmp_path):
    rng = np.random.default_rng(2)
    results = tuple(given_points(random_result(rng), rng) for _ in range(3))
    # One image in which nothing is found.
    results = (*results, replace(results[0], detections=results[0].detections.chosen(np.array([], int))))
    measured = scores(results, NAMES, kind="real", unscored=(), skeletons=SKELETONS)
    write_evaluation(Evaluation("cups", NAMES, measured, results, skeletons=SKELETONS), tmp_path)
    back = read_evaluation(tmp_path)
    assert back.skeletons == SKELETONS
    assert back.scores.keypoints == measured.keypoints
    for one, other in zip(back.results, results, strict=True):
        for mine, theirs in ((one.truth_keypoints, other.truth_keypoints),
                             (one.detections.keypoints, other.detections.keypoints)):  # fmt: skip
            assert len(mine) == len(theirs)
            assert all(np.array_equal(a, b) for a, b in zip(mine, theirs, strict=True))
    again = scores(back.results, NAMES, kind="real", unscored=(), skeletons=back.skeletons)
    assert again.keypoints == measured.keypoints


@pytest.mark.parametrize(
    ("file", "drop", "said"),
    [
        ("detections.json", lambda found: found[0]["keypoints"], "detections.json: image 0"),
        ("truth.json", lambda truth: truth["images"][0]["keypoints"][0], "truth.json: image 0"),
    ],
    ids=["detection", "object"],
)
def test_another_number_of_keypoints_than_the_category_has_is_damage(file, drop, said, tmp_path):
    rng = np.random.default_rng(2)
    result = given_points(image_result([(HERE, 1, False)], [(HERE, 1, 0.9)]), rng)
    measured = scores([result], NAMES, kind="real", unscored=(), skeletons=SKELETONS)
    write_evaluation(Evaluation("cups", NAMES, measured, (result,), skeletons=SKELETONS), tmp_path)
    plain = json.loads((tmp_path / file).read_text())
    points = drop(plain)
    del points[len(points) // 2 :]
    (tmp_path / file).write_text(json.dumps(plain))
    with pytest.raises(InputError) as caught:
        read_evaluation(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: is damaged ({said}: 1 keypoints of an object; expected the 2 of its category); "
        "run 'cyclorama evaluate' again"
    )


def test_a_damaged_skeleton_of_an_evaluation_is_told_with_its_place(tmp_path):
    result = given_points(image_result([(HERE, 1, False)], []), np.random.default_rng(2))
    measured = scores([result], NAMES, kind="real", unscored=(), skeletons=SKELETONS)
    write_evaluation(Evaluation("cups", NAMES, measured, (result,), skeletons=SKELETONS), tmp_path)
    text = (tmp_path / "scores.json").read_text()
    (tmp_path / "scores.json").write_text(text.replace('"left"', '"right"'))
    with pytest.raises(InputError) as caught:
        read_evaluation(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: is damaged (keypoints: 'right' is named twice; expected names of their own); "
        "run 'cyclorama evaluate' again"
    )
