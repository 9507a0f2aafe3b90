"""Plain shading: the analytic engine and the four views."""

import dataclasses

import cv2
import numpy as np
import pytest

from cyclorama.core.frame import Frame
from cyclorama.core.geometry import rigid, rotation_about
from cyclorama.core.model import Material, Model
from cyclorama.core.render import RenderSettings
from cyclorama.core.scene import Camera, Environment, Instance, Lamp, Scene, Surface
from cyclorama.render.color import LINEAR_OF_BYTE
from cyclorama.render.engines.analytic import Analytic
from cyclorama.render.frame import render_frame
from cyclorama.render.geometry import Caster
from cyclorama.render.lamps import lamp_irradiance
from cyclorama.render.surface import hue_turned, scaled_hsv
from cyclorama.render.views import four_views
from scenes import Shelf, sphere_model, spheres_scene

# Red, green over blue, white: v is up, so the upper row of the texture is at v = 1.
TEXTURE = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]]], np.uint8).repeat(8, 0).repeat(8, 1)
QUAD = Model(
    "quad", "quad", [[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], [[0, 1, 2], [0, 2, 3]], [[0, 0, 1.0]] * 4,
    uv=[[0, 0], [1, 0], [1, 1], [0, 1]], textures={"t": TEXTURE},
    materials=(Material(base_color=(0.5, 1, 1, 1), base_color_texture="t"),),
)  # fmt: skip


def seen_from_above(model, surface=None, lamps=(), size=64, images=None, **settings):
    """Linear light of a model before a camera 2 m above it, image up being +y, under uniform light of 1."""
    camera = Camera(size, size, [[size, 0, size / 2], [0, size, size / 2], [0, 0, 1]], LOOKING_DOWN)
    instance = Instance(1, model.id, np.eye(4), "x", surface=surface or Surface())
    scene = Scene(0, 0, camera, (instance,), lamps, Environment(None, strength=2.0))
    return Analytic(Shelf(model, images=images), RenderSettings("analytic", **settings)).render(scene)


LOOKING_DOWN = rigid(rotation_about([1, 0, 0], np.pi), [0, 0, 2.0])


def test_a_texture_lies_upright_on_its_model():
    light = seen_from_above(QUAD)[..., :3]
    corners = [light[8, 8], light[8, -8], light[-8, 8], light[-8, -8]]
    np.testing.assert_allclose(corners, [[0.5, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 1, 1]], atol=1e-4)


def test_vertex_colours_are_srgb_and_multiply():
    colors = np.full((4, 4), 128, np.uint8)
    grey = dataclasses.replace(QUAD, colors=colors, materials=(Material(base_color=(1, 1, 1, 1)),))
    np.testing.assert_allclose(seen_from_above(grey)[32, 32, :3], LINEAR_OF_BYTE[128], rtol=1e-4)


def test_a_surface_replaces_or_turns_the_colours_of_its_model():
    red = seen_from_above(QUAD, Surface(base_color=(0.7, 0.1, 0.2)))
    np.testing.assert_allclose(red[..., :3], np.broadcast_to((0.7, 0.1, 0.2), (64, 64, 3)), rtol=1e-4)
    turned = seen_from_above(QUAD, Surface(hue_shift_rad=2 * np.pi / 3))[..., :3]
    np.testing.assert_allclose(turned[8, 8], [0, 0.5, 0], atol=1e-3)
    np.testing.assert_allclose(turned[8, -8], [0, 0, 1], atol=1e-3)


def test_a_box_projected_texture_repeats_at_its_scale():
    light = seen_from_above(QUAD, Surface(texture="i", tile_m=(1, 1, 1)), images={"i": TEXTURE})[..., :3]
    # The square is 2 m wide: the texture repeats every 32 pixels.
    np.testing.assert_allclose(light[:32, :32], light[32:, 32:], atol=1e-3)
    assert np.std(light) > 0.2


def test_hue_comes_back_after_a_whole_turn():
    colors = np.random.default_rng(0).uniform(0, 3, (200, 3)).astype(np.float32)
    np.testing.assert_allclose(hue_turned(hue_turned(colors, 2.0), 2 * np.pi - 2.0), colors, atol=1e-4)
    np.testing.assert_allclose(hue_turned(colors, 1.0).max(axis=1), colors.max(axis=1), rtol=1e-5)


def test_saturation_and_value_are_scaled_as_in_hsv():
    colors = np.random.default_rng(0).uniform(0, 1, (200, 3)).astype(np.float32)
    hsv = cv2.cvtColor(colors[None], cv2.COLOR_RGB2HSV)
    for saturation, value in ((0.0, 1.0), (0.5, 0.7), (3.0, 1.4)):
        expected = hsv * [1, saturation, value]
        expected[..., 1] = expected[..., 1].clip(0, 1)
        found = scaled_hsv(colors, saturation, value)
        np.testing.assert_allclose(found, cv2.cvtColor(expected.astype(np.float32), cv2.COLOR_HSV2RGB)[0], atol=1e-5)


def test_a_white_sphere_in_uniform_light_cannot_be_told_from_it():
    """The furnace test: what falls in comes out."""
    scene = dataclasses.replace(spheres_scene(0), lamps=(), environment=Environment("flat"))
    white = tuple(dataclasses.replace(i, surface=Surface(base_color=(1, 1, 1))) for i in scene.instances)
    shelf = Shelf(sphere_model(), environments={"flat": np.full((64, 128, 3), 0.37, np.float32)})
    light = Analytic(shelf, RenderSettings("analytic")).render(dataclasses.replace(scene, instances=white))
    np.testing.assert_allclose(light[light[..., 3] == 1][:, :3], 0.37, rtol=1e-3)


@pytest.mark.parametrize(
    ("lamp", "expected"),
    [
        (Lamp("point", (0, 0, 2.0), power_w=8 * np.pi), 0.5),
        (Lamp("area", (0, 0, 2.0), power_w=4 * np.pi), 1.0),
        (Lamp("spot", (0, 0, 2.0), power_w=8 * np.pi), 0.5),
        (Lamp("spot", (0, 0, 2.0), direction=(1.0, 0, 0), power_w=8 * np.pi), 0.0),
        (Lamp("sun", (9, 9, 9), direction=(0, 3.0, -3.0), power_w=np.sqrt(2)), 1.0),
        (Lamp("point", (0, 0, -2.0), power_w=100.0), 0.0),
    ],
    ids=["point", "area", "spot", "spot aside", "slanting sun", "below the horizon"],
)
def test_lamps_shine_as_radiometry_says(lamp, expected):
    found = lamp_irradiance(lamp, np.zeros((1, 3)), np.array([[0, 0, 1.0]]))
    np.testing.assert_allclose(found, np.full((1, 3), expected), rtol=1e-9, atol=1e-12)


def test_emission_adds_to_what_is_reflected():
    dark, glowing = (seen_from_above(QUAD, Surface((0.1, 0.1, 0.1), emission=e)) for e in (None, (1.0, 2.0, 3.0)))
    np.testing.assert_allclose((glowing - dark)[32, 32], [1, 2, 3, 0], rtol=1e-5)


def test_more_samples_smooth_edges_and_keep_the_light():
    scene = spheres_scene(0)
    shelf = Shelf(sphere_model(3))
    rough, smooth = (Analytic(shelf, RenderSettings("analytic", samples=n)).render(scene) for n in (1, 16))
    assert set(np.unique(rough[..., 3])) == {0.0, 1.0}
    assert len(np.unique(smooth[..., 3])) > 8
    assert smooth[..., 3].sum() == pytest.approx(rough[..., 3].sum(), rel=0.02)


def test_a_frame_is_the_same_whenever_it_is_made():
    shelf = Shelf(sphere_model(3))
    renderer, caster = Analytic(shelf, RenderSettings("analytic")), Caster(shelf)
    first, _, again = (render_frame(spheres_scene(seed), renderer, caster, shelf) for seed in (1, 2, 1))
    assert isinstance(first, Frame)
    np.testing.assert_array_equal(first.rgb, again.rgb)
    np.testing.assert_array_equal(first.geometry.depth_m, again.geometry.depth_m)
    assert first.rgb.shape == (72, 96, 3)


@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_four_views_do_not_depend_on_the_models_unit(scale):
    model = sphere_model(2)
    scaled = dataclasses.replace(model, vertices_m=model.vertices_m * np.float32(scale) + np.float32(scale))
    plain, other = four_views(model, size_px=64), four_views(scaled, size_px=64)
    assert plain.shape == (128, 128, 3)
    assert (np.abs(plain.astype(int) - other) > 8).mean() < 0.01


def test_four_views_show_each_side_in_its_colour():
    """A cube whose sides have the colours of their normals."""
    corners, faces, colors = [], [], []
    for axis in range(3):
        for sign in (-1, 1):
            quad = np.insert([[-1, -1], [1, -1], [1, 1], [-1, 1]], axis, sign, axis=1)
            faces += [[len(corners) + i for i in t] for t in ([0, 1, 2], [0, 2, 3])]
            corners += quad.tolist()
            colors += [[255 * (axis == c) if sign > 0 else 255 * (axis != c) for c in range(3)] + [255]] * 4
    model = Model("c", "c", corners, faces, np.ones((24, 3)), colors=np.array(colors, np.uint8))
    picture = four_views(model, size_px=100).astype(int)
    front, side, top = picture[50, 50], picture[50, 150], picture[150, 50]
    assert front[1] < 30 < 150 < min(front[0], front[2])  # the side that faces -y
    assert max(side[1], side[2]) < 30 < 150 < side[0]  # +x
    assert max(top[0], top[1]) < 30 < 150 < top[2]  # +z
