"""Transforms and the pinhole camera, as axioms."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cyclorama.core import geometry

points = arrays(float, 3, elements=st.floats(-10, 10))


@given(points, points)
def test_a_look_at_pose_is_rigid_level_and_has_its_target_on_the_optical_axis(eye, target):
    offset = target - eye
    assume(np.linalg.norm(np.cross(offset, [0, 0, 1])) > 1e-3)
    pose = geometry.look_at(eye, target)
    rotation = pose[:3, :3]
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(rotation) == pytest.approx(1)
    assert rotation[2, 0] == pytest.approx(0, abs=1e-9)
    assert rotation[2, 1] < 0, "y of the camera points down"
    seen = geometry.transformed(geometry.inverse(pose), target[None])[0]
    np.testing.assert_allclose(seen, [0, 0, np.linalg.norm(offset)], atol=1e-6)


@pytest.mark.parametrize("target", [(1, 2, 3), (1, 2, 9)], ids=["at the eye", "straight up"])
def test_a_look_at_pose_without_meaning_is_refused(target):
    with pytest.raises(ValueError, match="camera"):
        geometry.look_at((1, 2, 3), target)


def test_random_rotations_are_rotations_and_have_no_preferred_direction():
    rng = np.random.default_rng(0)
    drawn = np.array([geometry.random_rotation(rng) for _ in range(4000)])
    np.testing.assert_allclose(drawn @ drawn.transpose(0, 2, 1), np.tile(np.eye(3), (4000, 1, 1)), atol=1e-12)
    # Each entry of a uniform rotation has mean 0 and variance 1/3; five standard errors.
    assert np.abs(drawn.mean(axis=0)).max() < 5 * np.sqrt(1 / 3 / 4000)
    np.testing.assert_allclose(drawn.var(axis=0), 1 / 3, atol=0.03)


@given(points, points)
def test_the_rotation_between_two_directions_turns_one_into_the_other(a, b):
    assume(min(np.linalg.norm(a), np.linalg.norm(b)) > 1e-3)
    turned = geometry.rotation_between(a, b) @ (a / np.linalg.norm(a))
    np.testing.assert_allclose(turned, b / np.linalg.norm(b), atol=1e-6)


def test_rays_through_pixel_centres_project_onto_them_also_outside_the_image():
    k = geometry.intrinsics(64, 48, 1.0) + np.array([[0, 0.5, 3], [0, 2, -1], [0, 0, 0]])
    rays = geometry.pixel_rays(k, -3, 5, 70, 60)
    assert rays.shape == (55, 73, 3)
    seen = geometry.projected(k, rays.reshape(-1, 3) * 2.5).reshape(55, 73, 2)
    np.testing.assert_allclose(seen[10, 20], [17.5, 15.5], atol=1e-9)
    np.testing.assert_allclose(seen[..., 0], np.tile(np.arange(-3, 70) + 0.5, (55, 1)), atol=1e-9)


@given(points, points, arrays(float, 3, elements=st.floats(1e-3, 1e3)))
def test_an_inverse_takes_every_point_back(axis, shift, scale):
    assume(np.linalg.norm(axis) > 1e-3)
    a_from_b = geometry.rigid(geometry.rotation_about(axis, 2.0) @ np.diag(scale), shift)
    np.testing.assert_allclose(geometry.inverse(a_from_b), np.linalg.inv(a_from_b), rtol=1e-9, atol=1e-9)


def test_what_is_flat_has_no_inverse():
    with pytest.raises(ZeroDivisionError):
        geometry.inverse(np.diag([1.0, 0, 1, 1]))
