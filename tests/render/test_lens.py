"""What a lens bends: labels through it are as exact as a pinhole's."""

import dataclasses

import cv2
import numpy as np
import pytest
import trimesh
from scipy.ndimage import maximum_filter, minimum_filter

from cyclorama.core.errors import InputError
from cyclorama.core.geometry import intrinsics, inverse, rigid, rotation_about, transformed
from cyclorama.core.model import Model
from cyclorama.core.render import RenderSettings
from cyclorama.core.scene import Backdrop, Camera, Environment, Scene, Sensor
from cyclorama.render.develop import develop
from cyclorama.render.engines.analytic import Analytic
from cyclorama.render.environment import environment_light
from cyclorama.render.frame import rendered_light
from cyclorama.render.geometry import cast
from cyclorama.render.lens import bent as light_bent
from cyclorama.render.lens import pinhole
from cyclorama.render.rays import camera_rays, picture_rays
from cyclorama.render.spheres import sphere_geometry
from cyclorama.render.window import MARGIN_IMAGES, NEAR_M, projected_window
from scenes import RADIUS_M, Shelf, sphere_model, spheres_scene

SHELF = Shelf(sphere_model())
LENSES = {
    "barrel": {"distortion": (-0.35, 0.12, 2e-3, -1e-3, 0.0)},
    "pincushion": {"distortion": (0.4, 0.2, 0.0, 3e-3, 0.1)},
    "tangential": {"distortion": (0.0, 0.0, 0.02, -0.02, 0.0)},
    "fisheye": {"fisheye": (-0.02, 0.01, -0.005, 0.001)},
    "fisheye of 130 degrees": {"fisheye": (0.02, -0.01, 0.0, 0.0), "k": [[50, 0, 46], [0, 54, 37], [0, 0, 1]]},
}
# How far a tessellated sphere lies inside the true one, relative to its radius.
SAGITTA = 2e-3


@pytest.fixture(params=LENSES.values(), ids=LENSES)
def lens(request):
    return request.param


def bent(scene, lens):
    return dataclasses.replace(scene, camera=dataclasses.replace(scene.camera, **lens))


def seen_by_opencv(points_camera, camera):
    """(N, 2) pixel coordinates."""
    none = np.zeros(3)
    if camera.fisheye is None:
        return cv2.projectPoints(points_camera, none, none, camera.k, np.array(camera.distortion))[0][:, 0]
    return cv2.fisheye.projectPoints(points_camera[:, None], none, none, camera.k, np.array(camera.fisheye))[0][:, 0]


@pytest.mark.parametrize(("geometry_of", "roundness"), [(cast, SAGITTA), (sphere_geometry, 3e-6)])
def test_every_labelled_pixel_unprojects_onto_its_sphere_and_opencv_projects_it_back(geometry_of, roundness, lens):
    """Of spheres, which show in every direction, through a lens that is off-centre and has oblong pixels."""
    scene = bent(spheres_scene(1), lens)
    geometry, rays = geometry_of(scene, SHELF), picture_rays(scene.camera)
    for instance in scene.instances:
        rows, columns = np.nonzero(geometry.instance_ids == instance.id)
        points = rays[rows, columns] * geometry.depth_m[rows, columns][:, None].astype(float)
        outward = transformed(scene.camera.world_from_camera, points) - instance.world_from_object[:3, 3]
        np.testing.assert_allclose(np.linalg.norm(outward, axis=1), RADIUS_M * instance.scale[0], rtol=roundness)
        np.testing.assert_allclose(seen_by_opencv(points, scene.camera), np.c_[columns, rows] + 0.5, atol=1e-5)


