"""A rolling shutter: every row sees what a camera sees that is posed as at the row's own time."""

import dataclasses

import numpy as np
import pytest
import trimesh
from scipy.ndimage import maximum_filter, minimum_filter

from cyclorama.core.errors import InputError
from cyclorama.core.geometry import inverse, random_rotation, rigid, rotation_about, transformed
from cyclorama.core.model import Model
from cyclorama.core.plain import from_plain, to_plain
from cyclorama.core.render import RenderSettings
from cyclorama.core.scene import Backdrop, Camera, Environment, Lamp, Scene, Sensor, Surface
from cyclorama.render.develop import develop
from cyclorama.render.engines.analytic import Analytic
from cyclorama.render.frame import rendered_light
from cyclorama.render.geometry import cast
from cyclorama.render.lens import pinhole
from cyclorama.render.motion import smeared
from cyclorama.render.rays import camera_rays, picture_rays
from cyclorama.render.window import MARGIN_IMAGES, NEAR_M, projected_window
from scenes import Shelf, sphere_model, spheres_scene
from stage import DARK, SHELF, placed

SPHERES = Shelf(sphere_model())
READOUT_S = 0.03
TURNS = {
    "panning": (0.0, 2.0, 0.0),
    "tilting": (-3.0, 0.0, 0.0),
    "rolling": (0.0, 0.0, 4.0),
    "shaking": (1.5, -2.0, 3.0),
}
LENSES = {
    "pinhole": {},
    "barrel": {"distortion": (-0.35, 0.12, 2e-3, -1e-3, 0.0)},
    "fisheye": {"fisheye": (-0.02, 0.01, -0.005, 0.001)},
}


@pytest.fixture(params=TURNS.values(), ids=TURNS)
def turn(request):
    return request.param


@pytest.fixture(params=LENSES.values(), ids=LENSES)
def lens(request):
    return request.param


def rolled(scene, turn, **fields):
    fields = {"angular_velocity_rad_s": turn, "readout_s": READOUT_S, **fields}
    return dataclasses.replace(scene, camera=dataclasses.replace(scene.camera, **fields))


def at_row(camera, row):
    """The camera whose rows all see when that one does, posed as it is then."""
    turn = np.asarray(camera.angular_velocity_rad_s) * camera.readout_s * ((row + 0.5) / camera.height - 0.5)
    pose = camera.world_from_camera @ rigid(rotation_about(turn, np.linalg.norm(turn)), [0, 0, 0])
    return dataclasses.replace(camera, world_from_camera=pose, readout_s=0.0)


def edges(ids):
    return maximum_filter(ids, 3) != minimum_filter(ids, 3)


def test_every_row_is_that_of_a_camera_posed_as_at_its_time(turn, lens):
    """Truth from outside: each row's whole picture is rendered and cast by itself."""
    scene = rolled(spheres_scene(1), turn, **lens)
    renderer = Analytic(SPHERES, RenderSettings("analytic", "best"))
    geometry, light = cast(scene, SPHERES), rendered_light(scene, renderer, SPHERES).rgba
    away = ~maximum_filter(edges(geometry.instance_ids), 3)
    pose = scene.camera.world_from_camera
    seen = picture_rays(scene.camera) * np.where(np.isfinite(geometry.depth_m), geometry.depth_m, 0)[..., None]
    for row in range(0, scene.camera.height, 7):
        then = dataclasses.replace(scene, camera=at_row(scene.camera, row))
        truth = cast(then, SPHERES)
        np.testing.assert_array_equal(geometry.instance_ids[row], truth.instance_ids[row])
        hit = truth.instance_ids[row] > 0
        points = picture_rays(then.camera)[row, hit] * truth.depth_m[row, hit, None]
        there = transformed(then.camera.world_from_camera, points)
        np.testing.assert_allclose(transformed(pose, seen[row, hit]), there, atol=1e-5)
        np.testing.assert_allclose(
            geometry.normal_camera[row, hit] @ pose[:3, :3].T,
            truth.normal_camera[row, hit] @ then.camera.world_from_camera[:3, :3].T,
            atol=1e-5,
        )
        expected = rendered_light(then, renderer, SPHERES).rgba[row]
        np.testing.assert_allclose(light[row, away[row]], expected[away[row]], atol=0.02)


