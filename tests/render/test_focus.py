"""Depth of field: what is out of focus becomes discs, light is neither made nor lost, what is in focus stays sharp."""

import dataclasses

import numpy as np
import pytest

from cyclorama.core.geometry import rigid, rotation_about
from cyclorama.core.render import RenderSettings
from cyclorama.core.scene import Backdrop, Camera, Environment, Scene, Sensor, Surface
from cyclorama.render.develop import develop
from cyclorama.render.engines.analytic import Analytic
from cyclorama.render.focus import disc, disc_px, focused
from cyclorama.render.frame import render_frame, rendered_light
from cyclorama.render.geometry import Caster, cast
from scenes import Shelf
from stage import DARK, SHELF, placed

SIZE, FOCAL_PX = 96, 300.0
DOWN = rigid(rotation_about([1, 0, 0], np.pi), [0, 0, 2.0])


def camera_with(aperture_m, focus_m=1.0, size=SIZE, focal_y=FOCAL_PX):
    k = np.array([[FOCAL_PX, 0, size / 2], [0, focal_y, size / 2], [0, 0, 1]])
    return Camera(size, size, k, DOWN, aperture_m=aperture_m, focus_m=focus_m)


def textured(seed=0, size=SIZE):
    light = np.random.default_rng(seed).lognormal(0, 1, (size, size, 4)).astype(np.float32)
    light[..., 3] = 1
    return light


def diameters(weights):
    """Of the discs in columns and rows that are spread as far: a sixteenth of the square is a disc's variance."""
    y, x = np.mgrid[: weights.shape[0], : weights.shape[1]]
    total = weights.sum()
    return [4 * np.sqrt((weights * a**2).sum() / total - ((weights * a).sum() / total) ** 2) for a in (x, y)]


@pytest.mark.parametrize("depth_m", [1.0, 7.0])
def test_without_an_aperture_light_stays_as_it_is(depth_m):
    light = textured()
    assert focused(light, np.full((SIZE, SIZE), depth_m), camera_with(0.0)) is light


def test_what_is_in_focus_stays_as_it_is_to_the_last_bit_whatever_is_behind_and_far_before():
    light, depth = textured(), np.full((SIZE, SIZE), 3.0)
    depth[30:60, 20:80] = 1.0
    depth[:8, :8] = 0.6
    found = focused(light, depth, camera_with(0.03))
    np.testing.assert_array_equal(found[30:60, 20:80], light[30:60, 20:80])
    assert np.abs(found[64:90] - light[64:90]).mean() > 0.1


@pytest.mark.parametrize("depth_m", [0.6, 0.8, 1.3, 2.0, 9.0])
@pytest.mark.parametrize("focal_y", [FOCAL_PX, 1.5 * FOCAL_PX])
def test_a_point_becomes_a_disc_as_large_as_a_thin_lens_makes_it(depth_m, focal_y):
    camera = camera_with(0.04, focal_y=focal_y, size=192)
    # Points all over the pixels of a coarser picture, far enough apart.
    light, depth = np.zeros((192, 192, 4), np.float32), np.full((192, 192), np.inf)
    light[101, 94], depth[101, 94] = (3, 2, 1, 1), depth_m
    found = focused(light, depth, camera)
    width = FOCAL_PX * 0.04 * abs(depth_m - 1.0) / depth_m
    np.testing.assert_allclose(diameters(found[..., 3]), [width, width * focal_y / FOCAL_PX], rtol=0.12)
    np.testing.assert_allclose(found.sum(axis=(0, 1)), (3, 2, 1, 1), rtol=1e-4)
    assert disc_px(np.array(depth_m), camera) == pytest.approx(np.sign(depth_m - 1) * width)


@pytest.mark.parametrize(("width", "height"), [(0.0, 0.0), (1, 1), (3.3, 3.3), (8, 8), (6, 9)])
def test_a_disc_is_a_disc(width, height):
    weights = disc(width, height)
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()
    np.testing.assert_array_equal(weights, weights[::-1, ::-1])
    if min(width, height) > 3:
        np.testing.assert_allclose(diameters(weights), (width, height), rtol=0.04)
        inside = np.pi / 4 * width * height
        assert weights.max() == pytest.approx(1 / inside, rel=0.03)


