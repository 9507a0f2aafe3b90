"""Scores and detections that ``evaluate`` writes are those of pycocotools, of the images and classes asked for."""

import contextlib
import io
import json
import re
import shutil
from dataclasses import asdict, replace

import pytest
import torch
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from cyclorama.core.errors import InputError
from cyclorama.core.plain import to_plain
from cyclorama.dataset import convert, read_dataset, split
from cyclorama.detect.evaluate import evaluate
from cyclorama.detect.judging.folder import read_evaluation
from cyclorama.detect.judging.scores import scores
from cyclorama.detect.predict import predict
from cyclorama.detect.stopwatch import WARM_UP
from cyclorama.detect.training.train import train
from stores import ball_store

pytestmark = pytest.mark.train

JSON = "annotations/instances_all.json"


def read(path):
    return json.loads(path.read_text())


def as_json(value):
    return json.loads(json.dumps(to_plain(value), default=str))


def judged(run, root, out, **options):
    return evaluate(run, read_dataset(root), out, device="cpu", **options)


def edit(root, change):
    """Change the COCO JSON of a dataset in place."""
    plain = read(root / JSON)
    change(plain)
    (root / JSON).write_text(json.dumps(plain))


@pytest.fixture(scope="module")
def run(trained):
    return trained[0]


@pytest.fixture(scope="module")
def coco(balls, tmp_path_factory):
    """The renders in COCO's layout; nobody changes them."""
    root = tmp_path_factory.mktemp("evaluate") / "coco"
    convert(balls, "coco", root)
    return root


@pytest.fixture
def photos(coco, tmp_path):
    """Three of them as photographs that a test may change."""
    shutil.copytree(coco, tmp_path / "photos")

    def change(plain):
        plain["images"] = plain["images"][:3]
        plain["annotations"] = [a for a in plain["annotations"] if a["image_id"] <= 3]
        del plain["info"]

    edit(tmp_path / "photos", change)
    return tmp_path / "photos"


@pytest.fixture(scope="module")
def whole(run, coco, tmp_path_factory):
    out = tmp_path_factory.mktemp("evaluate") / "out"
    told = []
    evaluation = judged(run, coco, out, progress=lambda done, total: told.append((done, total)))
    return evaluation, out, told


def test_pycocotools_finds_the_same_figures_in_the_file_of_detections(whole, coco):
    evaluation, out, _ = whole
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(coco / JSON)
        judge = COCOeval(truth, truth.loadRes(str(out / "detections.json")), "bbox")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    own = evaluation.scores
    assert own.ap50 > 0
    assert [own.ap, own.ap50, own.ap75, own.ar100] == pytest.approx([judge.stats[i] for i in (0, 1, 2, 8)], abs=1e-9)
    assert [s.ap for s in own.sizes] == pytest.approx([max(0, judge.stats[i]) for i in (3, 4, 5)], abs=1e-9)


def test_scores_json_holds_what_was_returned(whole, run):
    evaluation, out, told = whole
    plain = read(out / "scores.json")
    assert plain.pop("title") == "whole on coco" == evaluation.title
    assert plain.pop("categories") == ["ball"] == list(evaluation.categories)
    assert plain.pop("skeletons") == {}
    assert plain.pop("seen") == {"trained_on": 8, "chosen_by": 0}
    latency = plain.pop("latency")
    assert latency["images"] == 8 - WARM_UP
    assert 0 < latency["network_ms"][0] <= latency["whole_ms"][0] <= latency["whole_ms"][1]
    assert plain == json.loads(json.dumps(asdict(evaluation.scores)))
    assert (evaluation.scores.images, evaluation.scores.unscored) == (8, ())
    assert told == [(i + 1, 8) for i in range(8)]
    assert {path.name for path in out.iterdir()} == {"scores.json", "detections.json", "truth.json"}


def test_an_evaluation_that_is_read_back_is_what_was_written(whole):
    evaluation, out, _ = whole
    back = read_evaluation(out)
    assert evaluation.features.shape == (8, evaluation.features.shape[1])
    assert as_json(back) == as_json(replace(evaluation, features=None))
    again = scores(back.results, back.categories, kind="synthetic", unscored=())
    assert to_plain(again) == to_plain(evaluation.scores)


