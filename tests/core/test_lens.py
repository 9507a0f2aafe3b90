"""Lens distortion is OpenCV's, there and back, and never folds the picture over."""

import json

import cv2
import numpy as np
import pytest

from cyclorama.core.errors import InputError
from cyclorama.core.geometry import intrinsics
from cyclorama.core.plain import from_plain, to_plain
from cyclorama.core.scene import Camera

LENSES = {
    "barrel": {"distortion": (-0.3, 0.1, 1e-3, -2e-3, -0.01)},
    "pincushion": {"distortion": (0.3, 0.1, -1e-3, 2e-3, 0.0)},
    "moustache": {"distortion": (-0.25, 0.3, 0.0, 0.0, 0.0)},
    "tangential": {"distortion": (0.0, 0.0, 0.02, -0.03, 0.0)},
    "fisheye": {"fisheye": (-0.02, 0.01, -0.005, 0.001)},
    "equidistant fisheye of 147 degrees": {"fisheye": (0.0, 0.0, 0.0, 0.0), "focal": 0.68},
}


def camera_with(*, focal=1.0, **fields):
    k = intrinsics(640, 480, 1.2) @ np.diag([focal, 1.1 * focal, 1]) + [[0, 0, 21.3], [0, 0, -9.1], [0, 0, 0]]
    return Camera(640, 480, k, np.eye(4), **fields)


def seen_by_opencv(points, camera):
    """(N, 2) pixel coordinates."""
    none = np.zeros(3)
    if camera.fisheye is None:
        return cv2.projectPoints(points, none, none, camera.k, np.array(camera.distortion))[0][:, 0]
    return cv2.fisheye.projectPoints(points[:, None], none, none, camera.k, np.array(camera.fisheye))[0][:, 0]


@pytest.fixture(params=LENSES.values(), ids=LENSES)
def camera(request):
    return camera_with(**request.param)


def with_depth(directions):
    return np.c_[directions, np.ones(len(directions))]


def centres(columns, rows):
    return np.stack(np.meshgrid(columns + 0.5, rows + 0.5), axis=-1).reshape(-1, 2)


def test_every_pixels_direction_is_projected_onto_its_centre_by_opencv(camera):
    pixels = centres(np.arange(0, 640, 3), np.arange(0, 480, 3))
    points = with_depth(camera.unprojected(pixels)) * np.random.default_rng(0).uniform(0.1, 9, (len(pixels), 1))
    np.testing.assert_allclose(seen_by_opencv(points, camera), pixels, atol=1e-7)
    np.testing.assert_allclose(camera.projected(points), pixels, atol=1e-7)


def test_pixels_far_beyond_the_picture_have_each_their_own_direction(camera):
    """By the formula alone some have none, and things from far aside show in the picture."""
    pixels = np.random.default_rng(0).uniform((-2560, -1920), (3200, 2400), (20_000, 2))
    directions = camera.unprojected(pixels)
    np.testing.assert_allclose(camera.projected(with_depth(directions)), pixels, atol=1e-5)


def test_a_lens_bends_nothing_abruptly_where_its_formula_ends(camera):
    for angle in np.linspace(0, 6, 20):
        radii = camera.lens.reach + np.linspace(-1e-4, 1e-4, 401)
        bent = camera.lens.distorted(np.outer(radii, [np.cos(angle), np.sin(angle)]))
        slopes = np.diff(bent, axis=0) / np.diff(radii)[:, None]
        np.testing.assert_allclose(slopes[1:], slopes[:-1], atol=1e-5)


def test_without_distortion_projection_is_the_pinholes():
    camera = camera_with()
    points = np.random.default_rng(0).normal(size=(50, 3)) + [0, 0, 5]
    homogeneous = points @ camera.k.T
    assert camera.lens is None
    np.testing.assert_allclose(camera.projected(points), homogeneous[:, :2] / homogeneous[:, 2:], rtol=1e-12)
    np.testing.assert_allclose(with_depth(camera.unprojected(camera.projected(points))) * points[:, 2:], points)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"distortion": (-1.0, 0, 0, 0, 0)}, "folds the picture over"),
        ({"distortion": (0.5, -1.0, 0, 0, 0)}, "folds the picture over"),
        ({"distortion": (0, 0, 0.5, 0, 0)}, "folds the picture over"),
        ({"distortion": (np.nan, 0, 0, 0, 0)}, "finite"),
        ({"fisheye": (-0.6, 0, 0, 0)}, "folds the picture over"),
        ({"fisheye": (0, np.nan, 0, 0)}, "finite"),
        ({"fisheye": (0, 0, 0, 0), "focal": 0.6}, "sees more than 150 degrees"),
        ({"fisheye": (0, 0, 0, 0), "distortion": (0.1, 0, 0, 0, 0)}, "expected one of them"),
        ({"focus_m": np.inf}, "finite"),
        ({"aperture_m": -1.0}, "at least 0"),
        ({"focus_m": 0.0}, "more than 0"),
    ],
)
def test_what_no_lens_can_be_is_refused_in_a_sentence(fields, words):
    with pytest.raises(InputError, match=words):
        camera_with(**fields)


@pytest.mark.parametrize("name", ["barrel", "fisheye"])
def test_a_lens_survives_json_and_records_without_one_are_pinholes(name):
    camera = camera_with(**LENSES[name], aperture_m=0.0125, focus_m=0.7)
    plain = json.loads(json.dumps(to_plain(camera)))
    again = from_plain(Camera, plain)
    assert (again.distortion, again.fisheye) == (camera.distortion, camera.fisheye)
    assert (again.aperture_m, again.focus_m) == (0.0125, 0.7)
    old = {name: plain[name] for name in ("width", "height", "k", "world_from_camera")}
    assert from_plain(Camera, old).lens is None
