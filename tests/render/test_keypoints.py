"""Keypoints against school mathematics."""

from dataclasses import replace

import numpy as np
import pytest

from cyclorama.core.camera import Camera
from cyclorama.core.frame import Frame
from cyclorama.core.geometry import intrinsics, inverse, look_at, random_rotation, rigid, transformed
from cyclorama.core.scene import Instance, Scene
from cyclorama.label.objects.keypoints import ABSENT, HIDDEN, VISIBLE, Keypoints
from cyclorama.render.geometry import cast
from scenes import RADIUS_M, Shelf, sphere_landmarks, sphere_model

SPHERE = sphere_model(5)
EYE = look_at([1.0, 0.4, 0.5], [0.0, 0.0, 0.0])
K = intrinsics(96, 72, 0.9)


def measured(camera, *instances, model=SPHERE):
    scene = Scene(0, 0, camera, instances)
    frame = Frame(scene, np.zeros((camera.height, camera.width, 3), np.uint8), cast(scene, Shelf(model)))
    return [Keypoints.measure(frame, i) for i in instances]


def ball(id=1, at=(0.0, 0.0, 0.0), rotation=None, scale=(1.0, 1.0, 1.0), **more):
    return Instance(id, "sphere-1", rigid(np.eye(3) if rotation is None else rotation, at), "ball", scale=scale, **more)


CAMERAS = {
    "pinhole": Camera(96, 72, K, EYE),
    "oblong pixels": Camera(96, 72, K @ np.diag([1.0, 1.2, 1.0]), EYE),
    "distorted": Camera(96, 72, K, EYE, distortion=(-0.2, 0.05, 0.01, -0.01, 0.0)),
    "fisheye": Camera(96, 72, K, EYE, fisheye=(0.05, 0.0, 0.0, 0.0)),
    "rolling shutter": Camera(96, 72, K, EYE, angular_velocity_rad_s=(0.5, 4.0, 1.0), readout_s=0.03),
}


@pytest.mark.parametrize("camera", CAMERAS.values(), ids=CAMERAS)
@pytest.mark.parametrize("seed", range(4))
def test_a_keypoint_shows_where_it_is_and_is_visible_where_the_sphere_faces_the_camera(camera, seed):
    rng = np.random.default_rng(seed)
    instance = ball(at=rng.uniform(-0.1, 0.1, 3), rotation=random_rotation(rng), scale=(1.3, 0.6, 1.0))
    (found,) = measured(camera, instance)
    marks = SPHERE.landmarks
    points = transformed(inverse(EYE) @ instance.world_from_model, marks.points_m)
    assert (found.visibility > 0).any()
    inside = found.visibility > 0
    straight = camera.unprojected(found.xy[inside])
    np.testing.assert_allclose(straight, points[inside, :2] / points[inside, 2:], atol=1e-9)
    # In the model's own space it is a sphere, which is seen where its normal points to the camera.
    eye = transformed(inverse(instance.world_from_model) @ EYE, np.zeros((1, 3)))
    towards = np.einsum("ki,ki->k", marks.points_m, eye - marks.points_m) / RADIUS_M
    clear = np.abs(towards) > 0.1 * RADIUS_M
    np.testing.assert_array_equal((found.visibility == VISIBLE)[clear & inside], (towards > 0)[clear & inside])


def test_what_lies_before_a_keypoint_hides_it_and_what_lies_behind_does_not():
    (alone,) = measured(CAMERAS["pinhole"], ball())
    front = alone.visibility == VISIBLE
    assert front.any()
    before, behind = ball(2, EYE[:3, 3] * 0.6), ball(2, -EYE[:3, 3])
    covered, other = measured(CAMERAS["pinhole"], ball(), before)
    assert (covered.visibility[front] == HIDDEN).all()
    np.testing.assert_array_equal(covered.xy, alone.xy)
    assert (other.visibility == VISIBLE).sum() == front.sum()
    np.testing.assert_array_equal(measured(CAMERAS["pinhole"], ball(), behind)[0].visibility, alone.visibility)


def test_only_a_little_of_its_own_instance_may_lie_before_a_keypoint():
    inner = sphere_landmarks().at(0.9 * sphere_landmarks().points_m)
    shallow, deep = (replace(SPHERE, landmarks=replace(inner, depth_m=d)) for d in (0.05 * RADIUS_M, 0.3 * RADIUS_M))
    head_on = Camera(96, 72, K, look_at([1.0, 0.0, 0.0], [0.0, 0.0, 0.0]))
    front = inner.skeleton.names.index("front")
    assert measured(head_on, ball(), model=shallow)[0].visibility[front] == HIDDEN
    assert measured(head_on, ball(), model=deep)[0].visibility[front] == VISIBLE
    # The limit is of the model: a copy of ten times its size has ten times as much.
    large = ball(scale=(10.0, 10.0, 10.0), at=(-4.0, 0.0, 0.0))
    assert measured(head_on, large, model=deep)[0].visibility[front] == VISIBLE
    # What begins below the own surface does not come before it, though it does before the keypoint.
    inside = ball(2, (-0.05 * RADIUS_M, 0, 0))
    assert measured(head_on, ball(), inside, model=deep)[0].visibility[front] == VISIBLE
    # From outside by another instance it is hidden, however near.
    skin = ball(2, (1e-4, 0, 0))
    assert measured(head_on, ball(), skin, model=deep)[0].visibility[front] == HIDDEN


def test_keypoints_outside_of_the_image_and_behind_the_camera_are_absent():
    aside, behind = ball(1, (0.0, 0.55, 0.0)), ball(2, 2 * EYE[:3, 3])
    first, second = measured(CAMERAS["pinhole"], aside, behind)
    assert 0 < (first.visibility == ABSENT).sum() < len(first.visibility)
    assert (second.visibility == ABSENT).all()
    assert not first.xy[first.visibility == ABSENT].any()
    assert not second.xy.any()


def test_what_has_no_category_has_no_keypoints_but_hides_those_of_others():
    scene = Scene(0, 0, CAMERAS["pinhole"], (ball(), replace(ball(2, EYE[:3, 3] * 0.6), category=None)))
    seen = cast(scene, Shelf(SPHERE)).keypoints
    assert list(seen) == [1]
    assert not seen[1].is_clear.any()
