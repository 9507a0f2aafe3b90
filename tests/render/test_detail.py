"""The level of detail of distractors."""

import dataclasses

import numpy as np
import pytest
import trimesh
from scipy.ndimage import binary_dilation, binary_erosion

from cyclorama.assets import builtin
from cyclorama.core.geometry import rigid
from cyclorama.core.library import FEWEST_FACES, LEVEL_FACTOR, id_and_level
from cyclorama.core.model import Model
from cyclorama.core.scene import Instance
from cyclorama.render.detail import FACES_PER_PIXEL, covered_px, detail_level, leveled
from cyclorama.render.frame import render_frame
from cyclorama.render.geometry import Caster, cast
from scenes import RADIUS_M, Shelf, sphere_model, spheres_scene

SHELF = Shelf(sphere_model(6), builtin.model("bottle", "bottle"), builtin.model("mug", "mug"))


def scene_of(model, distance_m, **changes):
    scene = spheres_scene(0, width=320, height=240)
    place = (scene.camera.world_from_camera @ [0, 0, distance_m, 1])[:3] - SHELF.model(model).center_m
    instance = Instance(1, model, rigid(np.eye(3), place), layer="distractor")
    return dataclasses.replace(scene, instances=(dataclasses.replace(instance, **changes),))


@pytest.mark.parametrize(
    ("faces", "covered", "level"),
    [(100_000, 60_000, 0), (100_000, 20_000, 1), (100_000, 3_000, 3), (100_000, 0, 3), (1_999, 0, 0), (2_000, 1, 1)],
    ids=["large", "middling", "small", "a speck", "of few triangles", "of just enough"],
)
def test_a_level_has_two_triangles_a_pixel_at_most_while_there_are_some_to_spare(faces, covered, level):
    assert detail_level(faces, covered) == level


def test_covered_pixels_are_those_of_the_bounding_sphere():
    """Truth from outside: the caster's count of a sphere's silhouette."""
    scene = scene_of("sphere-1", 1.5, category="ball", scale=(1.2, 1.2, 1.2))
    counted = cast(scene, SHELF).silhouettes[1].total_px
    covered = covered_px(SHELF.model("sphere-1"), scene.instances[0], scene.camera)
    assert covered == pytest.approx(counted, rel=0.02)


def test_a_distractor_around_the_camera_keeps_its_triangles():
    assert leveled(scene_of("sphere-1", 0.5 * RADIUS_M), SHELF).instances[0].model == "sphere-1"


@pytest.mark.parametrize("layer", ["target", "ground"])
def test_only_distractors_lose_triangles(layer):
    assert leveled(scene_of("sphere-1", 5.0, layer=layer), SHELF).instances[0].model == "sphere-1"


@pytest.mark.parametrize("distance_m", [0.5, 1.0, 2.0, 4.0])
@pytest.mark.parametrize("model", ["sphere-1", "bottle", "mug"])
def test_a_distractor_in_fewer_triangles_covers_the_same_pixels_but_for_its_edge(model, distance_m):
    """Where it covers and all eight neighbours are covered too, nothing may change; nor beyond one pixel outside."""
    scene = scene_of(model, distance_m, category="thing")
    coarse = leveled(scene, SHELF)
    faces = [len(SHELF.model(s.instances[0].model).faces) for s in (scene, coarse)]
    assert faces[1] < faces[0] or model != "sphere-1"
    full, fewer = (cast(s, SHELF).instance_ids > 0 for s in (scene, coarse))
    block = np.ones((3, 3), bool)
    assert not (binary_erosion(full, block) & ~fewer).any()
    assert not (fewer & ~binary_dilation(full, block)).any()
    assert (full != fewer).sum() <= 0.1 * (full & ~binary_erosion(full, block)).sum() + 2


def test_levels_are_between_half_a_triangle_and_two_for_a_pixel():
    for distance_m in np.geomspace(0.3, 3, 30):
        scene = scene_of("sphere-1", distance_m)
        (instance,) = leveled(scene, SHELF).instances
        pixels = covered_px(SHELF.model("sphere-1"), instance, scene.camera)
        per_pixel = len(SHELF.model(instance.model).faces) / pixels
        assert FACES_PER_PIXEL / 4 * 0.95 < per_pixel <= FACES_PER_PIXEL or level_is_an_end(instance.model)


def level_is_an_end(id):
    """Whether there is no finer level, or no coarser one."""
    return id_and_level(id)[1] == 0 or len(SHELF.model(id).faces) < LEVEL_FACTOR * FEWEST_FACES


def test_picture_and_labels_are_of_the_same_triangles_and_the_frame_keeps_its_scene():
    seen = []

    class Renderer:
        def render(self, scene):
            seen.append(scene)
            return np.zeros((scene.camera.height, scene.camera.width, 4), np.float32)

    class Recorder(Caster):
        def cast(self, scene):
            seen.append(scene)
            return super().cast(scene)

    scene = scene_of("sphere-1", 2.0)
    frame = render_frame(scene, Renderer(), Recorder(SHELF), SHELF)
    assert frame.scene is scene
    models = [s.instances[0].model for s in seen]
    assert models[0] == models[1] != "sphere-1"


@pytest.mark.slow
def test_a_distractor_of_two_million_triangles_is_shown_in_few():
    ball = trimesh.creation.uv_sphere(radius=RADIUS_M, count=[760, 760])
    rough = np.random.default_rng(0).uniform(0.9998, 1.0002, (len(ball.vertices), 1))
    scan = Model("scan", "scan", ball.vertices * rough, ball.faces, ball.vertices / RADIUS_M)
    shelf = Shelf(scan)
    smooth = scene_of("sphere-1", 2.0)
    scene = dataclasses.replace(smooth, instances=(dataclasses.replace(smooth.instances[0], model="scan"),))
    coarse = leveled(scene, shelf)
    assert len(scan.faces) > 2_000_000
    assert len(shelf.model(coarse.instances[0].model).faces) < 10_000
    ids = cast(coarse, shelf).instance_ids
    assert ids.any()
    assert (ids != cast(smooth, SHELF).instance_ids).mean() < 1e-3