def test_the_points_of_a_sphere_that_face_the_camera_show_in_its_pixels(lens):
    """The other way: OpenCV says where they are."""
    scene = bent(spheres_scene(1, count=1), lens)
    (sphere,), ids = scene.instances, cast(scene, SHELF).instance_ids
    outward = np.random.default_rng(0).normal(size=(20_000, 3))
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    centre = transformed(inverse(scene.camera.world_from_camera), sphere.world_from_object[:3, 3][None])[0]
    points = centre + 0.998 * RADIUS_M * sphere.scale[0] * outward
    pixels = np.floor(seen_by_opencv(points[np.sum(points * outward, axis=1) < 0], scene.camera)).astype(int)
    shown = np.zeros_like(ids)
    inside = ((pixels >= 0) & (pixels < [scene.camera.width, scene.camera.height])).all(axis=1)
    shown[pixels[inside, 1], pixels[inside, 0]] = 1
    assert ids.sum() > 100
    assert not ((shown != ids) & (maximum_filter(ids, 3) == minimum_filter(ids, 3))).any()


def test_the_ray_caster_sees_what_mathematics_sees(lens):
    scene = bent(spheres_scene(2), lens)
    truth, geometry = sphere_geometry(scene, SHELF), cast(scene, SHELF)
    differs = truth.instance_ids != geometry.instance_ids
    edge = maximum_filter(truth.instance_ids, 3) != minimum_filter(truth.instance_ids, 3)
    assert not (differs & ~edge).any()
    for id, silhouette in truth.silhouettes.items():
        assert geometry.silhouettes[id].total_px == pytest.approx(silhouette.total_px, rel=0.02, abs=2)
        np.testing.assert_allclose(geometry.silhouettes[id].extent_xyxy, silhouette.extent_xyxy, atol=1)


@pytest.mark.parametrize("seed", range(40))
def test_a_models_window_is_around_all_that_the_lens_shows_of_it_and_little_more(seed, lens):
    """The edges of a box bulge beyond its corners; some boxes reach behind the camera."""
    rng = np.random.default_rng(seed)
    camera = bent(spheres_scene(0), lens).camera
    mesh = trimesh.creation.box(rng.uniform(0.02, 1.5, 3))
    model = Model("box-1", "box", mesh.vertices, mesh.faces, mesh.vertex_normals)
    pose = rigid(rotation_about(rng.normal(size=3), rng.uniform(0, 3)), rng.uniform((-1, -1, -0.2), (1, 1, 2)))
    window, _ = projected_window(model, pose, camera)
    points = transformed(pose, mesh.sample(4000, seed=seed))
    pixels = camera.projected(points[points[:, 2] > NEAR_M])
    size = np.array([camera.width, camera.height])
    within = ((pixels > -MARGIN_IMAGES * size) & (pixels < (1 + MARGIN_IMAGES) * size)).all(axis=1)
    x, y = pixels[within].T
    assert ((x >= window.x0) & (x <= window.x1) & (y >= window.y0) & (y <= window.y1)).all()
    if points[:, 2].min() > 0.1 and within.all():
        # A box of directions is looser where a fisheye compresses a side of it.
        most = 1.3 if camera.fisheye is None else 1.6
        assert window.x1 - window.x0 < most * np.ptp(x) + 6
        assert window.y1 - window.y0 < most * np.ptp(y) + 6


def test_the_rays_of_a_picture_are_those_of_its_pixels(lens):
    camera = bent(spheres_scene(0), lens).camera
    moved = dataclasses.replace(camera, world_from_camera=np.eye(4))
    np.testing.assert_array_equal(picture_rays(camera), camera_rays(camera, np.arange(96), np.arange(72)))
    assert picture_rays(camera) is picture_rays(moved)
    one = camera_rays(camera, np.array([7]), np.array([9]))[0, 0]
    np.testing.assert_allclose(one, picture_rays(camera)[9, 7], atol=1e-9)


def test_without_distortion_rays_are_the_pinholes_to_the_last_bit():
    camera = spheres_scene(0).camera
    x, y = np.meshgrid(np.arange(96) + 0.5, np.arange(72) + 0.5)
    x, y = (x - camera.k[0, 2]) / camera.k[0, 0], (y - camera.k[1, 2]) / camera.k[1, 1]
    np.testing.assert_array_equal(picture_rays(camera), np.stack([x, y, np.ones_like(x)], axis=-1))


