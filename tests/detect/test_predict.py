"""Detections on pictures as users have them: of any size, turned, in folders, and now and then damaged."""

import contextlib
import io
import json
import re
import shutil

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

from cyclorama.core.errors import InputError
from cyclorama.dataset import read_dataset
from cyclorama.detect.evaluate import evaluate
from cyclorama.detect.look import Look
from cyclorama.detect.predict import predict

pytestmark = pytest.mark.train

ORIENTATION = 0x0112


@pytest.fixture(scope="module")
def run(trained):
    return trained[0]


@pytest.fixture(scope="module")
def pictures(balls):
    """Paths of two renders."""
    return [sample.image for sample in read_dataset(balls).samples][:2]


def found(run, places, out, **options):
    """What is returned and what lies in results.json."""
    prediction = predict(run, places, out, device="cpu", **options)
    return prediction, json.loads((out / "results.json").read_text())


def boxes(prediction):
    """Of each picture."""
    return [seen.detections.boxes for seen in prediction.pictures]


def test_results_are_those_of_an_evaluation_in_cocos_format(run, balls, tmp_path):
    told = []
    samples = read_dataset(balls).samples
    prediction, results = found(
        run, [s.image for s in samples], tmp_path / "predict", progress=lambda *now: told.append(now)
    )
    evaluate(run, read_dataset(balls), tmp_path / "evaluate", device="cpu")
    judged = json.loads((tmp_path / "evaluate" / "detections.json").read_text())
    assert len(results) == len(judged) > 8
    for own, other in zip(results, judged, strict=True):
        assert own.pop("category") == "ball"
        assert own == other
    assert told == [(i + 1, 8) for i in range(8)]
    assert prediction.categories == ("ball",)
    assert [len(own) for own in boxes(prediction)] == np.bincount([r["image_id"] for r in results])[1:].tolist()
    assert all((np.diff(seen.detections.scores) <= 0).all() for seen in prediction.pictures)


def test_pycocotools_loads_the_results(run, pictures, tmp_path):
    _, results = found(run, pictures, tmp_path)
    coco = COCO()
    coco.dataset = {
        "images": [{"id": i + 1, "file_name": p.name} for i, p in enumerate(pictures)],
        "categories": [{"id": 1, "name": "ball"}],
        "annotations": [],
    }
    with contextlib.redirect_stdout(io.StringIO()):
        coco.createIndex()
        loaded = coco.loadRes(str(tmp_path / "results.json"))
    assert [a["bbox"] for a in loaded.loadAnns(loaded.getAnnIds())] == [r["bbox"] for r in results]


def test_images_come_in_the_order_given_and_those_of_a_folder_sorted(run, pictures, tmp_path):
    folder = tmp_path / "photos"
    (folder / "deep").mkdir(parents=True)
    for name in ("b.png", "a.JPG", "deep/c.webp", ".hidden.png"):
        Image.open(pictures[0]).save(folder / name)
    (folder / "notes.txt").write_text("no picture")
    prediction, results = found(run, [pictures[1], folder, pictures[0]], tmp_path / "out")
    names = [pictures[1].name, "a.JPG", "b.png", "c.webp", pictures[0].name]
    assert [seen.name for seen in prediction.pictures] == names
    assert all(names[r["image_id"] - 1] == r["file_name"] for r in results)
    np.testing.assert_array_equal(boxes(prediction)[2], boxes(prediction)[4])


def test_a_picture_that_says_it_is_turned_gets_boxes_as_a_viewer_shows_it(run, pictures, tmp_path):
    upright = Image.open(pictures[0])
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    upright.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "turned.png", exif=exif)
    prediction, _ = found(run, [pictures[0], tmp_path / "turned.png"], tmp_path / "out")
    expected, turned = boxes(prediction)
    assert len(expected) > 0
    np.testing.assert_array_equal(turned, expected)


@pytest.mark.parametrize("size", [(1, 1), (3, 700), (900, 5), (31, 33), (640, 480)], ids=str)
def test_boxes_lie_within_a_picture_of_any_size(run, tmp_path, size):
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "p.png")
    (own,) = boxes(found(run, [tmp_path / "p.png"], tmp_path / "out")[0])
    assert (own >= 0).all()
    assert (own <= [*size, *size]).all()


def test_a_picture_twice_as_large_gets_boxes_twice_as_large(run, pictures, tmp_path):
    small = Image.open(pictures[0])
    small.resize((2 * small.width, 2 * small.height), Image.Resampling.NEAREST).save(tmp_path / "large.png")
    prediction, _ = found(run, [pictures[0], tmp_path / "large.png"], tmp_path / "out")
    one, two = boxes(prediction)
    np.testing.assert_allclose(two[:5] / 2, one[:5], atol=0.5)


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1", "CMYK"])
def test_a_picture_of_any_mode_is_read_as_rgb(run, pictures, tmp_path, mode):
    name = "p.tif" if mode == "CMYK" else "p.png"
    Image.open(pictures[0]).convert(mode).save(tmp_path / name)
    Image.open(tmp_path / name).convert("RGB").save(tmp_path / "rgb.png")
    prediction, _ = found(run, [tmp_path / name, tmp_path / "rgb.png"], tmp_path / "out")
    np.testing.assert_array_equal(*boxes(prediction))