@pytest.mark.parametrize("depth_m", [0.7, 1.0, 2.0], ids=["before", "in focus", "behind"])
def test_a_thing_before_nothing_sends_as_much_light_and_covers_as_much(depth_m):
    light, depth = textured(), np.full((SIZE, SIZE), np.inf)
    depth[30:60, 35:65] = depth_m
    light[~np.isfinite(depth)] = 0
    found = focused(light, depth, camera_with(0.04))
    np.testing.assert_allclose(found.sum(axis=(0, 1)), light.sum(axis=(0, 1)), rtol=2e-3)
    assert found[..., 3].max() <= 1 + 1e-5


@pytest.mark.parametrize("aperture_m", [0.01, 0.03, 0.1])
def test_nothing_shines_through_surfaces_that_lie_behind_one_another(aperture_m):
    """A plane that comes nearer, through the focus, and things before and behind it."""
    light, depth = textured(), np.broadcast_to(np.linspace(2.5, 0.5, SIZE)[:, None], (SIZE, SIZE)).copy()
    y, x = np.mgrid[:SIZE, :SIZE]
    for cx, cy, near_m in ((30, 30, 0.7), (60, 40, 1.0), (40, 75, 0.45)):
        ball = np.hypot(x - cx, y - cy) < 12
        depth[ball] = near_m
    found = focused(light, depth, camera_with(aperture_m))
    np.testing.assert_allclose(found[..., 3], 1, atol=1e-5)
    assert found[..., :3].sum() == pytest.approx(light[..., :3].sum(), rel=0.05)


def test_a_thing_before_the_focus_blurs_over_what_is_in_it_and_lets_it_through_at_its_edge():
    light, depth = np.ones((SIZE, SIZE, 4), np.float32), np.full((SIZE, SIZE), 1.0)
    light[..., :3] = (0, 1, 0)
    depth[:, :48], light[:, :48, :3] = 0.6, (1, 0, 0)
    found = focused(light, depth, camera_with(0.06))
    half_px = 0.5 * FOCAL_PX * 0.06 * 0.4 / 0.6
    red, green = found[48, :, 0], found[48, :, 1]
    np.testing.assert_allclose(red + green, 1, atol=1e-4)
    # Of a disc whose middle is so far from the edge, the red share is a segment.
    away = np.clip((np.arange(SIZE) + 0.5 - 48) / half_px, -1, 1)
    np.testing.assert_allclose(red, (np.arccos(away) - away * np.sqrt(1 - away**2)) / np.pi, atol=0.05)


def test_light_that_is_not_finite_harms_no_other_pixel():
    light, depth = textured(), np.full((SIZE, SIZE), 2.0)
    light[40, 40], light[41, 41] = np.nan, np.inf
    assert np.isfinite(focused(light, depth, camera_with(0.03))).all()


def test_a_smooth_edge_beyond_the_geometrys_is_blurred_with_its_thing():
    light, depth = np.zeros((SIZE, SIZE, 4), np.float32), np.full((SIZE, SIZE), np.inf)
    light[30:60, 30:60], depth[30:60, 30:60] = 1, 1.0
    light[60, 30:60] = 0.5
    np.testing.assert_array_equal(focused(light, depth, camera_with(0.05))[60, 30:60], light[60, 30:60])


def test_a_frame_is_blurred_by_its_own_geometrys_depth_and_its_labels_stay():
    """Also through a lens that distorts: the picture is bent first."""
    sharp = Scene(0, 0, camera_with(0.0), (placed(1, "matt", (0, 0, 0.2), Surface(emission=(1, 1, 1)), 0.1),), (), DARK)
    sharp = dataclasses.replace(sharp, camera=dataclasses.replace(sharp.camera, distortion=(-0.3, 0.1, 0, 0, 0)))
    blurred = dataclasses.replace(sharp, camera=dataclasses.replace(sharp.camera, aperture_m=0.04))
    renderer, caster = Analytic(SHELF, RenderSettings("analytic")), Caster(SHELF)
    before, after = (render_frame(s, renderer, caster, SHELF) for s in (sharp, blurred))
    np.testing.assert_array_equal(before.geometry.instance_ids, after.geometry.instance_ids)
    np.testing.assert_array_equal(before.geometry.depth_m, after.geometry.depth_m)
    light = rendered_light(blurred, renderer, SHELF)
    assert not light.is_focused
    expected = develop(blurred, focused(light.rgba, after.geometry.depth_m, blurred.camera), SHELF)
    np.testing.assert_array_equal(after.rgb, expected)
    assert (before.rgb != after.rgb).any()


