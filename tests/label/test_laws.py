"""Laws that the labels of any frame obey."""

import dataclasses

import numpy as np
import pytest

from cyclorama.core.frame import Frame
from cyclorama.core.plugins import plugins
from cyclorama.label.annotate import annotate
from cyclorama.label.maps.depth import Depth
from cyclorama.label.maps.depth_exr import DepthExr
from cyclorama.label.maps.instances import Instances
from cyclorama.label.maps.normals import Normals
from cyclorama.label.objects.amodal_box import AmodalBox
from cyclorama.label.objects.amodal_mask import AmodalMask
from cyclorama.label.objects.box import Box
from cyclorama.label.objects.mask import Mask
from cyclorama.label.objects.visibility import Visibility
from cyclorama.render.geometry import cast
from scenes import Shelf, sphere_model, spheres_scene

LABELS = plugins("cyclorama.label.objects")
SHELF = Shelf(sphere_model(3))


def frame_of(seed):
    scene = spheres_scene(seed, count=8)
    return Frame(scene, np.zeros((72, 96, 3), np.uint8), cast(scene, SHELF))


def annotations_of(frame, **limits):
    return annotate(frame, labels=tuple(LABELS), **{"min_visible_fraction": 0.0, "min_size_px": 0, **limits})


@pytest.mark.parametrize("seed", range(6))
def test_masks_are_disjoint_cover_the_foreground_and_agree_with_boxes_and_visibility(seed):
    frame = frame_of(seed)
    annotations = [a for a in annotations_of(frame) if Mask in a]
    covered = np.sum([a[Mask].pixels for a in annotations], axis=0)
    np.testing.assert_array_equal(covered, Instances.measure(frame) > 0)
    for a in annotations:
        rows, columns = np.nonzero(a[Mask].pixels)
        assert a[Box] == Box(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        assert not (a[Mask].pixels & ~a[AmodalMask].pixels).any()
        assert a[Visibility].visible_px == len(rows)
        assert a[Visibility].amodal_px == a[AmodalMask].pixels.sum()
        assert a[AmodalBox].x0 <= a[Box].x0
        assert a[AmodalBox].y1 >= a[Box].y1


@pytest.mark.parametrize("name", sorted(LABELS))
def test_a_label_survives_json(name):
    frame, kind = frame_of(0), LABELS[name]
    measured = [kind.measure(frame, i) for i in frame.scene.labelled]
    labels = [label for label in measured if label is not None]
    assert labels
    for label in labels:
        assert kind.from_plain(label.to_plain()).to_plain() == label.to_plain()


def test_objects_below_a_limit_are_kept_and_flagged():
    frame = frame_of(0)
    annotations = annotations_of(frame, min_visible_fraction=2.0)
    assert len(annotations) == len(frame.scene.labelled)
    assert all(a.ignored for a in annotations)
    assert all("px small" in (a.ignored or "") for a in annotations_of(frame, min_size_px=10_000) if Mask in a)


def test_an_object_outside_the_image_is_kept_and_flagged():
    scene = spheres_scene(0, count=2)
    pose = np.eye(4)
    pose[0, 3] = 99.0
    scene = dataclasses.replace(scene, instances=(dataclasses.replace(scene.instances[1], world_from_object=pose),))
    frame = Frame(scene, np.zeros((72, 96, 3), np.uint8), cast(scene, SHELF))
    (annotation,) = annotations_of(frame)
    assert annotation.ignored == "outside the image"
    assert Mask not in annotation
    assert annotation[Visibility].truncation == 1


@pytest.mark.parametrize(
    ("kind", "tolerance"), [(Instances, 0), (Depth, 5.1e-5), (DepthExr, 0), (Normals, 1 / 127)], ids=lambda k: str(k)
)
def test_a_map_survives_its_file(kind, tolerance, tmp_path):
    measured = kind.measure(frame_of(0))
    path = tmp_path / f"map{kind.suffix}"
    path.write_bytes(kind.encode(measured))
    np.testing.assert_allclose(kind.read(path), measured, atol=tolerance, rtol=0)