def test_renders_tell_scores_by_visibility_and_in_coco_too(whole, run, balls, tmp_path):
    native = judged(run, balls, tmp_path / "native").scores
    assert sum(s.objects for s in native.visibilities) == native.boxes
    assert native.visibilities == whole[0].scores.visibilities


def test_every_detection_lies_within_its_image_and_names_it(whole, coco):
    images = {image["id"]: image for image in read(coco / JSON)["images"]}
    found = read(whole[1] / "detections.json")
    assert {d["image_id"] for d in found} == set(images)
    for d in found:
        image, (x, y, width, height) = images[d["image_id"]], d["bbox"]
        assert d["file_name"] == image["file_name"]
        assert d["category_id"] == 1
        assert 0 < d["score"] <= 1
        assert x >= 0
        assert y >= 0
        assert width > 0
        assert height > 0
        assert x + width <= image["width"] + 1e-4
        assert y + height <= image["height"] + 1e-4


def test_the_truth_that_is_returned_is_the_datasets(whole, coco):
    plain = read(coco / JSON)
    for number, result in enumerate(whole[0].results, start=1):
        own = [a for a in plain["annotations"] if a["image_id"] == number]
        boxes = [[x, y, x + w, y + h] for x, y, w, h in (a["bbox"] for a in own)]
        assert result.truth_boxes.tolist() == boxes
        assert result.truth_ignored.tolist() == [bool(a["iscrowd"]) for a in own]
    assert whole[0].scores.boxes == sum(not a["iscrowd"] for a in plain["annotations"]) > 0


def test_renders_score_as_synthetic_in_any_layout_and_photographs_as_real(whole, run, balls, photos, tmp_path):
    assert whole[0].scores.kind == "synthetic"
    native = judged(run, balls, tmp_path / "native").scores
    assert native.kind == "synthetic"
    assert native.ap == pytest.approx(whole[0].scores.ap, abs=1e-9)
    assert judged(run, photos, tmp_path / "real").scores.kind == "real"


@pytest.fixture
def named(photos):
    """Photographs on which balls are "Kugel", among cups that the detector has never seen."""

    def change(plain):
        plain["categories"] = [{"id": 1, "name": "Kugel"}, {"id": 2, "name": "cup"}]
        cup = {"id": 999, "image_id": 1, "category_id": 2, "bbox": [1, 1, 30, 30], "area": 900, "iscrowd": 0}
        plain["annotations"].append(cup)

    before = photos.with_name("before")
    shutil.copytree(photos, before)
    edit(photos, change)
    return before, photos


def test_a_class_of_another_name_scores_the_same_once_it_is_told(run, named, tmp_path):
    before, photos = named
    plain = judged(run, before, tmp_path / "before").scores
    told = judged(run, photos, tmp_path / "told", classes={"Kugel": "ball"}).scores
    assert asdict(told) == {**asdict(plain), "unscored": ("cup",)}
    assert read(tmp_path / "told" / "detections.json") == read(tmp_path / "before" / "detections.json")


@pytest.mark.parametrize(
    ("classes", "said"),
    [
        ({}, "photos: its classes (Kugel, cup) are none of the detector's (ball); if they are the same things "
             "under other names, say --class PHOTO=DETECTOR"),
        ({"kegel": "ball"}, "--class kegel=ball: the photographs have: Kugel, cup"),
        ({"Kugel": "bowl"}, "--class Kugel=bowl: the detector knows: ball"),
    ],
    ids=["nothing in common", "not on the photographs", "not the detector's"],
)  # fmt: skip
def test_classes_that_do_not_meet_are_told_with_the_names_of_both_sides(run, named, tmp_path, classes, said):
    with pytest.raises(InputError, match=f"{re.escape(said)}$"):
        judged(run, named[1], tmp_path / "out", classes=classes)
    assert not (tmp_path / "out").exists()


def test_detections_of_classes_that_the_photographs_lack_are_left_out(settings, photos, tmp_path):
    """Of a detector of balls and cups, on photographs on which nobody marked cups."""
    two = tmp_path / "two"
    shutil.copytree(photos, two)
    edit(two, lambda plain: plain["categories"].insert(0, {"id": 7, "name": "cup"}))
    train(two, tmp_path / "run", replace(settings, epochs=1))
    images = [sample.image for sample in read_dataset(photos).samples]
    predict(tmp_path / "run", images, tmp_path / "all", device="cpu")
    everything = read(tmp_path / "all" / "results.json")
    assert {d["category"] for d in everything} == {"ball", "cup"}
    judged(tmp_path / "run", photos, tmp_path / "out")
    balls = [{k: v for k, v in d.items() if k != "category"} for d in everything if d["category"] == "ball"]
    by_fields = [{**d, "bbox": pytest.approx(d["bbox"])} for d in read(tmp_path / "out" / "detections.json")]
    assert balls == by_fields


