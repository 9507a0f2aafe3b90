"""The ray caster against spheres, whose geometry is known."""

import dataclasses

import numpy as np
import pytest

from cyclorama.core.geometry import inverse, pixel_rays, rigid, rotation_about, transformed
from cyclorama.core.model import Material, Model
from cyclorama.core.scene import Instance
from cyclorama.render.geometry import Caster, cast
from scenes import RADIUS_M, Shelf, sphere_model, spheres_scene

SHELF = Shelf(sphere_model())
# How far the tessellated sphere lies inside the true one, relative to its radius.
SAGITTA = 2e-3


@pytest.mark.parametrize("seed", range(5))
def test_every_labelled_pixel_unprojects_onto_the_surface_of_its_sphere(seed):
    """One predicate checks depth, ids, normals, intrinsics, pose and pixel centres together."""
    scene = spheres_scene(seed)
    geometry = cast(scene, SHELF)
    rays = pixel_rays(scene.camera.k, 0, 0, scene.camera.width, scene.camera.height)
    assert (geometry.instance_ids > 0).mean() > 0.1
    for instance in scene.instances:
        seen = geometry.instance_ids == instance.id
        world = transformed(scene.camera.world_from_camera, rays[seen] * geometry.depth_m[seen][:, None])
        radius = RADIUS_M * instance.scale[0]
        outward = world - instance.world_from_object[:3, 3]
        np.testing.assert_allclose(np.linalg.norm(outward, axis=1), radius, rtol=SAGITTA)
        normals = geometry.normal_camera[seen] @ scene.camera.world_from_camera[:3, :3].T
        cosines = np.sum(normals * outward, axis=1) / np.linalg.norm(outward, axis=1)
        assert (cosines > np.cos(np.radians(3))).all()


@pytest.mark.parametrize("seed", range(3))
def test_every_pixel_shows_the_sphere_that_its_ray_meets_first(seed):
    """The other half of the sphere test: nothing is missed. Rays within the sagitta of an edge are left out."""
    scene = spheres_scene(seed)
    geometry = cast(scene, SHELF)
    rays = pixel_rays(scene.camera.k, 0, 0, scene.camera.width, scene.camera.height)
    nearest, ids, doubtful = (
        np.full(rays.shape[:2], np.inf),
        np.zeros(rays.shape[:2], int),
        np.zeros(rays.shape[:2], bool),
    )
    for instance in scene.instances:
        center = transformed(inverse(scene.camera.world_from_camera), instance.world_from_object[None, :3, 3])[0]
        radius = RADIUS_M * instance.scale[0]
        a, b = np.sum(rays**2, axis=-1), rays @ center
        discriminant = b**2 - a * (center @ center - radius**2)
        doubtful |= np.abs(discriminant / a) < 2.5 * SAGITTA * radius**2
        depth = np.where(discriminant > 0, (b - np.sqrt(np.maximum(discriminant, 0))) / a, np.inf)
        ids = np.where(depth < nearest, instance.id, ids)
        nearest = np.minimum(depth, nearest)
    assert doubtful.mean() < 0.1
    # Where two spheres meet, their tessellations may swap places.
    swapped = (ids != geometry.instance_ids) & ~doubtful
    assert (np.abs(nearest[swapped] - geometry.depth_m[swapped]) < SAGITTA * RADIUS_M * 3).all()
    assert swapped.sum() <= 3


def test_a_silhouette_is_what_the_instance_covers_alone():
    scene = spheres_scene(1)
    together = cast(scene, SHELF)
    for instance in scene.labelled:
        alone = cast(dataclasses.replace(scene, instances=(instance,)), SHELF)
        silhouette = together.silhouettes[instance.id]
        rows, columns = silhouette.mask.shape
        pasted = np.zeros_like(alone.instance_ids, bool)
        pasted[silhouette.y0 : silhouette.y0 + rows, silhouette.x0 : silhouette.x0 + columns] = silhouette.mask
        np.testing.assert_array_equal(pasted, alone.instance_ids > 0)


