"""Evaluations are compared on the same images only, category by category, whatever their order."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cyclorama.core.detections import Detections
from cyclorama.core.errors import InputError
from cyclorama.core.skeleton import Skeleton
from cyclorama.detect.judging.comparison import compare, is_sure
from cyclorama.detect.judging.folder import evaluation_folders, read_evaluation, write_evaluation
from cyclorama.detect.judging.scores import ap_difference, scores
from cyclorama.detect.results import FIGURES, Evaluation
from judged import NAMES, random_result


def evaluation(results, names=NAMES):
    return Evaluation("a run on photos", names, scores(results, names, kind="real", unscored=()), tuple(results))


def without_first(result):
    d = result.detections
    return replace(result, detections=Detections(d.boxes[1:], d.scores[1:], d.classes[1:]))


@pytest.fixture(scope="module")
def better():
    rng = np.random.default_rng(5)
    return evaluation([replace(random_result(rng), id=str(i)) for i in range(30)])


@pytest.fixture(scope="module")
def worse(better):
    return evaluation([without_first(r) for r in better.results])


def test_differences_are_those_of_the_figures_and_of_each_category(better, worse):
    found = compare({"worse": worse, "better": better})
    for key in FIGURES:
        figure, (low, high) = found.more[0][key]
        assert figure == pytest.approx(getattr(better.scores, key) - getattr(worse.scores, key), abs=1e-6)
        assert low <= figure <= high
    assert found.more[0]["ap"] == ap_difference([better.results], [worse.results], len(NAMES))
    assert is_sure(found.more[0]["ap"])
    mine, theirs = ({c.name: c.ap for c in e.scores.classes} for e in (better, worse))
    assert {name: more[0] for name, more in found.more_ap[0].items()} == pytest.approx(
        {name: mine[name] - theirs[name] for name in NAMES}
    )


def test_an_evaluation_does_not_differ_from_itself(better):
    found = compare({"a": better, "b": better})
    assert set(found.more[0].values()) == {(0.0, (0.0, 0.0))}
    assert not is_sure(found.more[0]["ap"])


def test_categories_in_another_order_and_case_are_the_same(better, worse):
    backwards = np.array([2, 1, 0])
    other = evaluation([turned(r, backwards) for r in worse.results], ("Spoon", "saucer ", "CUP"))
    straight, crossed = compare({"a": better, "b": worse}), compare({"a": better, "b": other})
    assert crossed.more[0] == straight.more[0]
    assert crossed.more_ap[0] == straight.more_ap[0]


def turned(result, numbers):
    """With other numbers of the categories."""
    d = result.detections
    found = Detections(d.boxes, d.scores, numbers[d.classes])
    return replace(result, truth_classes=numbers[result.truth_classes], detections=found)


def test_categories_that_differ_by_case_alone_are_told_apart_by_it(better, worse):
    names = ("Cup", "cup", "spoon")
    one, other = replace(better, categories=names), replace(worse, categories=names)
    crossed = [turned(r, np.array([1, 0, 2])) for r in worse.results]
    found = compare({"a": one, "b": replace(worse, categories=("cup", "Cup", "SPOON"), results=tuple(crossed))})
    assert found.more_ap == compare({"a": one, "b": other}).more_ap
    with pytest.raises(InputError, match="b: is of a detector of CUP, cUp, spoon, but a of Cup, cup, spoon"):
        compare({"a": one, "b": replace(worse, categories=("CUP", "cUp", "spoon"))})


def test_skeletons_are_renamed_with_their_categories(better, worse):
    cup = Skeleton(("rim", "foot"))
    one = replace(better, skeletons={"cup": cup})
    other = replace(worse, categories=("Cup", "saucer", "spoon"), skeletons={"Cup": cup})
    assert [e.skeletons for e in compare({"a": one, "b": other}).evaluations] == [{"cup": cup}] * 2


def test_the_same_images_in_another_order_are_the_same(better, worse):
    straight = compare({"a": better, "b": worse})
    mixed = compare({"a": better, "b": replace(worse, results=worse.results[::-1])})
    assert (mixed.more, mixed.more_ap) == (straight.more, straight.more_ap)
    assert [r.id for r in mixed.evaluations[1].results] == [r.id for r in better.results]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda e: replace(e, categories=("cup", "saucer", "fork")),
         "b: is of a detector of cup, saucer, fork, but a of cup, saucer, spoon; "
         "compare detectors of the same categories"),
        (lambda e: replace(e, results=e.results[5:]),
         "b: was measured on 25 images, a on 30, and 25 are the same; "
         "run 'cyclorama evaluate' for all on the same photographs"),
        (lambda e: replace(e, results=(replace(e.results[0], truth_boxes=e.results[0].truth_boxes + 1),
                                       *e.results[1:])),
         "b: was measured with other labels of image 0 than a; run 'cyclorama evaluate' again for both"),
    ],
    ids=["another detector's categories", "other images", "other labels"],
)  # fmt: skip
def test_what_can_not_be_compared_is_said(better, change, said):
    with pytest.raises(InputError) as error:
        compare({"a": better, "b": change(better)})
    assert str(error.value) == said


def changed(path, change):
    """Write a JSON file anew with a change."""
    plain = json.loads(path.read_text())
    change(plain)
    path.write_text(json.dumps(plain))


@pytest.fixture
def run(tmp_path, better):
    """A run with two evaluations."""
    for name in ("evaluate-x", "evaluate-y"):
        write_evaluation(better, tmp_path / "run" / name)
    return tmp_path / "run"


def test_a_run_stands_for_its_only_evaluation_or_for_the_one_that_all_have(run, better, tmp_path):
    write_evaluation(better, tmp_path / "other" / "evaluate-y")
    assert evaluation_folders([tmp_path / "other"]) == (tmp_path / "other" / "evaluate-y",)
    assert evaluation_folders([run, tmp_path / "other"]) == (run / "evaluate-y", tmp_path / "other" / "evaluate-y")
    assert evaluation_folders([run / "evaluate-x", tmp_path / "other"])[0] == run / "evaluate-x"


def test_a_place_without_a_plain_evaluation_is_said(run, tmp_path):
    with pytest.raises(InputError, match=r"run: holds several evaluations \(evaluate-x, evaluate-y\); name one, as "):
        evaluation_folders([run, run])
    with pytest.raises(InputError, match=r"none: holds no evaluation; 'cyclorama evaluate .*' makes one$"):
        evaluation_folders([tmp_path / "none"])


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (
            lambda f: (f / "truth.json").unlink(),
            r"is an evaluation of an earlier version \(no truth.json\); run 'cyclorama eval",
        ),
        (
            lambda f: (f / "scores.json").unlink(),
            r"holds no evaluation \(no scores.json\); 'cyclorama evaluate' makes one",
        ),
        (
            lambda f: (f / "truth.json").write_text("{}"),
            r"is damaged \(KeyError\('images'\)\); run 'cyclorama evaluate' ",
        ),
        (lambda f: (f / "truth.json").write_text("{"), "truth.json: is not JSON"),
        (
            lambda f: changed(f / "detections.json", lambda found: found[0].update(image_id=0)),
            r"is damaged \(detections.json: image_id 0; expected 1 to 30\); run 'cyclorama evaluate' again$",
        ),
        (
            lambda f: changed(f / "detections.json", lambda found: found[0].update(category_id=4)),
            r"is damaged \(detections.json: category_id 4; expected 1 to 3\); run ",
        ),
        (
            lambda f: changed(f / "truth.json", lambda truth: truth["images"][7]["classes"].__setitem__(0, -1)),
            r"is damaged \(truth.json: image 7: class -1; expected 0 to 2\); run ",
        ),
    ],
    ids=["earlier", "none", "damaged", "half", "image 0", "category 4", "class -1"],
)
def test_an_evaluation_that_can_not_be_read_is_said(run, damage, said):
    damage(run / "evaluate-x")
    with pytest.raises(InputError, match=said):
        read_evaluation(run / "evaluate-x")


def test_images_stay_where_they_were(run, better):
    assert [r.image for r in read_evaluation(run / "evaluate-x").results] == [
        Path(r.image).resolve() for r in better.results
    ]
