"""Motion blur: light is spread along the ways that things take over the picture, as the mean of many moments has it."""

import dataclasses

import numpy as np
import pytest

from cyclorama.core.geometry import rigid, rotation_about
from cyclorama.core.render import RenderSettings
from cyclorama.core.scene import Backdrop, Camera, Environment, Scene, Sensor
from cyclorama.render.develop import develop
from cyclorama.render.engines.analytic import Analytic
from cyclorama.render.frame import render_frame, rendered_light
from cyclorama.render.geometry import Caster, cast
from cyclorama.render.motion import Ways, smeared, smeared_backdrop, streaked
from scenes import Shelf, sphere_model, spheres_scene

SIZE, FOCAL_PX = 96, 300.0
MOTIONS = {
    "sideways": {"velocity_m_s": (0.12, 0.0, 0.0)},
    "up and ahead": {"velocity_m_s": (0.0, -0.1, 0.15)},
    "rolling": {"angular_velocity_rad_s": (0.0, 0.0, 0.25)},
    "panning": {"angular_velocity_rad_s": (0.03, -0.1, 0.0)},
    "all": {"velocity_m_s": (0.05, 0.08, -0.05), "angular_velocity_rad_s": (-0.03, 0.05, 0.1)},
}
LENSES = {
    "pinhole": {},
    "barrel": {"distortion": (-0.35, 0.12, 2e-3, -1e-3, 0.0)},
    "fisheye": {"fisheye": (0, 0, 0, 0)},
}


def camera_with(**fields):
    k = np.array([[FOCAL_PX, 0, SIZE / 2], [0, FOCAL_PX, SIZE / 2], [0, 0, 1]])
    return Camera(SIZE, SIZE, k, np.eye(4), **fields)


def textured(seed=0):
    light = np.random.default_rng(seed).lognormal(0, 1, (SIZE, SIZE, 4)).astype(np.float32)
    light[..., 3] = 1
    return light


def moved(camera, time_s):
    """The camera so long after the middle of the exposure."""
    turn = np.asarray(camera.angular_velocity_rad_s) * time_s
    rotation = rotation_about(turn, np.linalg.norm(turn)) if turn.any() else np.eye(3)
    pose = camera.world_from_camera @ rigid(rotation, np.asarray(camera.velocity_m_s) * time_s)
    return dataclasses.replace(camera, world_from_camera=pose)


def spread_px(plane):
    """Of light on dark along columns, as the width of a box of the same variance."""
    columns, weights = np.arange(plane.shape[1]), plane.sum(axis=0)
    mean = (weights * columns).sum() / weights.sum()
    return np.sqrt(12 * (weights * (columns - mean) ** 2).sum() / weights.sum())


@pytest.mark.parametrize(
    ("motion", "exposure_s"), [({}, 1.0), ({"velocity_m_s": (1, 2, 3), "angular_velocity_rad_s": (1, 2, 3)}, 0.0)]
)
def test_without_motion_light_stays_as_it_is(motion, exposure_s):
    light, camera = textured(), camera_with(**motion)
    assert smeared(light, np.ones((SIZE, SIZE)), camera, exposure_s) is light
    assert smeared_backdrop(light, camera, exposure_s) is light


@pytest.mark.parametrize("motion", MOTIONS.values(), ids=MOTIONS)
@pytest.mark.parametrize("lens", LENSES.values(), ids=LENSES)
def test_ways_are_those_of_points_that_a_moving_camera_sees(motion, lens):
    camera = camera_with(**motion, **lens)
    rng = np.random.default_rng(0)
    columns, rows = rng.integers(0, SIZE, (2, 200))
    depth_m = rng.uniform(0.5, 5, 200)
    pixels = np.c_[columns, rows] + 0.5
    points = np.insert(camera.unprojected(pixels), 2, 1.0, axis=1) * depth_m[:, None]

    def seen(time_s):
        camera_from_then = np.linalg.inv(moved(camera, time_s).world_from_camera)
        return camera.projected(points @ camera_from_then[:3, :3].T + camera_from_then[:3, 3])

    inverse_m = np.zeros((SIZE, SIZE), np.float32)
    inverse_m[rows, columns] = 1 / depth_m
    found = Ways.of(camera, 0.2).at(inverse_m)[:, rows, columns].T
    unique = inverse_m[rows, columns] == (1 / depth_m).astype(np.float32)
    expected = seen(0.1) - seen(-0.1)
    np.testing.assert_allclose(found[unique], expected[unique], atol=0.05 + 0.03 * np.abs(expected).max())