def test_the_picture_without_distortion_covers_all_that_the_lens_sees_in_pixels_of_the_same_size(lens):
    camera = bent(spheres_scene(0), lens).camera
    straight = pinhole(camera)
    seen = straight.projected(picture_rays(camera).reshape(-1, 3))
    assert straight.lens is None
    np.testing.assert_array_equal(np.diag(straight.k), np.diag(camera.k))
    assert (seen >= 1).all()
    assert (seen <= np.array([straight.width, straight.height]) - 1).all()
    assert (seen.min(axis=0) < 4).all()


def test_light_that_lies_on_a_slope_is_bent_to_where_opencv_sees_it(lens):
    """Each pixel of the pinhole's picture says its own direction, which needs no more than interpolation."""
    camera = bent(spheres_scene(0), lens).camera
    straight = pinhole(camera)
    light = np.concatenate([picture_rays(straight), np.ones((straight.height, straight.width, 1))], axis=-1)
    found = light_bent(light.astype(np.float32), camera, straight)
    seen = seen_by_opencv(found[..., :3].reshape(-1, 3).astype(float), camera).reshape(72, 96, 2)
    x, y = np.meshgrid(np.arange(96) + 0.5, np.arange(72) + 0.5)
    # OpenCV looks up pictures in steps of a thirty-second of a pixel.
    np.testing.assert_allclose(seen, np.stack([x, y], axis=-1), atol=0.04)
    np.testing.assert_allclose(found[..., 3], 1)


def test_without_distortion_light_stays_as_it_is():
    scene = spheres_scene(0)
    light = np.full((72, 96, 4), np.nan)
    assert pinhole(scene.camera) is scene.camera
    assert light_bent(light, scene.camera, scene.camera) is light


def test_a_lens_that_needs_a_picture_many_times_as_large_is_refused_in_a_sentence():
    camera = Camera(64, 48, intrinsics(64, 48, 1.9), np.eye(4), (-0.1, 0.005, 0.0, 0.0, 0.0))
    with pytest.raises(InputError, match=r"needs one of .* without distortion; expected at most 4 times"):
        pinhole(camera)


def test_a_fisheye_may_see_150_degrees_across_its_corners():
    """Which takes a pinhole's picture of seven times as many pixels."""
    k = np.array([[36.3, 0, 36], [0, 36.3, 30], [0, 0, 1]])
    straight = pinhole(Camera(72, 60, k, np.eye(4), fisheye=(0, 0, 0, 0)))
    assert 6 < straight.width * straight.height / (72 * 60) < 10


def test_a_picture_covers_through_a_lens_what_geometry_says(lens):
    scene = bent(spheres_scene(1), lens)
    light = rendered_light(scene, Analytic(SHELF, RenderSettings("analytic", "best")), SHELF).rgba
    ids = cast(scene, SHELF).instance_ids
    edge = maximum_filter(ids, 5) != minimum_filter(ids, 5)
    np.testing.assert_allclose(light[..., 3][~edge], (ids > 0)[~edge], atol=1e-6)
    assert light[..., 3].sum() == pytest.approx((ids > 0).sum(), rel=0.02)


def test_the_environment_behind_is_bent_as_things_are(lens):
    sky = np.random.default_rng(0).uniform(0, 0.5, (4, 8, 3)).astype(np.float32)
    shelf = Shelf(environments={"sky": sky})
    camera = bent(spheres_scene(0), lens).camera
    scene = Scene(0, 0, camera, environment=Environment("sky"), backdrop=Backdrop("environment"))
    scene = dataclasses.replace(scene, sensor=Sensor(auto_exposure=False))
    picture = develop(scene, np.zeros((72, 96, 4), np.float32), shelf)
    points = np.random.default_rng(1).uniform((-0.6, -0.4), (0.6, 0.4), (500, 2))
    rays = np.c_[points, np.ones(500)]
    pixels = np.floor(seen_by_opencv(rays, camera)).astype(int)
    inside = ((pixels >= 0) & (pixels < [96, 72])).all(axis=1)
    expected = environment_light(scene.environment, rays @ camera.world_from_camera[:3, :3].T, shelf)[inside]
    found = (picture[pixels[inside, 1], pixels[inside, 0]] / 255.0) ** 2.2
    assert inside.sum() > 200
    np.testing.assert_allclose(found, expected, atol=0.03)
