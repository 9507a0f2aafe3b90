"""The same scene in the same light has the same colours, whichever engine renders it."""

import dataclasses

import numpy as np
import pytest

from cyclorama.assets.builtin.environments import environment
from cyclorama.core.geometry import intrinsics, look_at, rigid
from cyclorama.core.scene import Camera, Environment, Instance, Lamp, Scene, Surface
from cyclorama.render.geometry import cast
from scenes import Shelf, sphere_model
from stage import quad_model
from studio import Studio

pytestmark = [pytest.mark.blender, pytest.mark.gl]

SHELF = Shelf(sphere_model(), quad_model("floor"), environments={n: environment(n) for n in ("studio", "sunset")})
BALLS = {
    "grey": Surface(base_color=(0.5, 0.5, 0.5), roughness=0.9),
    "orange": Surface(base_color=(0.8, 0.3, 0.05), roughness=0.5),
    "glossy blue": Surface(base_color=(0.05, 0.1, 0.5), roughness=0.1),
    "gold": Surface(base_color=(1.0, 0.7, 0.3), metallic=1.0, roughness=0.3),
    "chrome": Surface(base_color=(0.9, 0.9, 0.9), metallic=1.0, roughness=0.05),
}
# So that the sunset's sun does not shine along the row.
TURN_RAD = -0.8
LAMPS = (
    Lamp("area", (0.8, -0.9, 1.2), direction=(-0.6, 0.6, -0.8), power_w=8.0, size_m=0.3, color=(1.0, 0.8, 0.6)),
    Lamp("point", (-1.0, -0.6, 0.9), power_w=6.0, size_m=0.05, color=(0.5, 0.7, 1.0)),
)


@pytest.fixture(scope="module")
def studios(tmp_path_factory):
    # Enough samples that a mirrored sun, a few pixels large, is counted as bright as it is.
    samples = {"cycles": 200, "raster": 16}
    made = {n: Studio(SHELF, tmp_path_factory.mktemp(n), engine=n, samples=s) for n, s in samples.items()}
    yield made
    for studio in made.values():
        studio.close()


def balls_scene(name, lamps=(), floor=False):
    """Five balls in a row, far enough from each other not to matter to each other."""
    camera = Camera(240, 96, intrinsics(240, 96, 0.9), look_at([0.0, -1.6, 0.55], [0.0, 0.0, 0.05]))
    balls = tuple(
        Instance(i + 1, "sphere-1", rigid(np.eye(3), [0.3 * (i - 2), 0, 0]), "ball", surface=surface)
        for i, surface in enumerate(BALLS.values())
    )
    ground = Instance(9, "floor", rigid(np.eye(3), [0, 0, -0.1]), None, "ground", (3.0, 3.0, 1.0))
    grey = dataclasses.replace(ground, surface=Surface(base_color=(0.4, 0.4, 0.4), roughness=0.9))
    return Scene(0, 0, camera, (*balls, *((grey,) if floor else ())), tuple(lamps), Environment(name, TURN_RAD, 0.7))


def means(studio, scene):
    """(N, 3) mean light of each instance."""
    light, ids = studio.render(scene)[..., :3], cast(scene, SHELF).instance_ids
    return np.array([light[ids == i.id].mean(axis=0) for i in scene.instances])


@pytest.mark.parametrize("lamps", [(), LAMPS], ids=["environment", "with lamps"])
@pytest.mark.parametrize("name", SHELF.environments)
def test_balls_in_free_space_have_the_same_mean_colour(studios, name, lamps):
    cycles, raster = (means(studio, balls_scene(name, lamps)) for studio in studios.values())
    np.testing.assert_allclose(raster[:-1], cycles[:-1], rtol=0.06, atol=0.01 * cycles.max())
    # The sun in the chrome is two pixels wide, of which path tracing and its denoiser lose a part as noise.
    np.testing.assert_allclose(raster[-1], cycles[-1], rtol=0.18)


@pytest.mark.parametrize("name", SHELF.environments)
def test_balls_on_a_floor_have_nearly_the_same_mean_colour(studios, name):
    """Light goes back and forth between balls and floor, which the rasterizer only estimates."""
    cycles, raster = (means(studio, balls_scene(name, LAMPS, floor=True)) for studio in studios.values())
    np.testing.assert_allclose(raster, cycles, rtol=0.12, atol=0.01 * cycles.max())