def test_the_environment_behind_is_as_much_out_of_focus_as_it_is_far():
    sky = np.zeros((256, 512, 3), np.float32)
    sky[:, ::8] = 1.0
    shelf = Shelf(environments={"sky": sky})
    pose = np.array([[0, 0, 1.0, 0], [-1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 0, 1]])
    pictures = []
    for aperture_m in (0.0, 0.2):
        camera = dataclasses.replace(camera_with(aperture_m), world_from_camera=pose)
        scene = Scene(0, 0, camera, (), (), Environment("sky"), Backdrop("environment"), Sensor(auto_exposure=False))
        pictures.append(develop(scene, np.zeros((SIZE, SIZE, 4), np.float32), shelf)[..., 0].astype(float))
    assert pictures[1][20:-20, 20:-20].std() < 0.3 * pictures[0][20:-20, 20:-20].std()


SQUARE = placed(1, "matt", (0, 0, 0.0), Surface(base_color=(0, 0, 0), emission=(1, 1, 1)), 0.02)


@pytest.fixture
def patient(studio):
    """So many paths that chance, which blur spreads, tells little."""
    studio.open(samples=256)
    yield studio
    studio.open()


@pytest.mark.blender
@pytest.mark.parametrize(("focus_m", "aperture_m"), [(1.0, 0.06), (4.0, 0.12)], ids=["behind", "before"])
def test_cycles_spreads_a_thing_as_far_as_theory_and_as_the_effect_do(patient, focus_m, aperture_m):
    """A square two metres away."""
    scene = Scene(0, 0, camera_with(0.0), (SQUARE,), (), DARK)
    wide = dataclasses.replace(scene, camera=camera_with(aperture_m, focus_m))
    sharp, own = patient.render(scene), patient.render(wide)
    effect = focused(sharp, cast(wide, SHELF).depth_m, wide.camera)
    expected_px = FOCAL_PX * aperture_m * abs(2 - focus_m) / (2 * focus_m)
    grown = [
        np.sqrt(np.subtract(np.square(diameters(p[..., 3])), np.square(diameters(sharp[..., 3]))))
        for p in (own, effect)
    ]
    np.testing.assert_allclose(grown, expected_px, rtol=0.1)
    np.testing.assert_allclose(own.sum(axis=(0, 1)), sharp.sum(axis=(0, 1)), rtol=0.05)
    assert np.abs(own - effect).mean() < 0.1 * own.mean()


@pytest.mark.blender
def test_cycles_and_the_effect_agree_on_things_before_in_and_behind_the_focus(patient):
    colors = np.eye(3)
    things = tuple(
        placed(i + 1, "matt", (x, y, z), Surface(base_color=(0, 0, 0), emission=tuple(colors[i])), size)
        for i, (x, y, z, size) in enumerate([(0, 0, 0, 2.0), (-0.05, 0, 0.8, 0.08), (0.06, 0.05, 1.2, 0.04)])
    )
    scene = Scene(0, 0, camera_with(0.0), things, (), DARK)
    wide = dataclasses.replace(scene, camera=camera_with(0.06, 1.2))
    sharp, own = patient.render(scene), patient.render(wide)
    # The denoiser darkens the border, and blur the effect's part of it.
    sharp, own, effect = (p[8:-8, 8:-8] for p in (sharp, own, focused(sharp, cast(wide, SHELF).depth_m, wide.camera)))
    np.testing.assert_allclose(effect.mean(axis=(0, 1)), own.mean(axis=(0, 1)), rtol=0.02)
    # What is left is in pixels that an edge runs through, of which the effect knows one depth only.
    assert np.abs(effect - own).mean() < 0.4 * np.abs(sharp - own).mean()
