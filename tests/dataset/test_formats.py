"""Every layout gives back what was written into it, and other people's readers agree."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from cyclorama.core.errors import InputError
from cyclorama.core.plugins import plugins
from cyclorama.dataset import convert, read_dataset, split, verify
from cyclorama.dataset.files import link_or_copy
from cyclorama.dataset.format import WritableFormat
from cyclorama.dataset.outline import polygons_from_mask
from cyclorama.label.objects.amodal_box import AmodalBox
from cyclorama.label.objects.box import Box
from cyclorama.label.objects.mask import Mask
from cyclorama.label.objects.pose import Pose
from stores import ball_store

FORMATS = plugins("cyclorama.dataset.formats")
WRITABLE = sorted(name for name, kind in FORMATS.items() if isinstance(kind, WritableFormat))
# YOLO has no way to flag an object.
KEEPS_IGNORED = {"coco", "voc", "webdataset"}
# What can be written of a dataset without keypoints.
OF_BOXES = sorted(set(WRITABLE) - {"yolo_pose"})
# Archives hold copies.
LINKS = sorted(set(WRITABLE) - {"webdataset"})
SHARES = {"train": 0.5, "val": 0.25, "test": 0.25}


@pytest.fixture(scope="module")
def balls(tmp_path_factory):
    root = tmp_path_factory.mktemp("formats") / "balls"
    ball_store(root, count=8, keypoints=True)
    return root


def boxes_of(sample, *, ignored):
    kept = [a for a in sample.annotations if Box in a and (ignored or not a.ignored)]
    return sorted((a.category, bool(a.ignored), tuple(np.round(a[Box].xyxy, 3))) for a in kept)


def by_stem(dataset):
    return {Path(s.id).name: s for s in dataset.samples}


@pytest.mark.parametrize("name", WRITABLE)
@pytest.mark.parametrize("is_split", [False, True], ids=["whole", "split"])
def test_what_is_written_is_read_back(balls, tmp_path, name, is_split):
    root = tmp_path / "d"
    shutil.copytree(balls, root)
    members = split(root, SHARES) if is_split else {}
    conversion = convert(root, name, tmp_path / "out")
    before, after = read_dataset(root), read_dataset(tmp_path / "out")
    assert (after.format, after.categories) == (name, before.categories)
    assert conversion.images == len(after.samples) == 8
    assert after.provenance["kind"] == "synthetic"
    for stem, sample in by_stem(after).items():
        original = by_stem(before)[stem]
        keeps = name in KEEPS_IGNORED
        assert boxes_of(sample, ignored=keeps) == boxes_of(original, ignored=keeps)
        np.testing.assert_array_equal(sample.load_image(), original.load_image())
        for mine, theirs in zip(sample.annotations, original.annotations, strict=False):
            if keeps and Mask in mine:
                np.testing.assert_array_equal(mine[Mask].pixels, theirs[Mask].pixels)
    stems = {s: sorted(Path(after.samples[i].id).name for i in positions) for s, positions in after.splits.items()}
    assert stems == {s: m for s, m in members.items() if m} or (not is_split and set(stems) <= {"train"})
    assert not verify(tmp_path / "out").violations


@pytest.mark.parametrize("name", WRITABLE)
def test_a_converted_dataset_is_recognised_by_its_own_format_alone(balls, tmp_path, name):
    convert(balls, name, tmp_path / "out")
    assert [other for other, kind in FORMATS.items() if kind.recognises(tmp_path / "out")] == [name]


@pytest.mark.parametrize("name", LINKS)
def test_no_image_is_stored_twice(balls, tmp_path, name):
    convert(balls, name, tmp_path / "out")
    images = list((tmp_path / "out").rglob("*.png"))
    assert len(images) == 8
    assert all(p.stat().st_nlink > 1 for p in images)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_nothing_is_recognised_in_an_empty_folder(tmp_path, name):
    assert not FORMATS[name].recognises(tmp_path)


@given(arrays(bool, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12)))
def test_polygons_rasterized_by_pycocotools_are_the_mask_again(mask):
    """Holes, parts that touch at a corner and single pixels included."""
    height, width = mask.shape
    polygons = [[float(n) for n in p] for p in polygons_from_mask(mask)]
    back = coco_mask.decode(coco_mask.merge(coco_mask.frPyObjects(polygons, height, width))) if polygons else mask * 0
    np.testing.assert_array_equal(back.astype(bool), mask)


def test_pycocotools_reads_our_coco_as_we_mean_it(balls, tmp_path):
    convert(balls, "coco", tmp_path / "out")
    coco = COCO(tmp_path / "out" / "annotations" / "instances_all.json")
    originals = by_stem(read_dataset(balls))
    assert [c["id"] for c in coco.loadCats(coco.getCatIds())] == [1]
    for image in coco.loadImgs(coco.getImgIds()):
        original = originals[Path(image["file_name"]).stem]
        annotations = coco.loadAnns(coco.getAnnIds(image["id"]))
        seen = [a for a in original.annotations if Box in a]
        for plain, annotation in zip(annotations, seen, strict=True):
            mask = annotation[Mask].pixels
            np.testing.assert_array_equal(coco.annToMask(plain), mask)
            assert plain["area"] == mask.sum()
            assert plain["iscrowd"] == (annotation.ignored is not None)
            if not plain["iscrowd"]:
                runs = coco_mask.merge(coco_mask.frPyObjects(plain["segmentation"], *mask.shape))
                assert coco_mask.toBbox(runs).tolist() == plain["bbox"]


def test_coco_claims_no_licence_and_keeps_categories_that_never_appear(tmp_path):
    root = tmp_path / "d"
    ball_store(root, count=2)
    header = json.loads((root / "dataset.json").read_text())
    (root / "dataset.json").write_text(json.dumps(header | {"categories": ["never", "ball"]}))
    convert(root, "coco", tmp_path / "out")
    plain = json.loads((tmp_path / "out" / "annotations" / "instances_all.json").read_text())
    assert [(c["id"], c["name"]) for c in plain["categories"]] == [(1, "never"), (2, "ball")]
    assert "licenses" not in plain
    assert {a["category_id"] for a in plain["annotations"]} == {2}


def test_a_yolo_yaml_names_folders_beside_it_so_that_it_can_be_moved(balls, tmp_path):
    convert(balls, "yolo", tmp_path / "out")
    moved = tmp_path / "moved"
    (tmp_path / "out").rename(moved)
    plain = yaml.safe_load((moved / "data.yaml").read_text())
    assert plain["names"] == {0: "ball"}
    assert "path" not in plain
    assert (moved / plain["train"]).is_dir()
    assert (moved / plain["val"]).is_dir()
    assert len(read_dataset(moved).samples) == 8


# Foreign datasets, written by hand as their tools write them.


def picture(path, width=40, height=30, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((height, width, 3), 99, np.uint8)).save(path, **options)


def coco_file(path, **changes):
    plain = {
        "images": [{"id": 7, "file_name": "a.jpg", "width": 40, "height": 30}],
        "annotations": [
            {"id": 1, "image_id": 7, "category_id": 3, "bbox": [2, 3, 4, 5], "iscrowd": 0, "area": 20,
             "segmentation": [[2, 3, 6, 3, 6, 8, 2, 8]]},
            {"id": 2, "image_id": 7, "category_id": 9, "bbox": [10, 10, 9, 9], "iscrowd": 1,
             "segmentation": {"size": [30, 40], "counts": [400, 100, 700]}},
        ],
        "categories": [{"id": 3, "name": "cup"}, {"id": 9, "name": "box"}],
    }  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(plain | changes))


def voc_file(path, *, objects="", size="<width>40</width><height>30</height>", filename="a.jpg"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"<annotation><filename>{filename}</filename><size>{size}</size>{objects}</annotation>")


CUP = (
    "<object><name>cup</name><difficult>0</difficult>"
    "<bndbox><xmin>3</xmin><ymin>4</ymin><xmax>6</xmax><ymax>8</ymax></bndbox></object>"
)


@pytest.mark.parametrize(
    ("annotations", "images"),
    [
        ("annotations/instances_val2017.json", "val2017/a.jpg"),
        ("annotations/instances_val.json", "images/val/a.jpg"),
        ("valid/_annotations.coco.json", "valid/a.jpg"),
        ("labels.json", "images/a.jpg"),
        ("coco.json", "a.jpg"),
    ],
    ids=["COCO 2017", "datumaro", "Roboflow", "FiftyOne", "beside"],
)
def test_coco_is_found_where_tools_put_it(tmp_path, annotations, images):
    coco_file(tmp_path / annotations)
    picture(tmp_path / images)
    dataset = read_dataset(tmp_path)
    assert dataset.categories == ("cup", "box")
    cup, crowd = dataset.samples[0].annotations
    assert (cup.category, cup[Box].to_plain(), cup.ignored) == ("cup", [2, 3, 6, 8], None)
    assert cup[Mask].pixels.sum() == 20
    assert crowd[Mask].pixels.sum() == 100
    assert crowd.ignored == "crowd"
    assert dataset.samples[0].load_image().shape == (30, 40, 3)
    assert ("val" in dataset.splits) == ("val" in annotations)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"categories": []}, "category id 3"),
        ({"categories": [], "annotations": []}, "has no categories"),
        ({"images": []}, "name image id 7"),
        ({"images": [{"id": 7, "file_name": "a.jpg", "width": 40, "height": 30}] * 2}, "image id 7 appears twice"),
        ({"annotations": [{"image_id": 7}]}, "category_id"),
        ({"images": [{"id": 7, "file_name": "a.jpg", "height": 30}]}, "COCO's JSON: KeyError..width"),
        ({"images": [{"id": 7, "width": 40, "height": 30}]}, "COCO's JSON: KeyError..file_name"),
        ({"images": [{"id": 7, "file_name": None, "width": 40, "height": 30}]}, "'file_name' is no text"),
    ],
    ids=["undeclared", "no categories", "no images", "twice", "no category", "no width", "no name", "name of nothing"],
)
def test_broken_coco_is_refused_with_its_reason(tmp_path, changes, message):
    coco_file(tmp_path / "coco.json", **changes)
    picture(tmp_path / "a.jpg")
    with pytest.raises(InputError, match=message):
        read_dataset(tmp_path)


def test_coco_without_areas_or_with_numbered_groups_is_read(tmp_path):
    images = [{"id": 7, "file_name": "a.jpg", "width": 40, "height": 30, "group": 3}]
    cups = [{"image_id": 7, "category_id": 3, "bbox": [2, 3, 4, 5], "area": None}]
    coco_file(tmp_path / "coco.json", images=images, annotations=cups)
    picture(tmp_path / "a.jpg")
    (sample,) = read_dataset(tmp_path).samples
    assert (sample.group, sample.annotations[0].stated_area_px) == ("3", None)


def test_a_missing_photograph_is_named_with_the_places_that_were_searched(tmp_path):
    coco_file(tmp_path / "coco.json")
    with pytest.raises(InputError, match=r"no image 'a\.jpg'; looked in"):
        read_dataset(tmp_path).samples[0]


@pytest.mark.parametrize(
    ("yaml_text", "image", "label"),
    [
        ("train: images/train\nnames: [cup, box]", "images/train/a.jpg", "labels/train/a.txt"),
        ("train: ../train/images\nnames: {0: cup, 1: box}", "train/images/a.jpg", "train/labels/a.txt"),
        ("path: .\ntrain: train.txt\nnames: [cup, box]", "images/a.jpg", "labels/a.txt"),
        (None, "a.jpg", "a.txt"),
    ],
    ids=["ultralytics", "Roboflow", "list of files", "LabelImg"],
)  # fmt: skip
def test_yolo_is_found_where_tools_put_it(tmp_path, yaml_text, image, label):
    picture(tmp_path / image)
    (tmp_path / label).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / label).write_text("1 0.5 0.5 0.25 0.2\n0 0.1 0.1 0.5 0.1 0.5 0.5\n")
    (tmp_path / "train.txt").write_text("./images/a.jpg\n")
    if yaml_text:
        (tmp_path / "data.yaml").write_text(yaml_text)
    else:
        (tmp_path / "classes.txt").write_text("cup\nbox\n")
    dataset = read_dataset(tmp_path)
    (sample,) = dataset.samples
    box, polygon = sample.annotations
    assert (box.category, box[Box].to_plain()) == ("box", [15, 12, 25, 18])
    assert (polygon.category, polygon[Box].to_plain()) == ("cup", [4, 3, 20, 15])
    assert 80 <= polygon[Mask].pixels.sum() <= 120


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2 .5 .5 .1 .1", "class 2 is not among the 2 names"),
        ("nan .5 .5 .1 .1", "class nan is not among the 2 names"),
        ("-1 .5 .5 .1 .1", "class -1"),
        ("0.5 .5 .5 .1 .1", "class 0.5"),
        ("0 .5 .5 .1", "found 4 numbers"),
        ("cup .5 .5 .1 .1", "expected numbers"),
    ],
)
def test_a_wrong_yolo_line_is_named_with_its_number(tmp_path, row, message):
    picture(tmp_path / "images" / "a.jpg")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "a.txt").write_text(f"0 .5 .5 .1 .1\n{row}\n")
    (tmp_path / "data.yaml").write_text("train: images\nnames: [cup, box]")
    with pytest.raises(InputError, match=rf"a\.txt:2: .*{message}"):
        read_dataset(tmp_path).samples[0]


@pytest.mark.parametrize("names", ["", "[]", "cup", "{1: cup, 2: box}", "{0: cup, 2: box}"])
def test_yolos_names_that_leave_classes_in_doubt_are_refused(tmp_path, names):
    picture(tmp_path / "images" / "a.jpg")
    (tmp_path / "data.yaml").write_text(f"train: images\nnames: {names}")
    with pytest.raises(InputError, match=r"'names' .*; expected"):
        read_dataset(tmp_path)


@pytest.mark.parametrize("folders", [("", ""), ("Annotations/", "JPEGImages/")], ids=["LabelImg", "VOC2012"])
@pytest.mark.parametrize("file", ["a.JPG", "a.jpeg"])
def test_voc_is_read_with_pixels_that_count_from_one(tmp_path, folders, file):
    voc_file(tmp_path / f"{folders[0]}a.xml", objects=CUP)
    picture(tmp_path / f"{folders[1]}{file}")
    (annotation,) = read_dataset(tmp_path).samples[0].annotations
    assert annotation[Box].to_plain() == [2, 3, 6, 8]


@pytest.mark.parametrize(
    ("objects", "message"),
    [
        ("<object><bndbox/></object>", "has no <name>"),
        ("<object><name>cup</name></object>", "no <bndbox>"),
        ("<object><name>cup</name><bndbox/></object>", r"a.xml: <bndbox> has no <xmin>$"),
        ("", "has an <object>"),
        ("<object>", "is not XML"),
    ],
)
def test_broken_voc_is_refused_with_its_reason(tmp_path, objects, message):
    voc_file(tmp_path / "a.xml", objects=objects)
    picture(tmp_path / "a.jpg")
    with pytest.raises(InputError, match=message):
        read_dataset(tmp_path).samples[0]


def test_a_voc_file_whose_size_is_no_number_is_named(tmp_path):
    voc_file(tmp_path / "a.xml", objects=CUP, size="<width>wide</width><height>30</height>")
    picture(tmp_path / "a.jpg")
    with pytest.raises(InputError, match=r"a\.xml: <size> holds no whole numbers"):
        read_dataset(tmp_path).samples[0]


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("drawn_on", ["upright", "stored"])
def test_a_turned_photograph_is_shown_as_its_boxes_were_drawn(tmp_path, orientation, drawn_on):
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture(tmp_path / "a.jpg", 40, 30, exif=exif)
    turned = orientation in (6, 8) and drawn_on == "upright"
    width, height = (30, 40) if turned else (40, 30)
    voc_file(tmp_path / "a.xml", objects=CUP, size=f"<width>{width}</width><height>{height}</height>")
    sample = read_dataset(tmp_path).samples[0]
    assert sample.load_image().shape == (sample.height, sample.width, 3) == (height, width, 3)


def bop_scene(folder, *, visible=0.5, object_id=5, width=3):
    picture(folder / "rgb" / "000003.png")
    mask = np.zeros((30, 40), np.uint8)
    mask[10:15, 20:24] = 255
    (folder / "mask_visib").mkdir()
    Image.fromarray(mask).save(folder / "mask_visib" / "000003_000000.png")
    truth = {"obj_id": object_id, "cam_R_m2c": [1, 0, 0, 0, 1, 0, 0, 0, 1], "cam_t_m2c": [100, 0, 900]}
    # As bop_toolkit's calc_gt_info writes it: width and height are last pixel minus first.
    info = {"bbox_visib": [20, 10, width, 4], "bbox_obj": [18, 10, 5, 4], "visib_fract": visible}
    (folder / "scene_gt.json").write_text(json.dumps({"3": [truth], "4": [truth]}))
    (folder / "scene_gt_info.json").write_text(json.dumps({"3": [info], "4": [info]}))


def test_bop_is_read_with_metres_and_whole_boxes(tmp_path):
    bop_scene(tmp_path / "test" / "000001")
    dataset = read_dataset(tmp_path)
    assert dataset.categories == ("obj_000005",)
    assert len(dataset.splits["test"]) == len(dataset.samples) == 1, "image 4 is not there and is passed over"
    (annotation,) = dataset.samples[0].annotations
    assert annotation[Box].to_plain() == [20, 10, 24, 15]
    assert annotation[AmodalBox].to_plain() == [18, 10, 24, 15]
    assert annotation[Mask].pixels.sum() == 20
    np.testing.assert_allclose(annotation[Pose].camera_from_object[:3, 3], [0.1, 0, 0.9])
    assert not verify(tmp_path).violations


@pytest.mark.parametrize(("name", "field"), [("scene_gt.json", "cam_R_m2c"), ("scene_gt_info.json", "visib_fract")])
def test_broken_bop_is_refused_with_its_reason(tmp_path, name, field):
    folder = tmp_path / "test" / "000001"
    bop_scene(folder)
    whole = json.loads((folder / name).read_text())
    del whole["4"][0][field]
    for content, message in ((whole, rf"{name}: image 4: expected of each object .*{field}"), ([], "image by image")):
        (folder / name).write_text(json.dumps(content))
        with pytest.raises(InputError, match=message):
            read_dataset(tmp_path)


@pytest.mark.parametrize(("visible", "is_ignored"), [(0.099, True), (0.1, False)])
def test_bop_ignores_what_is_visible_to_less_than_a_tenth(tmp_path, visible, is_ignored):
    bop_scene(tmp_path / "test" / "000001", visible=visible)
    assert (read_dataset(tmp_path).samples[0].annotations[0].ignored is not None) == is_ignored


def test_linemods_objects_have_names(tmp_path):
    bop_scene(tmp_path / "lmo" / "test" / "000001")
    (tmp_path / "lmo" / "models").mkdir()
    (tmp_path / "lmo" / "models" / "models_info.json").write_text('{"1": {}, "5": {}}')
    assert read_dataset(tmp_path / "lmo").categories == ("ape", "can")


@pytest.mark.parametrize("content", [b"", b"not a picture", None])
def test_a_damaged_photograph_is_named(tmp_path, content):
    coco_file(tmp_path / "coco.json")
    picture(tmp_path / "a.jpg")
    whole = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(whole[: len(whole) // 2] if content is None else content)
    with pytest.raises(InputError, match=r"a\.jpg: .*damaged"):
        read_dataset(tmp_path).samples[0].load_image()


def test_a_photograph_of_another_size_than_annotated_is_named(tmp_path):
    coco_file(tmp_path / "coco.json")
    picture(tmp_path / "a.jpg", 41, 30)
    with pytest.raises(InputError, match="is 41x30 pixels, but its annotation says 40x30"):
        read_dataset(tmp_path).samples[0].load_image()


def test_two_layouts_in_one_folder_are_not_guessed_at(tmp_path):
    coco_file(tmp_path / "coco.json")
    picture(tmp_path / "images" / "a.jpg")
    (tmp_path / "data.yaml").write_text("train: images\nnames: [cup]")
    with pytest.raises(InputError, match=r"more than one layout \(coco, yolo\)"):
        read_dataset(tmp_path)
    assert read_dataset(tmp_path / "data.yaml").format == "yolo"
    assert read_dataset(tmp_path / "coco.json").format == "coco"


def test_a_folder_without_a_dataset_and_a_missing_one_are_told_apart(tmp_path):
    (tmp_path / "photos").mkdir()
    with pytest.raises(InputError, match="no dataset found; expected"):
        read_dataset(tmp_path / "photos")
    with pytest.raises(InputError, match="Did you mean 'photos'"):
        read_dataset(tmp_path / "photo")


@pytest.mark.parametrize(("to", "message"), [("cocoa", "Did you mean 'coco'"), ("bop", "can be read but not written")])
def test_a_layout_that_is_not_written_is_refused(balls, tmp_path, to, message):
    with pytest.raises(InputError, match=message):
        convert(balls, to, tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_a_conversion_that_fails_leaves_nothing_behind(tmp_path):
    ball_store(tmp_path / "d", count=3)
    (tmp_path / "d" / "records" / "0000" / "0000002.json").write_text("{")
    with pytest.raises(InputError):
        convert(tmp_path / "d", "yolo", tmp_path / "out")
    assert [p.name for p in tmp_path.iterdir()] == ["d"]


@pytest.mark.parametrize("annotations", ["coco.json", "annotations/train.json"])
@pytest.mark.parametrize("to", OF_BOXES)
def test_photographs_of_one_name_in_several_folders_stay_apart(tmp_path, annotations, to):
    names = ["one/a.jpg", "two/a.jpg"]
    images = [{"id": i, "file_name": n, "width": 40 + i, "height": 30} for i, n in enumerate(names)]
    cups = [{"image_id": i, "category_id": 3, "bbox": [2 + i, 3, 4, 5]} for i in (0, 1)]
    coco_file(tmp_path / "d" / annotations, images=images, annotations=cups)
    for i, name in enumerate(names):
        picture(tmp_path / "d" / name, width=40 + i)
    before = {name: (tmp_path / "d" / name).read_bytes() for name in names}
    convert(tmp_path / "d", to, tmp_path / "out")
    assert {name: (tmp_path / "d" / name).read_bytes() for name in names} == before
    found = [
        (s.width, s.load_image().shape[1], s.annotations[0][Box].x0) for s in read_dataset(tmp_path / "out").samples
    ]
    assert sorted(found) == [(40, 40, 2), (41, 41, 3)]


@pytest.mark.parametrize("to", OF_BOXES)
def test_images_that_would_have_the_same_file_are_refused_and_left_as_they_were(tmp_path, to):
    names = ["a.jpg", "a.png"]
    images = [{"id": i, "file_name": n, "width": 40, "height": 30} for i, n in enumerate(names)]
    coco_file(tmp_path / "d" / "coco.json", images=images, annotations=[])
    for name in names:
        picture(tmp_path / "d" / name)
    with pytest.raises(InputError, match="two images have the id 'a'"):
        convert(tmp_path / "d", to, tmp_path / "out")
    assert [p.name for p in tmp_path.iterdir()] == ["d"]


def test_a_second_name_of_a_file_is_never_written_through(tmp_path):
    one, two, name = (tmp_path / n for n in ("one", "two", "name"))
    one.write_text("one")
    two.write_text("two")
    link_or_copy(one, name)
    link_or_copy(one, name)
    with pytest.raises(InputError, match="is named 'name' too"):
        link_or_copy(two, name)
    assert (one.read_text(), name.read_text()) == ("one", "one")


def test_the_folder_where_one_stands_can_be_written_into(balls, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    convert(balls, "yolo", Path())
    assert (tmp_path / "data.yaml").is_file()


def test_a_folder_that_holds_something_is_not_written_into(balls, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="is not empty"):
        convert(balls, "coco", tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


@given(seed=st.integers(0, 2**32), count=st.integers(3, 40))
def test_every_sample_is_in_exactly_one_split(seed, count):
    from cyclorama.dataset.splitting import _ranges

    ranges = _ranges(count, {"a": 0.8, "b": 0.1, "c": 0.1})
    assert sorted(i for r in ranges.values() for i in range(*r)) == list(range(count))
    assert all(begin < end for begin, end in ranges.values())


def test_a_split_is_by_scene_and_repeatable(balls, tmp_path):
    shutil.copytree(balls, tmp_path / "d")
    first = split(tmp_path / "d", SHARES, seed=3)
    assert {name: len(ids) for name, ids in first.items()} == {"train": 4, "val": 2, "test": 2}
    assert split(tmp_path / "d", SHARES, seed=3) == first
    assert split(tmp_path / "d", SHARES, seed=4) != first


def test_samples_of_one_scene_are_never_split_apart(balls, tmp_path):
    convert(balls, "coco", tmp_path / "coco")
    path = tmp_path / "coco" / "annotations" / "instances_all.json"
    plain = json.loads(path.read_text())
    for i, image in enumerate(plain["images"]):
        image["group"] = f"room {i // 2}"
    path.write_text(json.dumps(plain))
    for ids in split(tmp_path / "coco", SHARES).values():
        rooms = [int(id) // 2 for id in ids]
        assert all(rooms.count(room) == 2 for room in rooms)


@pytest.mark.parametrize("text", ["names: [a", "names: [a]\ntrain: 2020-13-45"], ids=["no YAML", "no date"])
def test_a_yaml_file_that_can_not_be_read_is_none_of_yolos(text, tmp_path):
    (tmp_path / "data.yaml").write_text(text)
    with pytest.raises(InputError, match="no dataset found"):
        read_dataset(tmp_path)