def test_a_split_is_scored_alone(run, balls, whole, tmp_path):
    root = tmp_path / "balls"
    shutil.copytree(balls, root)
    ids = split(root, {"train": 0.625, "val": 0.375})["val"]
    evaluation = judged(run, root, tmp_path / "out", split="val")
    assert evaluation.title == "whole on balls (val)"
    assert [r.id for r in evaluation.results] == ids
    names = {f"{id}.png" for id in ids}
    every = [d for d in read(whole[1] / "detections.json") if d["file_name"] in names]
    own = read(tmp_path / "out" / "detections.json")
    assert [d["bbox"] for d in own] == [d["bbox"] for d in every]
    assert {d["image_id"] for d in own} == {1, 2, 3}
    with pytest.raises(InputError, match=r"balls: has no images in its split test to evaluate on$"):
        judged(run, root, tmp_path / "out", split="test")


def test_a_dataset_without_images_is_refused(run, tmp_path):
    ball_store(tmp_path / "empty", count=0)
    with pytest.raises(InputError, match=r"empty: has no images to evaluate on$"):
        judged(run, tmp_path / "empty", tmp_path / "out")


def test_a_missing_or_damaged_photograph_is_named_and_nothing_is_written(run, photos, tmp_path):
    path = read_dataset(photos).samples[1].image
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(InputError, match=rf"^{re.escape(str(path))}: can't be decoded"):
        judged(run, photos, tmp_path / "out")
    path.unlink()
    with pytest.raises(InputError, match=rf"no image '{path.name}'"):
        judged(run, photos, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(run, photos, tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(InputError, match=r"file: can't be written \(.*\); make room or choose another folder$"):
        judged(run, photos, tmp_path / "file")
    assert (tmp_path / "file").read_text() == "no folder"


def test_a_folder_that_holds_no_run_is_told_with_the_nearest_that_may(run, photos, tmp_path):
    with pytest.raises(InputError, match=r"whole2: holds no training run .* Did you mean 'whole'\?$"):
        judged(run.with_name("whole2"), photos, tmp_path / "out")
    (tmp_path / "folder").mkdir()
    with pytest.raises(
        InputError, match=r"folder: holds no training run \(no run\.json\); 'cyclorama train' makes one"
    ):
        judged(tmp_path / "folder", photos, tmp_path / "out")


def test_the_last_checkpoint_serves_where_there_is_no_best_and_without_both_it_is_said(run, photos, tmp_path):
    shutil.copytree(run, tmp_path / "run")
    best = judged(tmp_path / "run", photos, tmp_path / "best").scores
    (tmp_path / "run" / "best.pt").unlink()
    assert judged(tmp_path / "run", photos, tmp_path / "last").scores == best
    (tmp_path / "run" / "last.pt").unlink()
    with pytest.raises(InputError, match=r"run: has no best\.pt yet; run 'cyclorama train' until its first epoch is"):
        judged(tmp_path / "run", photos, tmp_path / "none")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda path: path.write_bytes(b"no checkpoint"), "is damaged; copy it again, or delete it and train again"),
        (lambda path: torch.save([1], path), "is no checkpoint of ours; copy it again, or delete it and train again"),
        (lambda path: torch.save({"model": {"w": torch.zeros(1)}}, path),
         "holds weights of another network than run.json beside it says"),
    ],
    ids=["garbage", "something else", "another network"],
)  # fmt: skip
def test_a_damaged_checkpoint_is_named(run, photos, tmp_path, damage, said):
    shutil.copytree(run, tmp_path / "run")
    damage(tmp_path / "run" / "best.pt")
    with pytest.raises(InputError, match=f"^{re.escape(str(tmp_path / 'run' / 'best.pt'))}: {re.escape(said)}$"):
        judged(tmp_path / "run", photos, tmp_path / "out")
