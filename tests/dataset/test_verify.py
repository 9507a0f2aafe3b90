"""Each label law is broken once on purpose, and is named."""

import json

import cv2
import numpy as np
import pytest

from cyclorama.dataset import convert, verify
from cyclorama.dataset.laws import LAWS
from stores import ball_store


def edit_record(store, change):
    path = store.path("records", 0, ".json")
    record = json.loads(path.read_text())
    change(record["annotations"][0], record)
    path.write_text(json.dumps(record))


def edit_png(kind, change):
    def damage(store):
        path = str(store.path(kind, 0, ".png"))
        cv2.imwrite(path, change(cv2.imread(path, cv2.IMREAD_UNCHANGED)))

    return damage


def in_record(change):
    return lambda store: edit_record(store, change)


def two_of_one_id(first, record):
    record["annotations"][1]["instance_id"] = first["instance_id"]


def shifted_box(first, record):
    first["labels"]["box"][2] -= 1


def amodal_box_too_small(first, record):
    first["labels"]["amodal_box"] = first["labels"]["box"][:2] + [n - 1 for n in first["labels"]["box"][2:]]


FAULTS = {
    "image fits": lambda store: cv2.imwrite(str(store.path("images", 0, ".png")), np.zeros((9, 9, 3), np.uint8)),
    "ids unique": in_record(two_of_one_id),
    "categories declared": in_record(lambda a, r: a.update(category="cup")),
    "box in image": in_record(lambda a, r: a["labels"].update(box=[-1, 0, 97, 5])),
    "box of mask": in_record(shifted_box),
    "masks cover": edit_png("instances", lambda ids: np.where(ids == 0, 999, ids).astype(np.uint16)),
    "visible in amodal": in_record(amodal_box_too_small),
    "visibility counts": in_record(lambda a, r: a["labels"]["visibility"].update(visible_px=1)),
    "pose rigid": in_record(lambda a, r: a["labels"]["pose"]["camera_from_object"][0].__setitem__(0, 2.0)),
    "keypoints fit": in_record(lambda a, r: a["labels"].update(keypoints=[[5.0, 5.0, 2]])),
    "depth on objects": edit_png("depth", lambda depth: depth * 0),
    "normals unit": edit_png("normals", lambda normals: normals // 2),
}
# A wrong size stops the reader before the law.
NAMED = {"image fits": "readable"}


@pytest.mark.parametrize("law", sorted(FAULTS))
def test_a_broken_law_is_named(tmp_path, law):
    store = ball_store(tmp_path / "d", count=2, keypoints=True)
    assert not verify(tmp_path / "d").violations
    FAULTS[law](store)
    report = verify(tmp_path / "d")
    assert NAMED.get(law, law) in {v.law for v in report.violations}
    assert all(v.sample in ("0000000", "sample 0") for v in report.violations)
    assert law in report.summary() or law in NAMED


def foreign(tmp_path, *annotations):
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((30, 40, 3), np.uint8))
    plain = {
        "images": [{"id": 1, "file_name": "a.png", "width": 40, "height": 30}],
        "categories": [{"id": 1, "name": "cup"}],
        "annotations": [{"id": i, "image_id": 1, "category_id": 1, **a} for i, a in enumerate(annotations)],
    }
    (tmp_path / "coco.json").write_text(json.dumps(plain))
    return {v.law for v in verify(tmp_path).violations}


def square(x, y, size, **changes):
    corners = [x, y, x + size, y, x + size, y + size, x, y + size]
    return {"bbox": [x, y, size, size], "area": size * size, "segmentation": [corners]} | changes


def test_every_law_has_its_fault():
    assert set(FAULTS) | {"area of mask", "masks disjoint"} == set(LAWS)


@pytest.mark.parametrize(
    ("annotations", "laws"),
    [
        ([square(2, 3, 8), square(20, 3, 8)], set()),
        ([square(2, 3, 8), square(6, 3, 8)], {"masks disjoint"}),
        ([square(2, 3, 8), square(6, 3, 8, iscrowd=1), square(12, 3, 8)], set()),
        ([square(2, 3, 8, area=100)], {"area of mask"}),
        ([square(2, 3, 8, bbox=[2, 3, 10, 8])], {"box of mask"}),
        ([square(2, 3, 8, bbox=[2, 3, 9, 8])], set()),
        ([{"bbox": [2, 3, 0, 5]}], {"box in image"}),
        ([{"bbox": [2, 3, 50, 5]}], {"box in image"}),
    ],
    ids=["sound", "overlap", "crowd", "area of the box", "box too wide", "within a pixel", "no width", "outside"],
)
def test_foreign_datasets_obey_the_same_laws_within_a_pixel(tmp_path, annotations, laws):
    assert foreign(tmp_path, *annotations) == laws


def test_a_report_says_what_there_was_to_check(tmp_path):
    ball_store(tmp_path / "d", count=2)
    said = verify(tmp_path / "d").summary().partition(": ")[2]
    whole = "amodal box, amodal mask, box, mask, pose, visibility, depth, instances, normals"
    assert said == f"every label law holds of image, {whole}; not in this dataset: keypoints, depth sensor"
    convert(tmp_path / "d", "voc", tmp_path / "voc")
    said = verify(tmp_path / "voc").summary().partition(": ")[2]
    absent = "amodal box, amodal mask, keypoints, mask, pose, visibility, depth, depth sensor, instances, normals"
    assert said == f"every label law holds of image, box; not in this dataset: {absent}"