def damaged(folder):
    Image.new("RGB", (64, 64), (200, 30, 30)).save(folder / "cut.png")
    (folder / "cut.png").write_bytes((folder / "cut.png").read_bytes()[:60])
    return folder / "cut.png"


def no_image(folder):
    (folder / "page.jpg").write_text("<html>404</html>")
    return folder / "page.jpg"


def text(folder):
    (folder / "notes.md").write_text("no picture")
    return folder / "notes.md"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            text,
            r"^{place}: is no image; expected \.jpg, \.png, \.webp, \.\.\., a video \(\.mp4, \.\.\.\) or a list .*$",
        ),
        (lambda folder: folder / "gone.jpg", r"^no image '{place}'$"),
        (
            lambda folder: folder,
            r"^{place}: holds no images \(\.jpg, \.png, \.webp, \.\.\.\) and no videos \(\.mp4, \.\.\.\)$",
        ),
    ],
    ids=["another kind of file", "missing", "folder without images"],
)
def test_a_place_without_a_picture_is_named_and_nothing_is_written(run, pictures, tmp_path, make, said):
    (tmp_path / "photos").mkdir()
    place = make(tmp_path / "photos")
    with pytest.raises(InputError, match=said.format(place=re.escape(str(place)))):
        predict(run, [pictures[0], place], tmp_path / "out", device="cpu")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (damaged, r"^{place}: can't be decoded \(.*\); is the file damaged\?$"),
        (no_image, r"^{place}: is no image that can be decoded \(.*\); is the file damaged\?$"),
    ],
    ids=["damaged", "no image"],
)
def test_a_damaged_picture_is_named_and_left_out(run, pictures, tmp_path, make, said):
    place = make(tmp_path)
    said = said.format(place=re.escape(str(place)))
    prediction, results = found(run, [pictures[0], place, pictures[1]], tmp_path / "out")
    assert [seen.place for seen in prediction.pictures] == [str(p) for p in pictures]
    assert [bool(re.match(said, sentence)) for sentence in prediction.damaged] == [True]
    assert {r["image_id"] for r in results} == {1, 2}
    with pytest.raises(InputError, match=said):
        predict(run, [place], tmp_path / "none", device="cpu")
    assert not (tmp_path / "none").exists()


