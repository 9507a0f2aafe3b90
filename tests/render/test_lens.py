"""What a lens bends: labels through it are as exact as a pinhole's."""

import dataclasses

import cv2
import numpy as np
import pytest
import trimesh
from scipy.ndimage import maximum_filter, minimum_filter

from cyclorama.core.geometry import inverse, rigid, rotation_about, transformed
from cyclorama.core.model import Model
from cyclorama.render.geometry import cast
from cyclorama.render.rays import camera_rays, picture_rays
from cyclorama.render.spheres import sphere_geometry
from cyclorama.render.window import MARGIN_IMAGES, NEAR_M, projected_window
from scenes import RADIUS_M, Shelf, sphere_model, spheres_scene

SHELF = Shelf(sphere_model())
LENSES = {
    "barrel": (-0.35, 0.12, 2e-3, -1e-3, 0.0),
    "pincushion": (0.4, 0.2, 0.0, 3e-3, 0.1),
    "tangential": (0.0, 0.0, 0.02, -0.02, 0.0),
}
# How far a tessellated sphere lies inside the true one, relative to its radius.
SAGITTA = 2e-3


@pytest.fixture(params=LENSES.values(), ids=LENSES)
def distortion(request):
    return request.param


def bent(scene, distortion):
    return dataclasses.replace(scene, camera=dataclasses.replace(scene.camera, distortion=distortion))


def seen_by_opencv(points_camera, camera):
    """(N, 2) pixel coordinates."""
    seen, _ = cv2.projectPoints(points_camera, np.zeros(3), np.zeros(3), camera.k, np.array(camera.distortion))
    return seen[:, 0]


@pytest.mark.parametrize(("geometry_of", "roundness"), [(cast, SAGITTA), (sphere_geometry, 3e-6)])
def test_every_labelled_pixel_unprojects_onto_its_sphere_and_opencv_projects_it_back(
    geometry_of, roundness, distortion
):
    """Of spheres, which show in every direction, through a lens that is off-centre and has oblong pixels."""
    scene = bent(spheres_scene(1), distortion)
    geometry, rays = geometry_of(scene, SHELF), picture_rays(scene.camera)
    for instance in scene.instances:
        rows, columns = np.nonzero(geometry.instance_ids == instance.id)
        points = rays[rows, columns] * geometry.depth_m[rows, columns][:, None].astype(float)
        outward = transformed(scene.camera.world_from_camera, points) - instance.world_from_object[:3, 3]
        np.testing.assert_allclose(np.linalg.norm(outward, axis=1), RADIUS_M * instance.scale[0], rtol=roundness)
        np.testing.assert_allclose(seen_by_opencv(points, scene.camera), np.c_[columns, rows] + 0.5, atol=1e-5)


def test_the_points_of_a_sphere_that_face_the_camera_show_in_its_pixels(distortion):
    """The other way: OpenCV says where they are."""
    scene = bent(spheres_scene(1, count=1), distortion)
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


def test_the_ray_caster_sees_what_mathematics_sees(distortion):
    scene = bent(spheres_scene(2), distortion)
    truth, geometry = sphere_geometry(scene, SHELF), cast(scene, SHELF)
    differs = truth.instance_ids != geometry.instance_ids
    edge = maximum_filter(truth.instance_ids, 3) != minimum_filter(truth.instance_ids, 3)
    assert not (differs & ~edge).any()
    for id, silhouette in truth.silhouettes.items():
        assert geometry.silhouettes[id].total_px == pytest.approx(silhouette.total_px, rel=0.02, abs=2)
        np.testing.assert_allclose(geometry.silhouettes[id].extent_xyxy, silhouette.extent_xyxy, atol=1)


@pytest.mark.parametrize("seed", range(40))
def test_a_models_window_is_around_all_that_the_lens_shows_of_it_and_little_more(seed, distortion):
    """The edges of a box bulge beyond its corners; some boxes reach behind the camera."""
    rng = np.random.default_rng(seed)
    camera = bent(spheres_scene(0), distortion).camera
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
        assert window.x1 - window.x0 < 1.3 * np.ptp(x) + 6
        assert window.y1 - window.y0 < 1.3 * np.ptp(y) + 6


def test_the_rays_of_a_picture_are_those_of_its_pixels(distortion):
    camera = bent(spheres_scene(0), distortion).camera
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
