"""From linear light to the file."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclorama.core.geometry import pixel_rays
from cyclorama.core.scene import Backdrop, Environment, Sensor
from cyclorama.render.backdrop import environment_backdrop
from cyclorama.render.color import bilinear, srgb_decoded, srgb_encoded
from cyclorama.render.develop import _toned, _untoned, develop
from cyclorama.render.environment import environment_light, environment_radiance, irradiance_map
from cyclorama.render.optics import blurred
from scenes import Shelf, spheres_scene

RNG = np.random.default_rng(0)
PHOTO = RNG.integers(0, 256, (72, 96, 3), np.uint8)
SKY = RNG.lognormal(0, 1, (32, 64, 3)).astype(np.float32)
SHELF = Shelf(images={"photo": PHOTO}, environments={"sky": SKY})


def scene_with(backdrop=None, sensor=None, environment=None):
    return dataclasses.replace(
        spheres_scene(0),
        backdrop=backdrop or Backdrop("color"),
        sensor=sensor or Sensor(),
        environment=environment or Environment("sky"),
    )


def light_of(seed=0, level=1.0):
    """A square of light in the middle of nothing."""
    light = np.zeros((72, 96, 4), np.float32)
    light[20:50, 30:70, :3] = level * np.random.default_rng(seed).lognormal(0, 1, (30, 40, 3))
    light[20:50, 30:70, 3] = 1
    return light


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("level", [1e-3, 1.0, 1e3])
def test_a_photograph_behind_objects_appears_as_it_is(mirrored, level):
    picture = develop(scene_with(Backdrop("photo", photo="photo", mirrored=mirrored)), light_of(0, level), SHELF)
    expected = PHOTO[:, ::-1] if mirrored else PHOTO
    seen = light_of()[..., 3] == 0
    assert np.abs(picture.astype(int) - expected)[seen].max() <= 1


def test_a_crop_of_a_photograph_fills_the_image():
    quarters = np.zeros((80, 80, 3), np.uint8)
    quarters[:40, 40:] = (200, 10, 90)
    shelf = Shelf(images={"photo": quarters})
    backdrop = Backdrop("photo", photo="photo", crop_xyxy=(0.6, 0.1, 0.9, 0.4))
    picture = develop(scene_with(backdrop), np.zeros((72, 96, 4), np.float32), shelf)
    assert np.abs(picture.astype(int) - (200, 10, 90)).max() <= 1


@pytest.mark.parametrize("kind", ["environment", "color"])
@pytest.mark.parametrize("level", [1e-4, 1e-2, 1e2, 1e4])
def test_automatic_exposure_makes_light_of_any_strength_the_same_picture(kind, level):
    scenes = [scene_with(Backdrop(kind), environment=Environment("sky", strength=s)) for s in (1.0, level)]
    plain, scaled = (develop(s, light_of(0, lv), SHELF) for s, lv in zip(scenes, (1.0, level), strict=True))
    assert np.abs(plain.astype(int) - scaled).max() <= 1
    assert 60 < plain[light_of()[..., 3] > 0].mean() < 190


def test_a_bright_object_before_a_dark_backdrop_is_not_burnt_out():
    light = light_of(0, 100.0)
    picture = develop(scene_with(Backdrop("environment"), environment=Environment("sky", strength=1e-3)), light, SHELF)
    assert np.median(picture[light[..., 3] > 0]) < 235


def test_without_any_light_the_picture_is_black():
    picture = develop(scene_with(Backdrop("color", (0.0, 0.0, 0.0))), np.zeros((72, 96, 4), np.float32), SHELF)
    assert not picture.any()


def test_light_that_is_not_finite_harms_only_its_own_pixel():
    light = light_of()
    broken = light.copy()
    broken[30, 40], broken[31, 41] = np.nan, np.inf
    a, b = (develop(scene_with(), x, SHELF) for x in (light, broken))
    changed = np.any(np.abs(a.astype(int) - b) > 3, axis=-1)
    assert not changed[np.arange(72) != 30][:, np.arange(96) != 41].sum() > 1


def test_one_stop_more_is_brighter_everywhere_and_white_balance_tints_all():
    plain, brighter, warmer = (
        develop(scene_with(Backdrop("environment"), sensor), light_of(), SHELF).astype(int)
        for sensor in (Sensor(), Sensor(exposure_ev=1.0), Sensor(white_balance=(1.3, 1.0, 0.7)))
    )
    assert (brighter >= plain).all()
    assert brighter.mean() > plain.mean() + 10
    assert (warmer[..., 0] >= plain[..., 0]).all()
    assert (warmer[..., 2] <= plain[..., 2]).all()
    np.testing.assert_array_equal(warmer[..., 1], plain[..., 1])


def test_noise_is_a_fact_of_the_scene_and_as_strong_as_asked_for():
    flat = Backdrop("color", (0.5, 0.5, 0.5))
    nothing = np.zeros((72, 96, 4), np.float32)
    one, again, other, none = (
        develop(scene_with(flat, Sensor(noise_sigma=sigma, noise_seed=seed)), nothing, SHELF).astype(float)
        for sigma, seed in ((0.02, 1), (0.02, 1), (0.02, 2), (0.0, 1))
    )
    np.testing.assert_array_equal(one, again)
    assert (one != other).mean() > 0.5
    assert np.std(one - none) == pytest.approx(0.02 * 255, rel=0.05)


def test_compression_changes_little_and_less_at_higher_quality():
    plain, low, high = (
        develop(scene_with(Backdrop("environment"), Sensor(jpeg_quality=q)), light_of(), SHELF).astype(float)
        for q in (None, 20, 97)
    )
    assert 0 < np.abs(high - plain).mean() < np.abs(low - plain).mean() < 25


def test_blur_keeps_the_light():
    spot = np.zeros((41, 41, 3), np.float32)
    spot[20, 20] = 3.0
    soft = blurred(spot, 2.0)
    np.testing.assert_allclose(soft.sum(axis=(0, 1)), 3.0, rtol=1e-5)
    x = np.arange(41) - 20
    assert np.sqrt((soft[..., 0].sum(axis=0) * x**2).sum() / 3.0) == pytest.approx(2.0, rel=0.02)


@given(st.floats(0, 1))
def test_srgb_and_tone_curve_have_inverses(value):
    assert srgb_decoded(srgb_encoded(np.float64(value))) == pytest.approx(value, abs=1e-6)
    shown = srgb_encoded(_toned(_untoned(np.float64(value))))
    assert abs(shown - value) * 255 < 0.5


@given(st.floats(0, 50), st.floats(0, 50))
def test_the_tone_curve_keeps_order(a, b):
    low, high = sorted((a, b))
    assert _toned(np.float64(low)) <= _toned(np.float64(high)) <= 1


@pytest.mark.parametrize(
    ("direction", "column", "row"),
    [((1, 0, 0), 32, 16), ((0, -1, 0), 48, 16), ((0, 1, 0), 16, 16), ((-1, 1e-9, 0), 0, 16), ((1, 0, 1), 32, 8)],
    ids=["ahead is the middle", "right is clockwise", "left", "behind is the seam", "up is the first row"],
)
def test_an_environment_lies_around_the_world_as_the_conventions_say(direction, column, row):
    expected = bilinear(SKY, np.array([float(column)]), np.array([float(row)]), tiled_rows=False)[0]
    np.testing.assert_allclose(environment_radiance(SKY, np.array([direction], float), 0.0)[0], expected, rtol=1e-4)


@given(st.floats(-7, 7), st.floats(-7, 7))
def test_turning_the_map_is_turning_the_world_the_other_way(rotation, azimuth):
    def toward(a):
        return np.array([[np.cos(a), np.sin(a), 0.3]])

    turned = environment_radiance(SKY, toward(azimuth + rotation), rotation)
    np.testing.assert_allclose(turned, environment_radiance(SKY, toward(azimuth), 0.0), atol=2e-4)


@pytest.mark.parametrize("rows", [64, 250, 9])
def test_irradiance_of_linear_light_is_known_in_closed_form(rows):
    """Light 1 + w.a from direction w falls on a surface that faces n as pi + 2 pi / 3 n.a."""
    a = np.array([0.3, -0.5, 0.6])
    columns = 2 * rows
    azimuth = np.pi * (1 - (np.arange(columns) + 0.5) / rows)
    polar = (np.arange(rows) + 0.5) / rows * np.pi
    x, y = np.outer(np.sin(polar), np.cos(azimuth)), np.outer(np.sin(polar), np.sin(azimuth))
    z = np.outer(np.cos(polar), np.ones(columns))
    radiance = np.repeat((1 + np.stack([x, y, z], axis=-1) @ a)[..., None], 3, axis=-1)
    normals = np.random.default_rng(1).normal(size=(50, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    found = environment_radiance(irradiance_map(radiance.astype(np.float32)), normals, 0.0)
    np.testing.assert_allclose(found[:, 0], np.pi + 2 * np.pi / 3 * normals @ a, rtol=0.04)


def test_the_backdrop_shows_the_light_that_the_environment_sends():
    environment = Environment("sky", rotation_rad=0.7, strength=0.2, tint=(1.0, 0.8, 0.5))
    scene = scene_with(Backdrop("environment"), Sensor(auto_exposure=False), environment)
    camera = scene.camera
    rays = pixel_rays(camera.k, 0, 0, 96, 72) @ camera.world_from_camera[:3, :3].T
    light = environment_light(environment, rays, SHELF)
    picture = develop(scene, np.zeros((72, 96, 4), np.float32), SHELF)
    expected = srgb_encoded(_toned(light)) * 255
    assert np.abs(picture - expected).max() <= 0.51


def test_an_environment_that_is_not_seen_is_not_looked_at():
    """The library has none; however the camera moves and blurs, there is nothing to blur."""
    camera = dataclasses.replace(scene_with().camera, angular_velocity_rad_s=(0, 1, 0), aperture_m=0.1)
    scene = dataclasses.replace(scene_with(environment=Environment("missing")), camera=camera)
    assert not environment_backdrop(scene, Shelf(), np.zeros((72, 96), bool)).any()
