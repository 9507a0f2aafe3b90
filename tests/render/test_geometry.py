"""The ray caster against spheres, whose geometry is known."""

import dataclasses

import numpy as np
import pytest
import trimesh

from cyclorama.core.geometry import pixel_rays, rigid, rotation_about, transformed
from cyclorama.core.model import Material, Model
from cyclorama.core.scene import Camera, Instance, Scene
from cyclorama.render import geometry
from cyclorama.render.geometry import Caster, cast
from cyclorama.render.spheres import sphere_geometry
from scenes import Shelf, sphere_model, spheres_scene

SHELF = Shelf(sphere_model())
SQUARE = [[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]


def test_a_scene_cast_model_by_model_is_the_scene_cast_as_one_mesh():
    """Truth from outside: trimesh casts all triangles of the scene at once, in the world."""
    scene = spheres_scene(4, count=8)
    meshes = []
    for instance in scene.instances:
        model = SHELF.model(instance.model)
        meshes.append(trimesh.Trimesh(transformed(instance.world_from_model, model.vertices_m), model.faces))
    camera = scene.camera
    rays = pixel_rays(camera.k, 0, 0, camera.width, camera.height).reshape(-1, 3) @ camera.world_from_camera[:3, :3].T
    origins = np.broadcast_to(camera.world_from_camera[:3, 3], rays.shape)
    faces = trimesh.util.concatenate(meshes).ray.intersects_first(origins, rays)
    ids = np.where(faces >= 0, faces // len(SHELF.model("sphere-1").faces) + 1, 0)
    geometry = cast(scene, SHELF)
    assert (ids.reshape(geometry.instance_ids.shape) != geometry.instance_ids).mean() < 1e-3


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


def test_a_silhouette_far_larger_than_the_image_is_counted_in_strides():
    """At most four images of rays are cast beyond the border; the count stays right."""
    scene = spheres_scene(0)
    ahead = (scene.camera.world_from_camera @ [0.05, 0, 1, 1])[:3]
    big = Instance(1, "sphere-1", rigid(np.eye(3), ahead), "ball", scale=(9, 9, 9))
    whole = sphere_geometry(dataclasses.replace(scene, instances=(big,)), SHELF).silhouettes[1]
    strided = cast(dataclasses.replace(scene, instances=(big,)), SHELF).silhouettes[1]
    assert whole.total_px > 5 * scene.camera.width * scene.camera.height
    assert strided.total_px == pytest.approx(whole.total_px, rel=0.01)
    np.testing.assert_allclose(strided.extent_xyxy, whole.extent_xyxy, atol=4)


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e3], ids=["a tenth of a millimetre", "a metre", "a kilometre"])
def test_depth_is_exact_for_models_of_any_size_at_any_distance(scale):
    """A square of 2 x 2 units, seen head-on 50 of its sizes away; the model's own unit does not matter."""
    square = Model("s", "s", np.array(SQUARE) * scale, [[0, 1, 2], [0, 2, 3]], [[0, 0, 1.0]] * 4)
    k = [[800.0, 0, 32], [0, 800, 24], [0, 0, 1]]
    camera = Camera(64, 48, k, rigid(rotation_about([1, 0, 0], np.pi), [7, -3, 100.0]))
    placed = Instance(1, "s", rigid(np.eye(3), [7, -3, 0.0]), "s", scale=(1 / scale,) * 3)
    geometry = cast(Scene(0, 0, camera, (placed,)), Shelf(square))
    seen = geometry.instance_ids > 0
    assert seen.sum() == 16 * 16
    np.testing.assert_allclose(geometry.depth_m[seen], 100.0, rtol=1e-6)
    np.testing.assert_allclose(geometry.normal_camera[seen], [[0, 0, -1]] * seen.sum(), atol=1e-6)


def test_of_two_equal_surfaces_the_lower_id_is_seen():
    scene = spheres_scene(0, count=2)
    first, _ = scene.instances
    twins = tuple(dataclasses.replace(first, id=i) for i in (7, 3))
    assert set(np.unique(cast(dataclasses.replace(scene, instances=twins), SHELF).instance_ids)) == {0, 3}


def test_normals_turn_to_the_camera_whichever_way_triangles_are_wound():
    model = sphere_model()
    inside_out = dataclasses.replace(model, faces=model.faces[:, ::-1])
    plain, flipped = (cast(spheres_scene(0), Shelf(m)).normal_camera for m in (model, inside_out))
    np.testing.assert_allclose(plain, flipped, atol=1e-5)


def test_holes_are_seen_through_one_behind_another():
    """Both squares have holes at the same place: the ray passes both and meets the sphere."""
    leaf = Model(
        "leaf-1", "leaf", [*SQUARE, *(np.array(SQUARE) + [0, 0, 1e-3])], [[0, 1, 2], [0, 2, 3], [4, 5, 6], [4, 6, 7]],
        [[0, 0, 1.0]] * 8, materials=(Material(alpha_mode="cut", base_color=(1, 1, 1, 0.4)),),
    )  # fmt: skip
    scene = spheres_scene(0)
    placed = Instance(1, "leaf-1", rigid(np.eye(3), [0, 0, 0]), "leaf")
    alone = cast(scene, SHELF)
    leafy = dataclasses.replace(placed, id=99)
    both = cast(dataclasses.replace(scene, instances=(*scene.instances, leafy)), Shelf(sphere_model(), leaf))
    np.testing.assert_array_equal(both.instance_ids, alone.instance_ids)
    assert both.silhouettes[99].total_px == 0


def test_the_hierarchies_of_models_not_met_lately_are_dropped():
    models = [dataclasses.replace(sphere_model(1), id=f"m{i}") for i in range(4)]
    caster = Caster(Shelf(*models), keep=2)
    first = caster.bvh("m0")
    caster.bvh("m1")
    assert caster.bvh("m0") is first
    caster.bvh("m2")
    assert caster.bvh("m0") is first
    caster.bvh("m3")
    caster.bvh("m2")
    assert caster.bvh("m0") is not first


def test_the_same_caster_gives_the_same_geometry_again():
    caster = Caster(SHELF)
    first = caster.cast(spheres_scene(2))
    caster.cast(spheres_scene(3))
    again = caster.cast(spheres_scene(2))
    np.testing.assert_array_equal(first.depth_m, again.depth_m)
    np.testing.assert_array_equal(first.instance_ids, again.instance_ids)


def test_a_caster_forgets_hierarchies_when_they_hold_too_many_triangles(monkeypatch):
    """As scenes of deformed models would have it, of which no two are the same."""
    shelf = Shelf(*(dataclasses.replace(sphere_model(3), id=f"ball-{n}") for n in range(6)))
    monkeypatch.setattr(geometry, "MOST_FACES", 3 * len(shelf.model("ball-0").faces))
    caster = Caster(shelf)
    first = caster.bvh("ball-0")
    for number in range(1, 6):
        latest = caster.bvh(f"ball-{number}")
    assert caster.bvh("ball-5") is latest
    assert caster.bvh("ball-0") is not first
