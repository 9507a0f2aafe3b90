"""Laws that the labels of any frame obey."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import array_shapes, arrays
from pycocotools import mask as coco_mask

from cyclorama.core.errors import InputError
from cyclorama.core.frame import Frame, Geometry
from cyclorama.core.geometry import pixel_rays, rigid, transformed
from cyclorama.core.plugins import plugins
from cyclorama.core.scene import Camera, Instance, Scene, Sensor
from cyclorama.label.annotate import annotate
from cyclorama.label.maps.depth import Depth
from cyclorama.label.maps.depth_exr import DepthExr
from cyclorama.label.maps.depth_sensor import BASELINE_M, SIGMA_PX, STEP_PX, DepthSensor
from cyclorama.label.maps.instances import Instances
from cyclorama.label.maps.normals import Normals
from cyclorama.label.objects.amodal_box import AmodalBox
from cyclorama.label.objects.amodal_mask import AmodalMask
from cyclorama.label.objects.box import Box
from cyclorama.label.objects.mask import Mask, decoded, encoded
from cyclorama.label.objects.pose import Pose
from cyclorama.label.objects.visibility import Visibility
from cyclorama.render.geometry import cast
from scenes import RADIUS_M, Shelf, sphere_model, spheres_scene

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
    ("kind", "tolerance"),
    [(Instances, 0), (Depth, 5.1e-5), (DepthExr, 0), (DepthSensor, 5.1e-5), (Normals, 1 / 127)],
    ids=lambda k: str(k),
)
def test_a_map_survives_its_file(kind, tolerance, tmp_path):
    measured = kind.measure(frame_of(0))
    path = tmp_path / f"map{kind.suffix}"
    path.write_bytes(kind.encode(measured))
    np.testing.assert_allclose(kind.read(path), measured, atol=tolerance, rtol=0)


@pytest.mark.parametrize("seed", range(6))
def test_coco_tools_find_the_same_boxes_and_areas_in_our_masks(seed):
    """Truth from outside."""
    seen = [a for a in annotations_of(frame_of(seed)) if Mask in a]
    for a in seen:
        rle = {**a[Mask].to_plain(), "counts": a[Mask].to_plain()["counts"].encode()}
        assert coco_mask.area(rle) == a[Visibility].visible_px
        x, y, width, height = coco_mask.toBbox(rle)
        assert a[Box] == Box(x, y, x + width, y + height)
        np.testing.assert_array_equal(coco_mask.decode(rle), frame_of(seed).geometry.instance_ids == a.instance_id)


@given(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=9)))
def test_any_mask_survives_its_encoding(mask):
    np.testing.assert_array_equal(decoded(json.loads(json.dumps(encoded(mask)))), mask)


@given(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=9)))
def test_a_mask_is_encoded_byte_for_byte_as_coco_tools_do(mask):
    """Truth from outside."""
    assert encoded(mask)["counts"].encode() == coco_mask.encode(np.asfortranarray(mask, np.uint8))["counts"]


@pytest.mark.parametrize("seed", range(4))
def test_a_pose_takes_the_model_to_where_depth_sees_it(seed):
    """Depth unprojected and taken back by the pose and its scale lies on the unplaced model."""
    frame = frame_of(seed)
    camera = frame.scene.camera
    rays = pixel_rays(camera.k, 0, 0, camera.width, camera.height)
    for a in annotations_of(frame):
        if Mask not in a:
            continue
        points = rays[a[Mask].pixels] * frame.geometry.depth_m[a[Mask].pixels][:, None]
        model_points = transformed(np.linalg.inv(a[Pose].camera_from_object), points) / a[Pose].scale
        np.testing.assert_allclose(np.linalg.norm(model_points, axis=1), RADIUS_M, rtol=0.02)


def test_an_object_hidden_by_another_is_kept_and_flagged():
    scene = spheres_scene(0, count=1)
    eye = scene.camera.world_from_camera
    near, far = (rigid(np.eye(3), (eye @ [0, 0, depth, 1])[:3]) for depth in (0.5, 2.0))
    instances = (Instance(1, "sphere-1", near, None), Instance(2, "sphere-1", far, "ball"))
    scene = dataclasses.replace(scene, instances=instances)
    (annotation,) = annotations_of(Frame(scene, np.zeros((72, 96, 3), np.uint8), cast(scene, SHELF)))
    assert annotation.ignored == "hidden"
    assert (Mask in annotation, AmodalMask in annotation, Pose in annotation) == (False, True, True)
    assert annotation[Visibility].fraction == 0


def test_an_object_cut_by_the_border_says_how_much_of_it_is_cut():
    scene = spheres_scene(0, count=1)
    eye, k = scene.camera.world_from_camera, scene.camera.k
    on_the_edge = np.linalg.inv(k) @ [0, 36, 1]
    ball = Instance(1, "sphere-1", rigid(np.eye(3), (eye @ [*on_the_edge, 1])[:3]), "ball")
    scene = dataclasses.replace(scene, instances=(ball,))
    (annotation,) = annotations_of(Frame(scene, np.zeros((72, 96, 3), np.uint8), cast(scene, SHELF)))
    assert annotation[Visibility].truncation == pytest.approx(0.5, abs=0.06)
    assert annotation[Visibility].fraction == 1
    assert annotation[AmodalBox].x0 < 0 == annotation[Box].x0


@pytest.mark.parametrize("content", [b"", b"not a picture", None], ids=["empty", "text", "missing"])
@pytest.mark.parametrize("name", sorted(plugins("cyclorama.label.maps")))
def test_a_damaged_map_is_one_sentence(name, content, tmp_path):
    path = tmp_path / "map"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"map: .{5,}"):
        plugins("cyclorama.label.maps")[name].read(path)


def test_a_map_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "map.png"
    path.write_bytes(Normals.encode(Normals.measure(frame_of(0))))
    with pytest.raises(InputError, match="has 3 channels, expected a PNG of 1"):
        Instances.read(path)


def test_an_unknown_label_is_named_with_its_nearest():
    with pytest.raises(InputError, match="Did you mean 'amodal_mask'"):
        annotate(frame_of(0), labels=("amodal_msk",), min_visible_fraction=0, min_size_px=0)


def wall_frame(depth_m, normal=(0.0, 0.0, -1.0), size=200, noise_seed=0):
    """A frame that shows surfaces at (H, W) depths, all of one normal, through a lens of 500 px."""
    k = np.array([[500.0, 0, size / 2], [0, 500, size / 2], [0, 0, 1]])
    depth = np.broadcast_to(np.asarray(depth_m, np.float32), (size, size))
    normals = np.broadcast_to(np.asarray(normal, np.float32), (size, size, 3))
    scene = Scene(0, 0, Camera(size, size, k, np.eye(4)), sensor=Sensor(noise_seed=noise_seed))
    geometry = Geometry(np.ones((size, size), np.int32), depth, normals, {})
    return Frame(scene, np.zeros((size, size, 3), np.uint8), geometry)


def test_a_depth_sensors_error_grows_with_the_square_of_depth_and_comes_in_steps():
    depths = np.array([0.5, 1.0, 2.0, 4.0])
    found = [DepthSensor.measure(wall_frame(d)) for d in depths]
    errors = [np.std(f - d) for f, d in zip(found, depths, strict=True)]
    # Of noise and of rounding to steps, of disparity.
    expected = depths**2 / (500 * BASELINE_M) * np.hypot(SIGMA_PX, STEP_PX / np.sqrt(12))
    np.testing.assert_allclose(errors, expected, rtol=0.15)
    steps = 500 * BASELINE_M / found[1] / STEP_PX
    np.testing.assert_allclose(steps, np.rint(steps), atol=1e-3)
    assert len(np.unique(found[1])) < 8


def test_a_depth_sensor_sees_nothing_in_the_shadow_of_its_projector():
    """A bar of 20 px, before a wall: its shadow lies to its left by the difference in disparity."""
    depth = np.full((200, 200), 2.0)
    depth[:, 120:140] = 0.75
    missing = np.isinf(DepthSensor.measure(wall_frame(depth))).mean(axis=0)
    shift = 500 * BASELINE_M * (1 / 0.75 - 1 / 2.0)
    assert missing[round(120 - shift) + 3 : round(140 - shift) - 3].min() > 0.9
    assert missing[: round(120 - shift) - 4].max() < 0.1
    assert missing[145:].max() < 0.1


@pytest.mark.parametrize(("angle_deg", "share"), [(70, 0.0), (88, 1.0)])
def test_a_depth_sensor_sees_nothing_at_a_grazing_angle(angle_deg, share):
    angle = np.radians(angle_deg)
    missing = np.isinf(DepthSensor.measure(wall_frame(1.0, (0, -np.sin(angle), -np.cos(angle)), size=40)))
    assert missing.mean() == share


def test_a_depth_sensors_noise_is_a_fact_of_the_scene():
    one, again, other = (DepthSensor.measure(wall_frame(1.0, noise_seed=s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert (one != other).mean() > 0.3
    assert np.isinf(DepthSensor.measure(wall_frame(np.inf))).all()