def test_pictures_of_one_name_are_told_apart_by_their_paths(run, pictures, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        shutil.copy(pictures[0], tmp_path / folder / "x.png")
    _, results = found(run, [tmp_path / "a", tmp_path / "b", pictures[1]], tmp_path / "out")
    paths = [(tmp_path / folder / "x.png").as_posix() for folder in ("a", "b")]
    assert {r["file_name"] for r in results} == {*paths, pictures[1].name}


def test_results_in_a_folder_that_is_looked_through_are_refused(run, pictures, tmp_path):
    shutil.copy(pictures[0], tmp_path)
    for out in (tmp_path, tmp_path / "deep" / "out"):
        with pytest.raises(InputError, match="which is looked through; choose another folder for the results"):
            predict(run, [pictures[1], tmp_path], out, device="cpu")
    assert [p.name for p in tmp_path.iterdir()] == [pictures[0].name]


def test_without_a_run_or_a_folder_to_write_it_is_said_in_a_sentence(run, pictures, tmp_path):
    with pytest.raises(InputError, match=r"gone: holds no training run \(no run\.json\)"):
        predict(tmp_path / "gone", pictures, tmp_path / "out", device="cpu")
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(
        InputError, match=r"file/out: can't be written \(Not a directory\); make room or choose another"
    ):
        predict(run, pictures[:1], tmp_path / "file" / "out", device="cpu")
    with pytest.raises(InputError, match=r"^--device tpu: expected auto, cpu or cuda$"):
        predict(run, pictures, tmp_path / "out", device="tpu")


def drawn(image, found, categories, skeletons):
    """A picture that is known from the one that it is drawn on."""
    return 255 - image


def files(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_the_next_time_only_our_own_files_are_removed(run, pictures, tmp_path):
    out = tmp_path / "out"
    (out / "pictures").mkdir(parents=True)
    (out / "pictures" / "holiday.jpg").write_text("the user's")
    taken = out / "pictures" / f"{pictures[1].stem}.jpg"
    taken.write_text("the user's, too")
    predict(run, pictures, out, draw=drawn, format="yolo", device="cpu")
    own = [f"pictures/{pictures[0].stem}.jpg", f"pictures/{pictures[1].stem}-2.jpg"]
    labels = [f"labels/{pictures[0].stem}.txt", f"labels/{pictures[1].stem}-2.txt"]
    kept = ["pictures/holiday.jpg", f"pictures/{taken.name}", "files.txt"]
    assert files(out) == sorted([*own, *labels, *kept, "classes.txt"])
    predict(run, pictures[:1], out, draw=drawn, device="cpu")
    assert files(out) == sorted([own[0], *kept, "results.json"])
    assert taken.read_text() == "the user's, too"


def test_a_list_of_files_that_names_others_is_not_believed(run, pictures, tmp_path):
    (tmp_path / "thesis").write_text("years of work")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "files.txt").write_text("../thesis\n")
    with pytest.raises(InputError, match=r"files\.txt: names '\.\./thesis', which is not in the folder"):
        predict(run, pictures[:1], tmp_path / "out", device="cpu")
    assert (tmp_path / "thesis").exists()


def test_yolo_and_json_hold_what_is_sure_and_coco_holds_all(run, pictures, tmp_path):
    all_, _ = found(run, pictures, tmp_path / "coco")
    seen = all_.pictures[0]
    least = float(np.median(seen.detections.scores))
    sure = seen.detections.chosen(seen.detections.scores >= least)
    assert 0 < len(sure.boxes) < len(seen.detections.boxes)
    assert all_.objects(least) + all_.unsure(least) == sum(len(s.detections.boxes) for s in all_.pictures)
    for format in ("yolo", "json"):
        predict(run, pictures, tmp_path / format, format=format, confidence=least, device="cpu")
    (told, *_) = json.loads((tmp_path / "json" / "predictions.json").read_text())
    assert (told["file"], told["width"], told["height"]) == (str(pictures[0]), *seen.size)
    np.testing.assert_allclose([o["box"] for o in told["objects"]], sure.boxes, atol=0.01)
    assert {o["category"] for o in told["objects"]} == {"ball"}
    rows = np.loadtxt(tmp_path / "yolo" / "labels" / f"{pictures[0].stem}.txt", ndmin=2)
    centres, sides = rows[:, 1:3] * seen.size, rows[:, 3:5] * seen.size
    np.testing.assert_allclose(np.hstack([centres - sides / 2, centres + sides / 2]), sure.boxes, atol=0.01)
    np.testing.assert_allclose(rows[:, 5], sure.scores, atol=1e-4)
    assert (tmp_path / "yolo" / "classes.txt").read_text() == "ball\n"


def test_what_was_found_before_ctrl_c_is_written(run, pictures, tmp_path):
    def interrupted(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        predict(run, pictures, tmp_path / "out", draw=drawn, progress=interrupted, device="cpu")
    assert files(tmp_path / "out") == ["files.txt", f"pictures/{pictures[0].stem}.jpg", "results.json"]
    assert {r["image_id"] for r in json.loads((tmp_path / "out" / "results.json").read_text())} == {1}


def test_of_what_overlaps_more_than_asked_for_the_best_is_given(run, pictures, tmp_path):
    (all_,) = boxes(found(run, pictures[:1], tmp_path / "a")[0])
    (none,) = boxes(found(run, pictures[:1], tmp_path / "b", look=Look(iou=0.0))[0])
    assert 0 < len(none) < len(all_)
    np.testing.assert_array_equal(none[0], all_[0])
    area = np.zeros((96, 128), int)
    for x0, y0, x1, y1 in none:
        area[int(np.ceil(y0)) : int(y1), int(np.ceil(x0)) : int(x1)] += 1
    assert area.max() == 1


@pytest.mark.parametrize(
    ("look", "said"),
    [
        (Look(classes=("bal",)), r"^--classes bal: the detector doesn't know it\. Did you mean 'ball'\?$"),
        (Look(tiles=2, tile_size=64), "^--tiles and --tile-size: expected one of them"),
        (Look(tile_size=5), "^--tile-size 5: expected at least 32 pixels$"),
    ],
    ids=["class", "both", "small"],
)
def test_an_option_that_cannot_be_used_is_told_before_anything_is_written(run, pictures, tmp_path, look, said):
    with pytest.raises(InputError, match=said):
        predict(run, pictures, tmp_path / "out", look=look, device="cpu")
    with pytest.raises(InputError, match=r"^--format cocoo: is none that is written\. Did you mean 'coco'\?$"):
        predict(run, pictures, tmp_path / "out", format="cocoo", device="cpu")
    assert not (tmp_path / "out").exists()


def test_a_photograph_of_twelve_thousand_pixels_is_looked_at_without_a_warning(run, tmp_path):
    Image.new("L", (12000, 8000), 90).save(tmp_path / "large.png")
    prediction = predict(run, [tmp_path / "large.png"], tmp_path / "out", device="cpu")
    assert prediction.pictures[0].size == (12000, 8000)