@pytest.mark.parametrize("way", [(7.0, 0.0), (0.0, 12.0), (20.0, -9.0)])
def test_light_becomes_a_line_as_long_as_its_way_and_is_neither_made_nor_lost(way):
    dots = np.zeros((SIZE, SIZE, 1), np.float32)
    dots[48, 48] = 5.0
    found = streaked(dots, np.broadcast_to(np.float32(way)[:, None, None], (2, SIZE, SIZE))).reshape(SIZE, SIZE)
    assert found.sum() == pytest.approx(5.0, rel=1e-4)
    lit = found > 0.02 * found.max()
    x, y = np.nonzero(lit.any(axis=0))[0], np.nonzero(lit.any(axis=1))[0]
    np.testing.assert_allclose([np.ptp(x), np.ptp(y)], np.abs(way), atol=3)
    for plane, length in ((found, way[0]), (found.T, way[1])):
        assert spread_px(plane) == pytest.approx(abs(length), rel=0.15, abs=4)


def test_a_near_thing_smears_more_than_a_far_one_in_proportion():
    camera = camera_with(velocity_m_s=(1.0, 0, 0))
    lengths = []
    for depth_m in (0.5, 1.0, 2.0):
        light = np.zeros((SIZE, SIZE, 4), np.float32)
        light[:, 48] = 1
        lengths.append(spread_px(smeared(light, np.full((SIZE, SIZE), depth_m), camera, 0.05)[..., 0]))
    np.testing.assert_allclose(lengths, FOCAL_PX * 0.05 / np.array([0.5, 1.0, 2.0]), rtol=0.05, atol=0.5)


def test_what_is_far_stays_as_it_is_beside_a_near_thing_that_smears_over_it():
    camera, light, depth = camera_with(velocity_m_s=(0.2, 0, 0)), textured(), np.full((SIZE, SIZE), np.inf)
    depth[30:60, 40:60], light[30:60, 40:60] = 1.0, 4.0
    found = smeared(light, depth, camera, 0.2)
    away = np.ones((SIZE, SIZE), bool)
    away[28:62, 30:70] = False
    np.testing.assert_array_equal(found[away], light[away])
    # It moves by 12 px, half of it to each side of its edge.
    share = (found[32:58, 36:64, 0].mean(axis=0) - 1.6) / (4 - 1.6)
    assert share[8:20].min() > 0.85
    assert 0.3 < share[[3, 4, 23, 24]].mean() < 0.7
    assert (found[32:58, [31, 68]] == light[32:58, [31, 68]]).mean() > 0.9


@pytest.mark.parametrize("motion", MOTIONS.values(), ids=MOTIONS)
@pytest.mark.parametrize("lens", LENSES.values(), ids=LENSES)
def test_a_smeared_picture_is_near_the_mean_of_many_moments(motion, lens):
    """Rendered one by one: truth from outside."""
    shelf = Shelf(sphere_model(3))
    scene = spheres_scene(1)
    scene = dataclasses.replace(scene, camera=dataclasses.replace(scene.camera, **motion, **lens))
    renderer = Analytic(shelf, RenderSettings("analytic", "good"))

    def light_at(time_s):
        then = dataclasses.replace(scene, camera=moved(scene.camera, time_s))
        return rendered_light(then, renderer, shelf).rgba

    sharp = light_at(0.0)
    truth = np.mean([light_at(t) for t in (np.arange(12) + 0.5) / 12 - 0.5], axis=0)
    found = smeared(sharp, cast(scene, shelf).depth_m, scene.camera, 1.0)
    assert np.abs(found - truth).mean() < 0.3 * np.abs(sharp - truth).mean()
    assert found[..., 3].sum() == pytest.approx(truth[..., 3].sum(), rel=0.03)


