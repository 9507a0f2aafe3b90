"""Keypoints in every layout that holds them, as others read them, and the law that they obey."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import yaml
from pycocotools.coco import COCO

from cyclorama.core.errors import InputError
from cyclorama.core.sample import Annotation
from cyclorama.core.skeleton import Skeleton
from cyclorama.dataset import convert, read_dataset, split, verify
from cyclorama.dataset.keypoint_law import misfit
from cyclorama.dataset.keypoint_row import KeypointRow
from cyclorama.dataset.keypoints import PERSON, PERSON_SIGMAS, flat_keypoints, skeleton_from_category
from cyclorama.label.objects.amodal_box import AmodalBox
from cyclorama.label.objects.box import Box
from cyclorama.label.objects.keypoints import HIDDEN, VISIBLE, Keypoints
from stores import ball_store

HOLDING, WITHOUT = ("coco", "yolo_pose", "webdataset"), ("voc", "yolo")
HAND = Skeleton(("thumb", "little"), ((0, 1),), sigmas=(0.1, 0.2))
FACE = Skeleton(("nose", "left_eye", "right_eye"))


@pytest.fixture(scope="module")
def balls(tmp_path_factory):
    root = tmp_path_factory.mktemp("keypoints") / "balls"
    ball_store(root, count=8, keypoints=True)
    split(root, {"train": 0.5, "val": 0.25, "test": 0.25})
    return root


@pytest.fixture
def converted(balls, tmp_path):
    def to(name):
        convert(balls, name, tmp_path / name)
        return tmp_path / name

    return to


def labelled(dataset):
    """Of each object that counts, by what it is in and its box."""
    samples = (dataset.samples[i] for i in range(len(dataset.samples)))
    found = [
        (s.id.split("/")[-1].split("__")[-1], a) for s in samples for a in s.annotations if Box in a and not a.ignored
    ]
    return {(id, *np.round(a[Box].xyxy, 3)): a[Keypoints] for id, a in found}


def test_the_store_keeps_keypoints_to_the_last_bit_and_obeys_the_law(balls):
    dataset = read_dataset(balls)
    assert list(dataset.skeletons) == ["ball"]
    found = labelled(dataset).values()
    seen = np.concatenate([k.visibility for k in found])
    assert set(seen.tolist()) >= {HIDDEN, VISIBLE}
    report = verify(balls)
    assert not report.violations
    assert "keypoints" in report.labels


@pytest.mark.parametrize("name", HOLDING)
def test_keypoints_and_skeletons_are_read_back(name, balls, converted):
    before, after = read_dataset(balls), read_dataset(converted(name))
    assert after.skeletons == before.skeletons
    assert {split: len(members) for split, members in after.splits.items()} == {"train": 4, "val": 2, "test": 2}
    originals, back = labelled(before), labelled(after)
    assert back.keys() == originals.keys()
    for key, keypoints in back.items():
        np.testing.assert_array_equal(keypoints.visibility, originals[key].visibility)
        np.testing.assert_allclose(keypoints.xy, originals[key].xy, atol=1e-5 if name == "yolo_pose" else 0)
    assert not verify(after.root).violations


@pytest.mark.parametrize("name", WITHOUT)
def test_a_layout_without_keypoints_holds_all_else(name, balls, converted):
    after = read_dataset(converted(name))
    assert not after.skeletons
    assert sum(len(s.annotations) for s in after.samples) > 0


def test_pycocotools_reads_our_keypoints(balls, converted):
    root = converted("coco")
    coco = COCO(root / "annotations" / "instances_train.json")
    (category,) = coco.loadCats(coco.getCatIds())
    skeleton = read_dataset(balls).skeletons["ball"]
    assert tuple(category["keypoints"]) == skeleton.names
    assert category["skeleton"] == [[1, 2], [3, 4], [5, 6]]
    for plain in coco.loadAnns(coco.getAnnIds()):
        x, y, v = np.reshape(plain["keypoints"], (-1, 3)).T
        assert len(x) == len(skeleton)
        assert plain["num_keypoints"] == (v > 0).sum()
        image = coco.loadImgs(plain["image_id"])[0]
        assert ((x >= 0) & (x < image["width"]) & (y >= 0) & (y < image["height"])).all()


def test_ultralytics_finds_what_it_asks_for(converted):
    root = converted("yolo_pose")
    plain = yaml.safe_load((root / "data.yaml").read_text())
    assert plain["kpt_shape"] == [6, 3]
    assert plain["flip_idx"] == [0, 1, 2, 3, 5, 4]
    assert plain["kpt_names"] == {0: ["top", "bottom", "front", "back", "left", "right"]}
    lines = [line.split() for path in root.glob("labels/*/*.txt") for line in path.read_text().splitlines()]
    assert lines
    assert {len(line) for line in lines} == {5 + 6 * 3}
    numbers = np.array(lines, float)
    assert (numbers[:, 1:5] <= 1).all()
    assert ((numbers[:, 5:].reshape(-1, 3)[:, :2] >= 0) & (numbers[:, 5:].reshape(-1, 3)[:, :2] <= 1)).all()


def test_yolos_boxes_have_four_numbers_whatever_the_keypoints(converted):
    """Five or more that are no pose would be read as an outline."""
    root = converted("yolo")
    lines = [line.split() for path in root.glob("labels/*/*.txt") for line in path.read_text().splitlines()]
    assert {len(line) for line in lines} == {5}
    assert "kpt" not in (root / "data.yaml").read_text()


def test_poses_are_not_written_of_what_has_none(tmp_path):
    ball_store(tmp_path / "d", count=2)
    with pytest.raises(InputError, match="has no keypoints, which yolo_pose is for; expected --to yolo"):
        convert(tmp_path / "d", "yolo_pose", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_categories_of_other_keypoints_stand_in_one_row_in_yolo(tmp_path):
    skeletons = {"left": HAND, "face": FACE, "right": HAND}
    row = KeypointRow.of(skeletons)
    assert (row.count, row.first) == (5, {"left": 0, "face": 2, "right": 0})
    told = yaml.safe_load(yaml.safe_dump(row.to_yaml(("left", "face", "right", "box"))))
    assert told["flip_idx"] == [0, 1, 2, 4, 3]
    assert KeypointRow.from_yaml("data.yaml", told, ("left", "face", "right", "box")) == row
    face = Keypoints([[10, 20], [30, 5], [0, 0]], [2, 1, 0])
    line = row.line(Annotation("face", 1, {Keypoints: face}), (100, 50))
    assert line == "0 0 0 0 0 0 0.1 0.4 2 0.3 0.1 1 0 0 0"
    back = row.read("a line", "face", np.array(line.split(), float), (100, 50))
    assert back.to_plain() == face.to_plain()
    assert row.line(Annotation("box", 2), (100, 50)) == " ".join(["0"] * 15)
    assert row.read("a line", "box", np.zeros(15), (100, 50)) is None


@pytest.mark.parametrize(
    ("shape", "numbers", "visibility"),
    [
        ([2, 3], "0.5 0.5 2 0 0 0", [2, 0]),
        ([2, 3], "0.5 0.5 1 -1 -1 0", [1, 0]),
        ([2, 2], "0.5 0.5 0 0", [2, 0]),
        ([2, 2], "0.5 0.5 -1 -1", [2, 0]),
        ([2, 2], "0.5 0.5 0 0.1", [2, 2]),
    ],
    ids=["with visibility", "absent somewhere", "without visibility", "absent as Ultralytics has it", "at the edge"],
)
def test_poses_of_others_are_read(shape, numbers, visibility, balls, converted):
    root = converted("yolo_pose")
    plain = yaml.safe_load((root / "data.yaml").read_text())
    for key in ("kpt_names", "keypoints"):
        plain.pop(key)
    (root / "data.yaml").write_text(yaml.safe_dump(plain | {"kpt_shape": shape, "flip_idx": [1, 0]}))
    for path in root.glob("labels/*/*.txt"):
        path.write_text(f"0 0.5 0.5 0.2 0.4 {numbers}\n")
    dataset = read_dataset(root)
    assert dataset.skeletons == {"ball": Skeleton(("0", "1"), mirrored=(1, 0))}
    keypoints = dataset.samples[0].annotations[0][Keypoints]
    assert keypoints.visibility.tolist() == visibility
    np.testing.assert_allclose(keypoints.xy[0], [48, 36])
    assert (keypoints.xy[keypoints.visibility == 0] == 0).all()
    path.write_text("0 0.5 0.5 0.2 0.4 0.5\n")
    with pytest.raises(InputError, match="for each of 2 keypoints, found 6 numbers"):
        [dataset.samples[i].annotations for i in range(len(dataset.samples))]


@pytest.mark.parametrize(
    ("flipped", "mirrored"),
    [({}, (0, 2, 1)), ({"flip_idx": [0, 1, 2]}, (0, 1, 2)), ({"flip_idx": [2, 1, 0]}, (2, 1, 0))],
    ids=["names decide", "the file says none", "the file says others"],
)
def test_names_tell_mirror_images_in_yolo_where_the_file_does_not(flipped, mirrored):
    told = {"kpt_shape": [3, 3], "kpt_names": {0: list(FACE.names)}} | flipped
    row = KeypointRow.from_yaml("data.yaml", told, ("face",))
    assert row.skeletons["face"] == Skeleton(FACE.names, mirrored=mirrored)


@pytest.mark.parametrize(
    "numbers",
    ["0.5 0.5 3", "0.5 0.5 -1", "0.5 0.5 0.5", "0.5 0.5 nan", "nan 0.5 2", "0.5 inf 2", "nan 0.5", "0.5 inf"],
)
def test_numbers_that_are_no_keypoint_are_refused_in_yolo(numbers):
    row = KeypointRow.from_yaml("data.yaml", {"kpt_shape": [1, len(numbers.split())]}, ("cup",))
    with pytest.raises(InputError, match=r"^cup.txt:3: keypoints: expected finite numbers, v 0 \(absent\), 1"):
        row.read("cup.txt:3", "cup", np.array(numbers.split(), float), (100, 50))


@pytest.mark.parametrize("first", [-1, 1])
def test_keypoints_of_a_category_stand_within_the_row(first):
    told = KeypointRow.of({"face": FACE}).to_yaml(("face",))
    told["keypoints"]["face"]["first"] = first
    with pytest.raises(InputError, match=r"^data.yaml: kpt_shape is \[3, 3\]; expected"):
        KeypointRow.from_yaml("data.yaml", told, ("face",))


def test_cocos_persons_are_known_in_yolo_by_their_mirror_images():
    flipped = [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]
    row = KeypointRow.from_yaml("data.yaml", {"kpt_shape": [17, 3], "flip_idx": flipped}, ("person",))
    assert row.skeletons["person"] == Skeleton(PERSON, sigmas=PERSON_SIGMAS)
    wrong = {"kpt_shape": [3, 3], "flip_idx": [1, 2, 0]}
    with pytest.raises(InputError, match=r"category 'cup': .*counterpart"):
        KeypointRow.from_yaml("data.yaml", wrong, ("cup",))


def test_cocos_persons_have_their_own_sigmas_and_mirror_images():
    names = [*PERSON]
    person = skeleton_from_category("coco", {"name": "person", "keypoints": names, "skeleton": [[16, 14], [3, 3]]})
    assert person.sigmas == PERSON_SIGMAS
    assert person.bones == ((15, 13),)
    assert all(names[m] == n.replace("left", "!").replace("right", "left").replace("!", "right")
               for n, m in zip(names, person.mirrored, strict=True))  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"keypoints": [1, 2, 2]}, "expected x, y, v for each of the 6"),
        ({"keypoints": [1, 2, 3] * 6}, r"v 0 \(absent\), 1 \(hidden\) or 2 \(visible\)"),
        ({"keypoints": "none"}, "expected x, y, v"),
    ],
)
def test_keypoints_that_are_none_are_refused_with_their_place(change, said, converted):
    path = converted("coco") / "annotations" / "instances_train.json"
    plain = json.loads(path.read_text())
    plain["annotations"][0] |= change
    path.write_text(json.dumps(plain))
    dataset = read_dataset(path.parents[1])
    with pytest.raises(InputError, match=said) as caught:
        [dataset.samples[i] for i in range(len(dataset.samples))]
    assert "instances_train.json: annotation 1" in str(caught.value)


def test_files_that_disagree_about_keypoints_are_refused(converted):
    path = converted("coco") / "annotations" / "instances_val.json"
    path.write_text(path.read_text().replace('"front"', '"fore"'))
    with pytest.raises(InputError, match="say different things of the keypoints of 'ball'"):
        read_dataset(path.parents[1])


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("coco", "annotations/instances_val.json"),
        ("yolo_pose", "data.yaml"),
        ("webdataset", "webdataset.json"),
        ("cyclorama", "dataset.json"),
    ],
)
def test_a_skeleton_that_is_none_is_told_in_one_sentence(name, file, balls, converted, tmp_path):
    root = shutil.copytree(balls, tmp_path / name) if name == "cyclorama" else converted(name)
    text = (root / file).read_text()
    (root / file).write_text(text.replace("front", "back"))
    with pytest.raises(InputError) as caught:
        read_dataset(root)
    about = "is damaged (" if name == "cyclorama" else "category 'ball': "
    sentence = f"{root / file}: {about}keypoints: 'back' is named twice; expected names of their own"
    assert str(caught.value).rstrip(")") == sentence


@pytest.mark.parametrize(
    ("stated", "bones"),
    [
        ([[1, 2], [2, 3]], ((0, 1), (1, 2))),
        ([[0, 1], [1, 2]], ((0, 1), (1, 2))),
        ([[1, 2], [3, 4], [2, 2], [-1, 1]], ((0, 1),)),
        ([[0, 1], [2, 3]], ((0, 1),)),
    ],
    ids=["from 1", "from 0", "to none", "from 0 to none"],
)
def test_bones_of_others_hinder_no_reading(stated, bones):
    """They are only drawn."""
    category = {"name": "face", "keypoints": list(FACE.names), "skeleton": stated}
    assert skeleton_from_category("coco", category) == Skeleton(FACE.names, bones)


def test_an_object_without_keypoints_has_absent_ones_in_coco(balls, tmp_path):
    dataset = read_dataset(balls)
    first = dataset.samples[0]
    bare = [replace(a, labels={Box: a[Box]}) for a in first.annotations if Box in a]
    cut = replace(dataset, samples=[replace(first, annotations=tuple(bare))], splits={})
    from cyclorama.dataset.formats.coco import Coco

    Coco.write(cut, tmp_path, progress=lambda *_: None)
    plain = json.loads((tmp_path / "annotations" / "instances_all.json").read_text())
    assert all(a["keypoints"] == [0] * 18 and a["num_keypoints"] == 0 for a in plain["annotations"])


GOOD = Keypoints([[10, 10], [20, 20]], [VISIBLE, HIDDEN])


@pytest.mark.parametrize(
    ("keypoints", "skeleton", "said"),
    [
        (GOOD, HAND, None),
        (GOOD, None, "its category none"),
        (GOOD, FACE, "has 2 keypoints, its category 3"),
        (Keypoints([[10, 10], [120, 20]], [VISIBLE, HIDDEN]), HAND, "little at 120, 20 is not inside 100x50"),
        (Keypoints([[10, 10], [20, 20]], [VISIBLE, 3]), HAND, "little: visibility 3"),
        (Keypoints([[60, 10], [20, 20]], [VISIBLE, HIDDEN]), HAND, "thumb is visible outside of the amodal box"),
        (Keypoints([[10, 10], [90, 20]], [VISIBLE, HIDDEN]), HAND, None),
    ],
    ids=["good", "none", "count", "outside", "visibility", "far away", "hidden and far away"],
)
def test_the_law_finds_what_is_wrong(keypoints, skeleton, said):
    found = list(misfit(keypoints, skeleton, (100, 50), AmodalBox(5, 5, 30, 30)))
    assert [said in text for text in found] == ([True] if said else [])


def test_flat_keypoints_are_x_y_v_in_turn():
    assert flat_keypoints(GOOD) == [10.0, 10.0, 2, 20.0, 20.0, 1]