def test_points_are_projected_to_where_they_are_seen(turn, lens):
    """All over the picture and beyond it, to a millionth of a pixel."""
    camera = rolled(spheres_scene(0), turn, **lens).camera
    size = np.array([camera.width, camera.height])
    pixels = np.random.default_rng(0).uniform(-0.3 * size, 1.3 * size, (2000, 2))
    points = np.insert(camera.unprojected(pixels), 2, 1.0, axis=1) * np.linspace(0.3, 3, 2000)[:, None]
    np.testing.assert_allclose(camera.projected(points), pixels, atol=1e-6)


def test_the_rays_of_a_picture_are_those_of_its_pixels(turn):
    camera = rolled(spheres_scene(0), turn).camera
    np.testing.assert_array_equal(picture_rays(camera), camera_rays(camera, np.arange(96), np.arange(72)))
    assert picture_rays(camera) is picture_rays(dataclasses.replace(camera, world_from_camera=np.eye(4)))
    slower = dataclasses.replace(camera, readout_s=READOUT_S / 2)
    assert np.abs(picture_rays(camera) - picture_rays(slower)).max() > 1e-3
    still = dataclasses.replace(camera, angular_velocity_rad_s=(0.0, 0.0, 0.0), velocity_m_s=(1.0, 0.0, 0.0))
    np.testing.assert_array_equal(picture_rays(still), picture_rays(spheres_scene(0).camera))
    assert pinhole(still) is still


def test_a_pole_slants_by_what_the_camera_pans_in_picture_and_labels_of_every_engine(engine):
    """From the first row to the last by turn times focal length; in the middle row it is where it was."""
    size, focal, turn = 96, 120.0, 1.2
    k = [[focal, 0, size / 2], [0, focal, size / 2], [0, 0, 1]]
    pose = rigid(rotation_about([1, 0, 0], np.pi / 2) @ np.diag([1, -1, -1.0]), [0, -2, 0])
    assert np.linalg.det(pose) == pytest.approx(1)
    camera = Camera(size, size, k, pose, angular_velocity_rad_s=(0, turn, 0), readout_s=0.1)
    white = Surface(emission=(1.0, 1.0, 1.0))
    pole = dataclasses.replace(placed(1, "matt-sphere", surface=white), scale=(0.5, 0.5, 30))
    scene = Scene(0, 0, camera, (pole,), (Lamp("point", (0, -2, 0)),), DARK)
    mask = cast(scene, SHELF).instance_ids == 1
    alpha = rendered_light(scene, engine, SHELF).rgba[..., 3]
    for shown in (mask.astype(float), alpha):
        middles = (shown * (np.arange(size) + 0.5)).sum(axis=1) / shown.sum(axis=1)
        angles = turn * 0.1 * ((np.arange(size) + 0.5) / size - 0.5)
        np.testing.assert_allclose(middles, size / 2 - focal * np.tan(angles), atol=0.6)
        assert middles[0] - middles[-1] == pytest.approx(focal * turn * 0.1, abs=0.5)
    away = ~maximum_filter(edges(mask), 3)
    np.testing.assert_allclose(alpha[away], mask[away], atol=0.02)


@pytest.mark.parametrize("seed", range(20))
def test_a_models_window_is_around_all_that_is_seen_of_it(seed, turn, lens):
    rng = np.random.default_rng(seed)
    camera = rolled(spheres_scene(0), turn, **lens).camera
    mesh = trimesh.creation.box(rng.uniform(0.02, 1.5, 3))
    model = Model("box-1", "box", mesh.vertices, mesh.faces, mesh.vertex_normals)
    pose = rigid(random_rotation(rng), rng.uniform((-1, -1, -0.2), (1, 1, 2)))
    window, _ = projected_window(model, pose, camera)
    points = transformed(pose, mesh.sample(4000, seed=seed))
    pixels = camera.projected(points[points[:, 2] > NEAR_M])
    size = np.array([camera.width, camera.height])
    x, y = pixels[((pixels > -MARGIN_IMAGES * size) & (pixels < (1 + MARGIN_IMAGES) * size)).all(axis=1)].T
    assert ((x >= window.x0) & (x <= window.x1) & (y >= window.y0) & (y <= window.y1)).all()