def test_the_same_light_everywhere_stays_it():
    light = np.full((SIZE, SIZE, 4), 0.7, np.float32)
    depth = np.where(np.random.default_rng(0).random((SIZE, SIZE)) > 0.5, 1.0, 3.0)
    camera = camera_with(velocity_m_s=(0.2, 0.1, 0.3), angular_velocity_rad_s=(0.1, 0.1, 0.5))
    np.testing.assert_allclose(smeared(light, depth, camera, 0.3), light, rtol=1e-4)


@pytest.mark.parametrize("lens", LENSES.values(), ids=LENSES)
@pytest.mark.parametrize("exposure_s", [1e-9, 0.1, 10.0])
def test_whatever_the_speed_light_stays_finite_and_within_its_bounds(exposure_s, lens):
    light, depth = textured(), np.random.default_rng(0).choice([0.01, 1.0, 50.0, np.inf], (SIZE, SIZE))
    camera = camera_with(velocity_m_s=(500, -300, 900), angular_velocity_rad_s=(100, 50, -80), **lens)
    found = smeared(light, depth, camera, exposure_s)
    assert found.min() >= 0
    assert found.max() <= light.max() * (1 + 1e-5)


def test_light_that_is_not_finite_harms_no_other():
    light = textured()
    light[3, 3] = np.nan
    assert np.isfinite(smeared(light, np.ones((SIZE, SIZE)), camera_with(velocity_m_s=(0.1, 0, 0)), 0.1)).all()


@pytest.mark.parametrize("backdrop", [Backdrop("environment"), Backdrop("photo", photo="noise")], ids=lambda b: b.kind)
def test_a_backdrop_smears_where_the_camera_turns_and_only_there(backdrop):
    rng = np.random.default_rng(0)
    shelf = Shelf(
        images={"noise": rng.integers(0, 256, (SIZE, SIZE, 3), np.uint8)},
        environments={"sky": rng.uniform(0, 1, (256, 512, 3)).astype(np.float32)},
    )
    still, shifted, turned = (
        Scene(0, 0, camera, environment=Environment("sky"), backdrop=backdrop, sensor=Sensor(exposure_s=0.1))
        for camera in (
            camera_with(),
            camera_with(velocity_m_s=(1, 0, 0)),
            camera_with(angular_velocity_rad_s=(0, 0.5, 0)),
        )
    )
    nothing = np.zeros((SIZE, SIZE, 4), np.float32)
    plain, same, smooth = (develop(s, nothing, shelf).astype(float) for s in (still, shifted, turned))
    np.testing.assert_array_equal(plain, same)
    across, down = (np.abs(np.diff(smooth, axis=a)).mean() / np.abs(np.diff(plain, axis=a)).mean() for a in (1, 0))
    assert across < 0.5 * down


def test_labels_are_of_the_middle_of_the_exposure():
    shelf = Shelf(sphere_model(3))
    scene = spheres_scene(1)
    camera = dataclasses.replace(scene.camera, velocity_m_s=(0.5, 0, 0))
    moving = dataclasses.replace(scene, camera=camera, sensor=Sensor(exposure_s=0.2))
    renderer, caster = Analytic(shelf, RenderSettings("analytic")), Caster(shelf)
    sharp, smooth = (
        render_frame(dataclasses.replace(s, backdrop=Backdrop("color")), renderer, caster, shelf)
        for s in (scene, moving)
    )
    np.testing.assert_array_equal(sharp.geometry.instance_ids, smooth.geometry.instance_ids)
    assert (sharp.rgb != smooth.rgb).mean() > 0.1
