"""The same scene in the same light has the same colours, whichever engine renders it."""

import dataclasses

import numpy as np
import pytest

from cyclorama.assets.builtin import WEAR, material_map, wear_map
from cyclorama.assets.builtin import model as builtin
from cyclorama.assets.builtin.environments import environment
from cyclorama.core.geometry import intrinsics, look_at, rigid, rotation_about, transformed
from cyclorama.core.scene import Camera, Decal, Environment, Instance, Lamp, Scene, Surface
from cyclorama.render.decals import box_from_model
from cyclorama.render.geometry import cast
from cyclorama.render.wear import EDGE_REACH, EDGE_WIDTH
from scenes import Shelf, sphere_model
from stage import quad_model
from studio import Studio

pytestmark = [pytest.mark.blender, pytest.mark.gl]


def ripples_map(waves=4, steepest=0.6, size=128):
    """A seamless normal map of waves along u."""
    slope = steepest * np.cos(2 * np.pi * waves * (np.arange(size) + 0.5) / size)
    normals = np.stack([-slope, 0 * slope, 1 + 0 * slope], -1) / np.sqrt(1 + slope**2)[:, None]
    return np.broadcast_to(np.rint(127.5 * (normals + 1)).astype(np.uint8), (size, size, 3)).copy()


IMAGES = {f"{name}-{kind}": material_map(name, kind) for name in ("wood-2", "cast_metal-3", "fabric-1")
          for kind in ("color", "normal", "roughness")}  # fmt: skip
# Red and green, see-through in the middle.
FLAG = np.zeros((64, 96, 4), np.uint8)
FLAG[..., 3], FLAG[:, :48, 0], FLAG[:, 48:, 1] = 255, 255, 255
FLAG[24:40, 40:56, 3] = 0
IMAGES |= {"flag": FLAG}
IMAGES |= {name: wear_map(name) for name in WEAR} | {"ripples": ripples_map()}
SHELF = Shelf(
    sphere_model(),
    quad_model("floor"),
    builtin("cube", "cube"),
    environments={n: environment(n) for n in ("studio", "sunset")},
    images=IMAGES,
)
TILE_M = (0.1, 0.1, 0.1)


def of_material(name, **changes):
    maps = {"texture": f"{name}-color", "normal_map": f"{name}-normal", "roughness_map": f"{name}-roughness"}
    return Surface(**maps, tile_m=TILE_M, **changes)


MATERIALS = {
    "wood": of_material("wood-2", metallic=0.0),
    "cast metal": of_material("cast_metal-3", metallic=1.0),
    "fabric, other colours": of_material("fabric-1", metallic=0.0, saturation=0.5, value=1.3),
    "dusty metal": Surface((0.9, 0.6, 0.4), roughness=0.3, metallic=1.0, wear="dust", wear_strength=1.0),
    "scratched plastic": Surface((0.1, 0.3, 0.6), roughness=0.2, wear="scratches", wear_strength=0.8, tile_m=TILE_M),
}
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


def balls_scene(name, lamps=(), floor=False, balls=BALLS):
    """Five balls in a row, far enough from each other not to matter to each other."""
    camera = Camera(240, 96, intrinsics(240, 96, 0.9), look_at([0.0, -1.6, 0.55], [0.0, 0.0, 0.05]))
    made = tuple(
        Instance(i + 1, "sphere-1", rigid(np.eye(3), [0.3 * (i - 2), 0, 0]), "ball", surface=surface)
        for i, surface in enumerate(balls.values())
    )
    ground = Instance(9, "floor", rigid(np.eye(3), [0, 0, -0.1]), None, "ground", (3.0, 3.0, 1.0))
    grey = dataclasses.replace(ground, surface=Surface(base_color=(0.4, 0.4, 0.4), roughness=0.9))
    return Scene(0, 0, camera, (*made, *((grey,) if floor else ())), tuple(lamps), Environment(name, TURN_RAD, 0.7))


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


@pytest.mark.parametrize("lamps", [(), LAMPS], ids=["environment", "with lamps"])
@pytest.mark.parametrize("name", SHELF.environments)
def test_materials_of_maps_and_worn_ones_have_the_same_mean_colour(studios, name, lamps):
    """Relief is bumped in one engine and tilted in the other."""
    scene = balls_scene(name, lamps, balls=MATERIALS)
    cycles, raster = (means(studio, scene) for studio in studios.values())
    np.testing.assert_allclose(raster, cycles, rtol=0.1, atol=0.01 * cycles.max())