def test_a_smeared_picture_is_near_the_mean_of_many_moments(turn, lens):
    """Of rolling pictures, each taken a little later."""
    scene = rolled(spheres_scene(1), turn, readout_s=0.05, **lens)
    renderer, exposure_s = Analytic(SPHERES, RenderSettings("analytic", "good")), 0.06

    def light_at(time_s):
        turned = np.asarray(turn) * time_s
        pose = scene.camera.world_from_camera @ rigid(rotation_about(turned, np.linalg.norm(turned)), [0, 0, 0])
        camera = dataclasses.replace(scene.camera, world_from_camera=pose)
        return rendered_light(dataclasses.replace(scene, camera=camera), renderer, SPHERES).rgba

    sharp = light_at(1e-9)
    truth = np.mean([light_at(exposure_s * ((n + 0.5) / 12 - 0.5)) for n in range(12)], axis=0)
    found = smeared(sharp, cast(scene, SPHERES).depth_m, scene.camera, exposure_s)
    assert np.abs(found - truth).mean() < 0.3 * np.abs(sharp - truth).mean()


def test_the_environment_behind_slants_with_what_is_before_it():
    sky = np.random.default_rng(0).uniform(0, 0.5, (16, 32, 3)).astype(np.float32)
    shelf = Shelf(environments={"sky": sky})
    scene = rolled(spheres_scene(0), (0.0, 2.0, 0.0))
    sensor = Sensor(auto_exposure=False, exposure_s=1e-9)
    scene = dataclasses.replace(scene, environment=Environment("sky"), backdrop=Backdrop(), sensor=sensor)
    nothing = np.zeros((72, 96, 4), np.float32)
    picture = develop(scene, nothing, shelf)
    for row in (0, 40, 71):
        then = dataclasses.replace(scene, camera=at_row(scene.camera, row))
        np.testing.assert_allclose(picture[row].astype(int), develop(then, nothing, shelf)[row].astype(int), atol=1)


@pytest.mark.parametrize(("turn", "readout_s"), [((40.0, 0, 0), 0.05), ((0, 3.0, 0), 0.9), ((1000.0, 5, 900), 1.0)])
def test_a_camera_that_turns_so_fast_that_rows_see_things_twice_is_refused(turn, readout_s):
    with pytest.raises(InputError, match=r"rows would see things twice; expected a shorter readout or a slower turn"):
        rolled(spheres_scene(0), turn, readout_s=readout_s)


def test_a_readout_that_is_no_time_is_refused():
    with pytest.raises(InputError, match="readout_s -1: expected at least 0 seconds"):
        rolled(spheres_scene(0), (0, 0, 0), readout_s=-1)


def test_a_saved_camera_rolls_as_it_did():
    camera = rolled(spheres_scene(0), (1.5, -2.0, 3.0)).camera
    again = from_plain(Camera, to_plain(camera))
    np.testing.assert_array_equal(picture_rays(again), picture_rays(camera))
    before = {name: value for name, value in to_plain(camera).items() if name != "readout_s"}
    assert from_plain(Camera, before).readout_s == 0, "records from before shutters rolled"


def test_objects_beyond_the_border_are_followed_there():
    """A sphere that the border cuts has about the pixels that it has when the picture is larger."""
    scene = rolled(spheres_scene(1, count=1), (0.0, 0.0, 4.0))
    sphere = dataclasses.replace(scene.instances[0], category="ball")
    centre = np.array([0.5 * 0.97, 0.0, 1.0, 1.0])
    pose = rigid(np.eye(3), (scene.camera.world_from_camera @ centre)[:3])
    scene = dataclasses.replace(scene, instances=(dataclasses.replace(sphere, world_from_object=pose),))
    silhouette = cast(scene, SPHERES).silhouettes[1]
    inside = np.count_nonzero(silhouette.mask)
    assert 0.2 < inside / silhouette.total_px < 0.8
    x0, y0, x1, y1 = silhouette.extent_xyxy
    assert x1 > scene.camera.width
    points = transformed(inverse(scene.camera.world_from_camera), pose[None, :3, 3])
    np.testing.assert_allclose(scene.camera.projected(points)[0], [(x0 + x1) / 2, (y0 + y1) / 2], atol=1.5)