def test_a_silhouette_is_followed_beyond_the_border():
    scene = spheres_scene(1)
    big = Instance(1, "sphere-1", rigid(np.eye(3), [0.0, 0.45, -0.25]), "ball")
    cropped = cast(dataclasses.replace(scene, instances=(big,)), SHELF).silhouettes[1]
    shift = np.array([[0, 0, 60.0], [0, 0, 60.0], [0, 0, 0]])
    camera = dataclasses.replace(scene.camera, width=240, height=240, k=scene.camera.k + shift)
    whole = cast(dataclasses.replace(scene, camera=camera, instances=(big,)), SHELF).silhouettes[1]
    assert 0 < np.count_nonzero(cropped.mask) < cropped.total_px
    assert cropped.total_px == whole.total_px == np.count_nonzero(whole.mask)
    assert np.array(cropped.extent_xyxy).tolist() == (np.array(whole.extent_xyxy) - 60).tolist()


def test_an_instance_around_and_behind_the_camera_is_cast_without_harm():
    scene = spheres_scene(0)
    around = Instance(1, "sphere-1", rigid(np.eye(3), scene.camera.world_from_camera[:3, 3]), "ball", scale=(3, 3, 3))
    geometry = cast(dataclasses.replace(scene, instances=(around,)), SHELF)
    assert (geometry.instance_ids == 1).all()
    behind = scene.camera.world_from_camera @ [0, 0, -1, 1]
    hidden = Instance(1, "sphere-1", rigid(np.eye(3), behind[:3]), "ball")
    geometry = cast(dataclasses.replace(scene, instances=(hidden,)), SHELF)
    assert not geometry.instance_ids.any()
    assert geometry.silhouettes[1].total_px == 0


def test_a_cut_out_texture_is_a_hole_in_the_labels():
    """A square whose right half is cut away, before a sphere."""
    texture = np.full((4, 4, 4), 255, np.uint8)
    texture[:, 2:, 3] = 0
    square = Model(
        "leaf-1", "leaf", [[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], [[0, 1, 2], [0, 2, 3]], [[0, 0, 1.0]] * 4,
        uv=[[0, 0], [1, 0], [1, 1], [0, 1]], textures={"t": texture},
        materials=(Material(alpha_mode="cut", base_color_texture="t"),),
    )  # fmt: skip
    scene = spheres_scene(0)
    facing = scene.camera.world_from_camera[:3, :3] @ rotation_about([1, 0, 0], np.pi)
    centre = (scene.camera.world_from_camera @ [0, 0, 0.5, 1])[:3]
    leaf = Instance(1, "leaf-1", rigid(facing, centre), "leaf", scale=(0.15, 0.15, 1))
    back = Instance(
        2, "sphere-1", rigid(np.eye(3), (scene.camera.world_from_camera @ [0, 0, 2, 1])[:3]), "ball", scale=(9, 9, 9)
    )
    shelf = Shelf(sphere_model(), square)
    geometry = cast(dataclasses.replace(scene, instances=(leaf, back)), shelf)
    cx, cy = scene.camera.k[0, 2], scene.camera.k[1, 2]
    assert geometry.instance_ids[int(cy), int(cx) - 5] == 1
    assert geometry.instance_ids[int(cy), int(cx) + 5] == 2
    assert geometry.depth_m[int(cy), int(cx) - 5] == pytest.approx(0.5, abs=1e-6)
    solid = dataclasses.replace(square, id="leaf-1", materials=(Material(base_color_texture="t"),))
    whole = cast(dataclasses.replace(scene, instances=(leaf,)), Shelf(solid)).silhouettes[1].total_px
    assert geometry.silhouettes[1].total_px == pytest.approx(whole / 2, rel=0.05)


def test_the_same_caster_gives_the_same_geometry_again():
    caster = Caster(SHELF)
    first = caster.cast(spheres_scene(2))
    caster.cast(spheres_scene(3))
    again = caster.cast(spheres_scene(2))
    np.testing.assert_array_equal(first.depth_m, again.depth_m)
    np.testing.assert_array_equal(first.instance_ids, again.instance_ids)