def test_a_relief_lies_the_same_way_round_and_is_as_steep(studios):
    """Ripples under a low sun: pixel by pixel, on faces of either side of two axes."""
    sun = Lamp("sun", (0, 0, 0), direction=(-1.0, 0.7, -0.8), power_w=3.0, size_m=0.0)
    ripples = Surface((0.6, 0.6, 0.6), roughness=1.0, normal_map="ripples", tile_m=(0.5, 0.5, 0.5))
    camera = Camera(96, 96, intrinsics(96, 96, 0.6), look_at([0.6, -0.9, 0.8], [0.0, 0.0, 0.0]))
    for turn in (np.eye(3), np.diag([-1.0, 1.0, -1.0]), rotation_about([1, 0, 0], np.pi / 2)):
        quad = Instance(1, "floor", rigid(turn, [0, 0, 0]), "floor", scale=(0.3, 0.3, 0.3), surface=ripples)
        scene = Scene(0, 0, camera, (quad,), (sun,), Environment(None, strength=0.05))
        seen = cast(scene, SHELF).instance_ids > 0
        cycles, raster = (studio.render(scene)[..., 0][seen] for studio in studios.values())
        assert raster.std() == pytest.approx(cycles.std(), rel=0.2)
        assert np.corrcoef(cycles, raster)[0, 1] > 0.9


# A built-in cube's edge, and seen so that three of its faces show.
CUBE_M = 2 * float(builtin("cube", "cube").vertices_m.max())
CUBE_CAMERA = Camera(128, 128, intrinsics(128, 128, 0.6), look_at(np.array([1.7, -2.1, 1.6]) * CUBE_M, [0, 0, 0]))


def cube_scene(surface):
    cube = Instance(1, "cube", np.eye(4), "cube", surface=surface)
    return Scene(0, 0, CUBE_CAMERA, (cube,), LAMPS, Environment("studio"))


def seen_points(scene):
    """(N, 3) of the world at the pixels' centres that show something, and which those are."""
    found, camera = cast(scene, SHELF), scene.camera
    seen = found.instance_ids > 0
    rows, columns = np.nonzero(seen)
    rays = np.append(camera.unprojected(np.stack([columns, rows], -1) + 0.5), np.ones((len(rows), 1)), axis=1)
    return transformed(camera.world_from_camera, rays * found.depth_m[seen][:, None]), seen


def test_paint_is_off_at_the_same_places_along_sharp_edges_and_nowhere_else(studios):
    blue = Surface((0.05, 0.1, 0.4), roughness=0.6, wear="smudges", tile_m=TILE_M)
    points, seen = seen_points(cube_scene(blue))
    to_edge = np.sort(CUBE_M / 2 - np.abs(points), axis=1)[:, 1]
    width = EDGE_REACH * EDGE_WIDTH * CUBE_M * 3**0.5
    pixel = 2.6 * CUBE_M / CUBE_CAMERA.k[0, 0]
    off = []
    for studio in studios.values():
        plain, worn = (studio.render(cube_scene(s))[seen][:, 0] for s in (blue, dataclasses.replace(blue, edge_wear=1)))
        off.append(worn - plain)
        assert np.abs(off[-1][to_edge > width + 3 * pixel]).max() < 0.02
        assert off[-1][to_edge < pixel].mean() > 0.1
    cycles, raster = off
    assert np.corrcoef(cycles, raster)[0, 1] > 0.9
    assert raster.mean() == pytest.approx(cycles.mean(), rel=0.1)


def test_a_decal_shows_at_the_same_pixels_which_are_those_of_its_place(studios):
    """On a cube's side, turned, near enough to its top that there it must stop."""
    turned = rotation_about([0, 1, 0], 0.4)
    right, up = turned @ [1, 0, 0], turned @ [0, 0, 1]
    center = np.array([-0.05, -0.5, 0.3]) * CUBE_M
    decal = Decal("flag", tuple(center), tuple(right), tuple(up), (0.6 * CUBE_M, 0.4 * CUBE_M))
    grey = Surface((0.5, 0.5, 0.5), roughness=0.6)
    points, seen = seen_points(cube_scene(grey))
    u, v, depth = transformed(box_from_model(decal), points).T
    on_side = points[:, 1] < -0.499 * CUBE_M
    inside = on_side & (np.abs(u - 0.5) < 0.5) & (np.abs(v - 0.5) < 0.5) & (np.abs(depth) < 1)
    hole = (np.abs(u - 0.5) < 8 / 96) & (np.abs(v - 0.5) < 8 / 64)
    expected = np.zeros((len(points), 3), bool)
    expected[inside & ~hole & (u < 0.5), 0] = expected[inside & ~hole & (u > 0.5), 1] = True
    assert expected.any(axis=0).tolist() == [True, True, False]
    shown = []
    for studio in studios.values():
        plain, stuck = (
            studio.render(cube_scene(s))[seen][:, :3] for s in (grey, dataclasses.replace(grey, decals=(decal,)))
        )
        found = stuck > 1.3 * plain
        for channel in range(2):
            both, either = found[:, channel] & expected[:, channel], found[:, channel] | expected[:, channel]
            assert both.sum() > 0.85 * either.sum()
        shown.append(stuck - plain)
    assert np.corrcoef(shown[0].ravel(), shown[1].ravel())[0, 1] > 0.97
