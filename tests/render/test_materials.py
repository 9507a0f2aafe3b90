"""Colours and textures come out of every engine as the model and the instance have them."""

import dataclasses
from dataclasses import replace

import numpy as np
import pytest

from cyclorama.core.geometry import intrinsics, look_at, rotation_about
from cyclorama.core.render import RenderSettings
from cyclorama.core.scene import Backdrop, Camera, Decal, Environment, Lamp, Sensor, Surface
from cyclorama.render.color import LINEAR_OF_BYTE
from cyclorama.render.develop import develop
from cyclorama.render.engines.analytic import Analytic
from cyclorama.render.geometry import cast
from stage import CARD, DARK, SHELF, above, placed

RED, GREEN, BLUE, WHITE = (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)


def patches(light, count=2):
    """(count, count, 3) mean colours of a picture's tiles, their borders left out."""
    tiles = light[..., :3].reshape(count, 64 // count, count, 64 // count, 3)
    return tiles[:, 3:-3, :, 3:-3].mean(axis=(1, 3))


def test_a_colour_card_in_white_light_is_photographed_in_its_own_colours(engine):
    """From sRGB bytes through the engine's linear light to sRGB bytes."""
    scene = above("card", sensor=Sensor(auto_exposure=False), backdrop=Backdrop("color"))
    picture = develop(scene, engine.render(scene), SHELF).astype(float)
    np.testing.assert_allclose(patches(picture, 4), CARD[8::16, 8::16], atol=1.5)


def test_a_texture_lies_upright_on_its_model_and_is_multiplied_by_its_factor(engine):
    expected = np.array([[RED, GREEN], [BLUE, WHITE]])
    np.testing.assert_allclose(patches(engine.render(above("corners"))), expected, atol=0.01)
    np.testing.assert_allclose(patches(engine.render(above("tinted"))), expected * (0.5, 1, 0.25), atol=0.01)


def test_a_real_things_print_is_where_the_ray_caster_sees_it(engine):
    """The carton's lettering, seen from aside by a rolled camera, against the analytic engine's."""
    pose = look_at([0.15, -0.45, 0.2], [0, 0, 0.09])
    pose[:3, :3] = pose[:3, :3] @ rotation_about([0, 0, 1], 0.3)
    camera = Camera(128, 128, intrinsics(128, 128, 0.6), pose)
    scene = dataclasses.replace(above("carton"), camera=camera)
    found, expected = (light[..., :3] for light in (engine.render(scene), analytic(scene, samples=16)))
    inside = cast(scene, SHELF).instance_ids > 0
    for channel in range(3):
        assert np.corrcoef(found[inside, channel], expected[inside, channel])[0, 1] > 0.98
        aside = np.corrcoef(np.roll(found, 1, axis=1)[inside, channel], expected[inside, channel])[0, 1]
        assert aside < 0.95  # A pixel is enough to be noticed.


def analytic(scene, **settings):
    return Analytic(SHELF, RenderSettings("analytic", **settings)).render(scene)


def test_vertex_colours_are_srgb(engine):
    light = engine.render(above("painted"))[4:-4, 4:-4, :3]
    np.testing.assert_allclose(light.mean(axis=(0, 1)), LINEAR_OF_BYTE[[128, 64, 200]], rtol=0.01)


@pytest.mark.parametrize(
    ("surface", "expected"),
    [
        (Surface(base_color=(0.7, 0.1, 0.2)), [[(0.7, 0.1, 0.2)] * 2] * 2),
        (Surface(hue_shift_rad=2 * np.pi / 3), [[GREEN, BLUE], [RED, WHITE]]),
        (Surface(hue_shift_rad=-2 * np.pi / 3), [[BLUE, RED], [GREEN, WHITE]]),
        (Surface(hue_shift_rad=np.pi), [[(0, 1, 1), (1, 0, 1)], [(1, 1, 0), WHITE]]),
    ],
    ids=["base colour", "a third of a turn", "a third back", "half a turn"],
)
def test_a_surface_replaces_or_turns_the_colours_of_its_model(engine, surface, expected):
    np.testing.assert_allclose(patches(engine.render(above("corners", surface=surface))), expected, atol=0.02)


def test_a_box_projected_texture_repeats_at_its_scale_and_is_not_mirrored(engine):
    """The square is 2 m wide, 64 pixels: a tile of a metre repeats every 32."""
    light = engine.render(above("matt", surface=Surface(texture="corners", tile_m=(1, 1, 1))))
    tiles = patches(light, 4)
    np.testing.assert_allclose(tiles, np.tile(tiles[:2, :2], (2, 2, 1)), atol=0.02)
    clockwise = np.rint(tiles[[0, 0, 1, 1], [0, 1, 1, 0]]).astype(int).tolist()
    turned = [clockwise[i:] + clockwise[:i] for i in range(4)]
    assert [list(color) for color in (RED, GREEN, WHITE, BLUE)] in turned


def test_an_emission_texture_is_multiplied_by_its_factor(engine):
    light = engine.render(above("shining", surface=Surface(base_color=(0, 0, 0)), environment=DARK))
    np.testing.assert_allclose(patches(light), [[(2, 0, 0), (0, 2, 0)], [BLUE, (2, 2, 1)]], atol=0.02)


@pytest.mark.parametrize(
    ("model", "sun_from", "expected"),
    [
        ("towards-u", (0.6, 0, 0.8), 1.0),
        ("towards-u", (-0.6, 0, 0.8), 0.28),
        ("towards-u", (0, 0.6, 0.8), 0.64),
        ("towards-v", (0, 0.6, 0.8), 1.0),
        ("towards-v", (0, -0.6, 0.8), 0.28),
        ("matt", (0.6, 0, 0.8), 0.8),
    ],
)
def test_a_normal_map_tilts_the_surface_towards_u_and_v(engine, model, sun_from, expected):
    """Lambert's law with the map's normal: (.6, 0, .8) or (0, .6, .8) in the frame of u, v and outward."""
    sun = Lamp("sun", (0, 0, 0), direction=tuple(-np.array(sun_from)), power_w=np.pi)
    light = engine.render(above(model, lamps=[sun], environment=DARK))
    np.testing.assert_allclose(light[8:-8, 8:-8, :3].mean(axis=(0, 1)), expected, atol=0.02)


def test_blue_of_a_texture_is_metallic_and_green_is_roughness(engine):
    light = engine.render(above("bands", environment=Environment("directions")))[..., :3]
    mirror, rough_metal, chalk = light[4:12, 4:-4], light[20:28, 4:-4], light[36:-4, 4:-4]
    y, x = np.mgrid[1 - 1 / 64 : -1 : -1 / 32, -1 + 1 / 64 : 1 : 1 / 32]
    reflected = np.stack([x, y, np.full_like(x, 2)], -1)
    mirrored = 1 + 0.9 * reflected / np.linalg.norm(reflected, axis=-1, keepdims=True)
    np.testing.assert_allclose(mirror, mirrored[4:12, 4:-4], rtol=0.03)
    # Irradiance of light that is 1 + .9 times its direction is pi (1 + .6 n).
    np.testing.assert_allclose(chalk.mean(axis=(0, 1)), [1, 1, 1.6], rtol=0.04)
    # Rough metal sees more of the sky than a mirror.
    assert rough_metal[..., 2].mean() < mirrored[20:28, 4:-4, 2].mean() - 0.1
    assert abs(np.polyfit(np.arange(56), rough_metal[..., 0].mean(axis=0), 1)[0]) < 0.8 * 0.9 / 64


def test_an_instances_own_gloss_replaces_the_models(engine):
    dull = above("bands", surface=Surface(metallic=0.0, roughness=1.0), environment=Environment("directions"))
    np.testing.assert_allclose(engine.render(dull)[4:-4, 4:-4, :3].mean(axis=(0, 1)), [1, 1, 1.6], rtol=0.04)


def test_two_instances_of_a_model_have_surfaces_of_their_own(engine):
    pair = [
        placed(i + 1, "card", (x, 0, 0), Surface(base_color=c), 0.4)
        for i, (x, c) in enumerate(((-0.5, RED), (0.5, BLUE)))
    ]
    light = engine.render(above(*pair))
    np.testing.assert_allclose(light[32, [16, 48], :3], [RED, BLUE], atol=0.05)


def test_a_label_shows_its_picture_on_its_own_material_untinted_and_leaves_the_others(engine):
    surface = Surface(label="card", label_materials=(1,))
    plain, labelled = (patches(engine.render(above("halves", surface=s)), 4) for s in (Surface(), surface))
    row, column = np.indices((4, 4))
    upper, lower = row + column < 3, row + column > 3
    np.testing.assert_allclose(labelled[upper], LINEAR_OF_BYTE[CARD[8::16, 8::16]][upper], atol=0.02)
    np.testing.assert_allclose(labelled[lower], plain[lower], atol=0.02)


def test_a_label_on_what_has_holes_keeps_the_holes(engine):
    leaf, labelled = above("leaf-1"), above("leaf-1", surface=Surface(label="card", label_materials=(0,)))
    before, after = engine.render(leaf), engine.render(labelled)
    np.testing.assert_allclose(after[..., 3], before[..., 3], atol=0.01)
    assert 0.2 < after[..., 3].mean() < 0.8
    assert np.abs(after[..., :3] - before[..., :3]).max() > 0.3


@pytest.mark.parametrize(
    ("right", "up", "expected"),
    [
        ((1, 0, 0), (0, 1, 0), [[None, GREEN], [BLUE, WHITE]]),
        ((0, 1, 0), (-1, 0, 0), [[GREEN, WHITE], [None, BLUE]]),
        ((1, 0, 0), (0, -1, 0), [[None, None], [None, None]]),
    ],
    ids=["upright", "turned to the left", "on the other side"],
)
@pytest.mark.parametrize("metallic", [0.0, 1.0])
def test_a_decal_shows_its_picture_where_it_is_stuck_on_as_paper(engine, right, up, expected, metallic):
    """A square of a metre on one of two, of which the picture shows all."""
    decal = Decal("sticker", (0.0, 0.0, 0.0), right, up, (1.0, 1.0))
    surface = Surface((0.25, 0.25, 0.25), metallic=metallic, roughness=1.0)
    bare, light = (engine.render(above("matt", surface=replace(surface, decals=d))) for d in ((), (decal,)))
    found, around = patches(light, 4), patches(bare, 4)
    shown = np.array([[around[1, 1] if color is None else color for color in row] for row in expected])
    np.testing.assert_allclose(found[1:3, 1:3], shown, atol=0.02)
    found[1:3, 1:3] = around[1:3, 1:3]
    np.testing.assert_allclose(found, around, atol=0.02)


def test_of_two_decals_the_last_lies_on_top_and_both_cover_glow_and_glass(engine):
    whole, half = (Decal("card", (0.0, 0.0, 0.0), (1, 0, 0), (0, 1, 0), (size, size)) for size in (2.0, 1.0))
    half = replace(half, image="sticker")
    surface = Surface((1, 1, 1), emission=(3, 3, 3), transmission=0.8, decals=(whole, half))
    expected = LINEAR_OF_BYTE[CARD[8::16, 8::16]]
    expected[1, 2], expected[2, 1], expected[2, 2] = GREEN, BLUE, WHITE
    np.testing.assert_allclose(patches(engine.render(above("matt", surface=surface)), 4), expected, atol=0.03)


def test_the_analytic_engine_shows_labels_too():
    surface = Surface(label="card", label_materials=(0,))
    np.testing.assert_allclose(
        patches(analytic(above("corners", surface=surface)), 4), LINEAR_OF_BYTE[CARD[8::16, 8::16]], atol=0.01
    )
