"""A session with OpenGL: the same picture always, large and small ones, and what to do where it isn't there."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import moderngl
import numpy as np
import pytest

from cyclorama.core.errors import InputError
from cyclorama.core.geometry import look_at, rigid
from cyclorama.core.kept import Kept
from cyclorama.core.model import Material
from cyclorama.core.render import RenderSettings
from cyclorama.core.scene import Camera, Environment, Lamp, Surface
from cyclorama.render.engines.raster import Raster, context
from cyclorama.render.engines.raster.context import PACKAGES
from cyclorama.render.engines.raster.layers import Targets
from cyclorama.render.engines.raster.pieces import BORDER_PX, WINDOW_PX, pieces
from cyclorama.render.engines.raster.probe import lobe_albedos
from cyclorama.render.engines.raster.surfaces import coat_of
from cyclorama.render.engines.raster.textures import new_texture
from cyclorama.render.window import Window
from scenes import Shelf, leaves_scene, spheres_scene
from stage import DARK, LOOKING_DOWN, MATT, SHELF, above, placed, quad_model, spot_map

pytestmark = pytest.mark.gl

LAMPS = tuple(Lamp(kind, (1.0, i, 2.0), power_w=20.0) for i, kind in enumerate(("point", "area", "spot", "sun")))
LIT = dataclasses.replace(spheres_scene(0, count=8), environment=Environment("spot", 0.3), lamps=LAMPS)
GLASS = above(placed(1, "corners"), placed(2, "glass-sphere", (0, 0, 0.5), size=3.0), lamps=LAMPS[:2])
SCENES = [LIT, GLASS, spheres_scene(1), above("corners"), leaves_scene()]


@pytest.fixture(scope="module")
def raster():
    engine = Raster(SHELF, RenderSettings("raster", threads=1))
    yield engine
    engine.close()


def test_a_scene_gives_the_same_pixels_whatever_was_rendered_before(raster):
    """Bit for bit: again, after others, in another context."""
    first = [raster.render(scene) for scene in SCENES]
    backwards = [raster.render(scene) for scene in SCENES[::-1]][::-1]
    other = Raster(SHELF, RenderSettings("raster", threads=1))
    elsewhere = [other.render(scene) for scene in SCENES]
    other.close()
    for once, again, there in zip(first, backwards, elsewhere, strict=True):
        np.testing.assert_array_equal(once, again)
        np.testing.assert_array_equal(once, there)


def test_threads_do_not_change_pixels():
    program = """
import sys, zlib
import test_raster as t
engine = t.Raster(t.SHELF, t.RenderSettings("raster", threads=int(sys.argv[1])))
print([zlib.crc32(engine.render(scene).tobytes()) for scene in t.SCENES])
"""
    folder = Path(__file__).parent
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(folder.parent)])}
    told = [
        subprocess.run(
            [sys.executable, "-c", program, threads], env=environment, capture_output=True, text=True, check=True
        ).stdout
        for threads in ("1", "3")
    ]
    assert told[0] == told[1]


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (9, 1)])
def test_a_picture_of_a_few_pixels_is_rendered(raster, size):
    k = [[max(size), 0, size[0] / 2], [0, max(size), size[1] / 2], [0, 0, 1]]
    scene = dataclasses.replace(above("matt"), camera=Camera(*size, k, LOOKING_DOWN))
    light = raster.render(scene)
    assert light.shape == (size[1], size[0], 4)
    np.testing.assert_allclose(light[..., 3], 1.0, atol=1e-6)
    np.testing.assert_allclose(light[..., :3], 1.0, rtol=0.02)


def test_any_number_of_samples_is_rendered():
    camera = Camera(700, 5, [[700, 0, 350], [0, 700, 2.5], [0, 0, 1]], LOOKING_DOWN)
    engine = Raster(SHELF, RenderSettings("raster", threads=1, samples=100_000))
    light = engine.render(dataclasses.replace(above("matt"), camera=camera))
    engine.close()
    np.testing.assert_allclose(light[..., 3], 1.0, atol=1e-5)


def test_pieces_cover_a_picture_once():
    covered = np.zeros((1500, 2600), int)
    for piece in pieces(2600, 1500):
        covered[piece.inner.slices] += 1
        assert max(piece.inner.shape) <= WINDOW_PX
    assert (covered == 1).all()
    assert max(max(p.inner.shape) for p in pieces(2600, 1500, 8)) <= WINDOW_PX // 2


@pytest.mark.parametrize("size", [(1100, 700), (1025, 3001), (5000, 2049), (64, 64)])
def test_all_pieces_are_drawn_in_one_size_and_with_a_border(size):
    """So that the device's targets serve for all of them."""
    made = pieces(*size)
    assert len({p.outer.shape for p in made}) == 1
    for piece in made:
        inner, outer = piece.inner, piece.outer
        wanted = Window(inner.x0 - BORDER_PX, inner.y0 - BORDER_PX, inner.x1 + BORDER_PX, inner.y1 + BORDER_PX)
        assert outer == outer.clipped(*size)
        assert Window.around([outer, wanted.clipped(*size)]) == outer


def test_targets_are_made_once_for_pictures_of_a_size(raster, monkeypatch):
    made = []
    monkeypatch.setattr("cyclorama.render.engines.raster.passes.Targets", lambda *a: made.append(a) or Targets(*a))
    camera = Camera(1030, 9, [[1030, 0, 515], [0, 1030, 4.5], [0, 0, 1]], LOOKING_DOWN)
    for _ in range(2):
        raster.render(dataclasses.replace(above("matt"), camera=camera))
    assert len(made) == 1


def test_what_was_made_for_a_picture_is_released_though_a_pass_fails(monkeypatch):
    engine, made = Raster(SHELF, RenderSettings("raster", threads=1)), []
    draw = engine._shadows.draw
    monkeypatch.setattr(engine._shadows, "draw", lambda *a: made.append(draw(*a)) or made[-1])
    monkeypatch.setattr(engine._passes, "draw", lambda shot: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        engine.render(LIT)
    assert isinstance(made[0].views.mglo, moderngl.InvalidObject)
    engine.close()


def test_a_picture_of_several_windows_has_no_seams(raster, monkeypatch):
    """Drawn in pieces, it is the picture drawn at once."""
    whole = raster.render(LIT)
    monkeypatch.setattr("cyclorama.render.engines.raster.pieces.WINDOW_PX", 40)
    pieces = raster.render(LIT)
    assert BORDER_PX < 96
    np.testing.assert_allclose(pieces, whole, atol=0.03 * np.quantile(whole, 0.99))
    assert np.abs(pieces - whole).mean() < 2e-3 * whole.mean()


def test_a_texture_larger_than_the_device_takes_is_scaled_down():
    wide = np.zeros((4, 20_000, 3), np.uint8)
    wide[:, 10_000:] = 255
    shelf = Shelf(quad_model("wide", Material(base_color_texture="t", ior=1.0, base_color=(1, 1, 1, 1)), {"t": wide}))
    engine = Raster(shelf, RenderSettings("raster", threads=1))
    light = engine.render(above("wide"))
    engine.close()
    np.testing.assert_allclose(light[20:44, [8, 56], 0], np.tile([0.0, 1.0], (24, 1)), atol=0.02)


def test_five_hundred_objects_are_drawn(raster):
    side = np.linspace(-0.9, 0.9, 23)
    balls = [
        placed(i + 1, "sphere-1", (x, y, 0.02), size=0.2)
        for i, (x, y) in enumerate(np.array(np.meshgrid(side, side)).reshape(2, -1).T[:500])
    ]
    light = raster.render(above(*balls, lamps=LAMPS))
    assert np.isfinite(light).all()
    assert light[..., 3].mean() > 0.1


def test_more_lamps_than_tiles_in_a_row_each_cast_a_shadow(raster):
    """Twelve suns from all sides, each as strong, leave the same light around a post but for its twelve shadows."""
    angles = np.arange(12) * 2 * np.pi / 12
    suns = [Lamp("sun", (0, 0, 0), (np.cos(a), np.sin(a), -1.0), power_w=1.0) for a in angles]
    post = placed(2, "matt-sphere", (0, 0, 0.5), Surface(base_color=(0, 0, 0)), 1.0)
    ground = dataclasses.replace(placed(1, "matt"), layer="ground", category=None)
    light = raster.render(above(ground, post, lamps=suns, environment=DARK))[..., 0]
    clear = raster.render(above(ground, lamps=suns, environment=DARK))[..., 0]
    ring = [(32 - 16 * np.sin(a), 32 + 16 * np.cos(a)) for a in angles]
    lost = [1 - light[int(y), int(x)] / clear[int(y), int(x)] for y, x in ring]
    np.testing.assert_allclose(lost, 1 / 12, atol=0.03)


def test_however_many_things_glow_the_shadow_map_fits_the_device(raster):
    x, y = np.meshgrid(np.linspace(-0.8, 0.8, 7), np.linspace(-0.8, 0.8, 6))
    orbs = [
        placed(i + 2, "matt-sphere", (x.flat[i], y.flat[i], 0.1), Surface((0, 0, 0), emission=(1, 1, 1)), 0.5)
        for i in range(x.size)
    ]
    light = raster.render(above("matt", *orbs, environment=DARK))
    assert np.isfinite(light).all()
    assert light[..., 0].min() > 0.01


@pytest.mark.parametrize("gap_m", [0.3, 0.1, 0.02, 0.0])
def test_nothing_gets_more_light_of_what_glows_than_where_it_touches(raster, gap_m):
    """Which is pi times its radiance: a white matt ball beside it is never brighter than what it is lit by."""
    plate = dataclasses.replace(
        placed(1, "matt", surface=Surface((0, 0, 0), emission=(1, 1, 1))), scale=(0.1, 0.2, 1.0)
    )
    scene = above(plate, placed(2, "matt-sphere", (0, 0, 0.1 + gap_m)), environment=DARK)
    aside = Camera(64, 64, [[80, 0, 32], [0, 80, 32], [0, 0, 1]], look_at([0, -1.5, 0], [0, 0, 0.1]))
    assert raster.render(dataclasses.replace(scene, camera=aside)).max() < 1.01


def test_a_sun_below_the_horizon_does_not_shine_through_the_ground(raster):
    sunny = Shelf(*SHELF.models.values(), environments={"below": spot_map((0.3, 0.2, -0.9))})
    ground = dataclasses.replace(placed(1, "matt"), layer="ground", category=None)
    scene = above(ground, placed(2, "matt-sphere", (0, 0, 0.3)), environment=Environment("below"))
    aside = Camera(64, 64, [[80, 0, 32], [0, 80, 32], [0, 0, 1]], look_at([0, -1.5, 0.05], [0, 0, 0.3]))
    engine = Raster(sunny, RenderSettings("raster", threads=1))
    light = engine.render(dataclasses.replace(scene, camera=aside))
    engine.close()
    assert light[..., :3].max() < 0.05  # the map's other light is 0.02


GROUND = dataclasses.replace(placed(1, "matt"), layer="ground", category=None)
ASIDE = Camera(64, 64, [[80, 0, 32], [0, 80, 32], [0, 0, 1]], look_at([0, -1.5, 0.05], [0, 0, 0.3]))


def beside(*instances, lamps, **kwargs):
    """A scene on the ground, in the light of lamps alone, seen from aside."""
    scene = above(GROUND, *instances, lamps=lamps, environment=DARK)
    return dataclasses.replace(scene, camera=ASIDE, **kwargs)


@pytest.mark.parametrize(
    "lamp",
    [
        Lamp("point", (0.1, 0, -0.2), power_w=20.0),
        Lamp("area", (0.1, 0, -0.2), direction=(0, 0, 1.0), power_w=20.0),
        Lamp("spot", (0, 0, -0.5), direction=(0, 0, 1.0), power_w=20.0),
        Lamp("sun", (0, 0, 0), direction=(0.3, 0.2, 1.0), power_w=3.0),
    ],
    ids=lambda lamp: lamp.kind,
)
def test_a_lamp_below_the_ground_does_not_shine_through_it(raster, lamp):
    ball = placed(2, "matt-sphere", (0, 0, 0.3))
    assert raster.render(beside(ball, lamps=[lamp]))[..., :3].max() == 0
    glow = placed(3, "matt-sphere", (0.1, 0, -0.3), Surface((0, 0, 0), emission=(5, 5, 5)))
    assert raster.render(beside(ball, glow, lamps=[]))[:20, :, :3].max() == 0


def test_the_grounds_light_does_not_depend_on_where_its_origin_is(raster):
    """But on what falls on it where things stand: here a lamp stands close above the origin."""
    lamp, ball = Lamp("point", (0.7, 0, 0.02), power_w=1.0), placed(2, "matt-sphere", (-0.3, 0, 0.3))
    near, far = (
        dataclasses.replace(GROUND, world_from_object=rigid(np.eye(3), [x, 0, 0]), scale=(9.0, 9.0, 1.0))
        for x in (0.7, 0.0)
    )
    scene = beside(ball, lamps=[lamp])
    a, b = (raster.render(dataclasses.replace(scene, instances=(g, ball)))[26:38, 10:22] for g in (near, far))
    assert a.min() >= 0
    assert a[..., 0].max() > 1e-3
    np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-6)


def test_a_lamp_close_to_the_ground_sends_no_more_light_back_than_it_has(raster):
    """Half of its light falls on the ground, wherever the lamp is: here under a ball."""

    def shade(height_m):
        ball, lamp = placed(2, "matt-sphere", (0, 0, 0.5)), Lamp("point", (0, 0.001, height_m), power_w=1.0)
        light = raster.render(beside(ball, lamps=[lamp]))[..., 0]
        return light[18:21, 30:34].mean()

    assert 0 < shade(0.005) < 2 * shade(0.3)


@pytest.mark.parametrize("size", [(50, 101), (100, 199), (17, 33), (700, 1401)])
def test_a_map_need_not_be_exactly_twice_as_wide_as_high(size):
    shelf = Shelf(*SHELF.models.values(), environments={"map": np.full((*size, 3), 0.25, np.float32)})
    engine = Raster(shelf, RenderSettings("raster", threads=1))
    light = engine.render(above("matt", environment=Environment("map")))
    engine.close()
    np.testing.assert_allclose(light[..., :3], 0.25, rtol=0.02)


@pytest.mark.parametrize("case", ["inside out", "a hole", "a window"])
def test_what_is_seen_is_what_is_nearest(case):
    """The rasterizer leaves out back faces only where they can't be seen."""
    ball = SHELF.models["matt-sphere"]
    top = (ball.vertices_m[ball.faces][..., 2].mean(axis=1) > 0.05).astype(np.int32)
    clear = Material(base_color=(1, 1, 1, 1), transmission=1.0, roughness=0.0, ior=1.0)
    hole = Material(base_color=(1, 1, 1, 0.2), alpha_mode="cut")
    model = {
        "inside out": dataclasses.replace(ball, id="b", faces=ball.faces[:, ::-1]),
        "a hole": dataclasses.replace(ball, id="b", materials=(*ball.materials, hole), face_materials=top),
        "a window": dataclasses.replace(ball, id="b", materials=(*ball.materials, clear), face_materials=top),
    }[case]
    engine = Raster(Shelf(model, ball), RenderSettings("raster", threads=1))
    lamps = [Lamp("point", (0, 0, 2.0), power_w=100.0)]
    shown = engine.render(above(placed(1, "b", size=5.0), lamps=lamps))
    whole = engine.render(above(placed(1, "matt-sphere", size=5.0), lamps=lamps))
    engine.close()
    np.testing.assert_allclose(shown[..., 3], whole[..., 3], atol=0.1)  # the seam may show in a sample
    if case == "inside out":
        np.testing.assert_allclose(shown, whole, atol=0.02 * whole.max())


@pytest.mark.parametrize(
    ("alpha", "is_seen_through"), [(None, False), (255, False), (128, True)], ids=["no", "an even", "a faint"]
)
def test_blending_needs_an_alpha(raster, alpha, is_seen_through):
    """Many files say "blend" of all their materials, and have a texture with an alpha that hides nothing."""
    grey = np.full((4, 4, 3 + (alpha is not None)), 99, np.uint8)
    grey[..., 3:] = alpha or 0
    model = quad_model("quad", Material(alpha_mode="blend", base_color_texture="t"), {"t": grey})
    with raster._context:
        texture = new_texture(raster._context, grey, is_color=True, largest_px=64)[0]
    coat = coat_of(model, model.materials[0], Surface(), lambda *_: texture, lambda *_: texture)
    texture.release()
    assert coat.is_translucent == is_seen_through


@pytest.mark.parametrize("model", ["matt-sphere", "sphere-1"])
def test_however_bright_a_maps_sun_is_none_of_its_light_is_lost(model):
    """A map that is so many times brighter, at so many times less strength, gives the same light."""
    plain = spot_map((0.5, -0.6, 0.62), radius_rad=0.05)
    shelf = Shelf(*SHELF.models.values(), environments={"plain": plain, "bright": plain * 1e5})
    engine = Raster(shelf, RenderSettings("raster", threads=1))
    surface = None if model == "matt-sphere" else Surface((1, 1, 1), metallic=1.0, roughness=0.2)
    ball = placed(1, model, surface=surface, size=5.0)
    lights = [engine.render(above(ball, environment=e)) for e in (Environment("plain"), Environment("bright", 0, 1e-5))]
    engine.close()
    assert lights[0][..., :3].max() > 0.2
    np.testing.assert_allclose(*lights, rtol=0.01, atol=2e-3)


def test_a_lobe_reflects_no_more_than_there_is_and_a_mirror_all_of_it():
    albedo = lobe_albedos().sum(axis=-1)
    assert albedo.max() < 1.01
    np.testing.assert_allclose(albedo[0], 1.0, atol=0.02)
    assert (np.diff(albedo[:, -1]) < 1e-3).all()  # the rougher, the more is lost in a single scattering


def test_what_was_used_last_is_kept_within_the_budget():
    class Item:
        def __init__(self):
            self.released = False

        def release(self):
            self.released = True

    kept, items = Kept(Item.release, lambda item: 4, 10), [Item() for _ in range(4)]
    for i, item in enumerate(items):
        kept.get(i, lambda item=item: item)
    assert not any(item.released for item in items)  # all belong to one picture
    kept.trim()
    kept.get(3, lambda: pytest.fail("is there"))
    kept.trim()
    assert [item.released for item in items] == [True, True, False, False]


def test_without_egl_one_sentence_says_what_to_install():
    program = "from cyclorama.render.engines.raster.context import *; open_context(RenderSettings('raster'))"
    environment = {**os.environ, "__EGL_VENDOR_LIBRARY_DIRS": "/nowhere", "__EGL_VENDOR_LIBRARY_FILENAMES": ""}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 1
    assert f"apt-get install {PACKAGES}" in last


@pytest.mark.parametrize(
    ("system", "advice"), [("Darwin", "Linux only"), ("Windows", "Linux only"), ("Linux", PACKAGES)]
)
def test_what_is_missing_is_named_as_the_system_has_it(monkeypatch, system, advice):
    monkeypatch.setattr("platform.system", lambda: system)
    monkeypatch.setattr(context, "_context", lambda index: 1 / 0)
    with pytest.raises(InputError, match=advice) as told:
        context.open_context(RenderSettings("raster"))
    assert ("apt-get" in str(told.value)) == (system == "Linux")
    assert "--engine cycles" in str(told.value)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_what_is_faded_is_seen_through_what_is_faded_before_it(order):
    """Three sheets of glowing colours, each of which hides a half: the law of painting over."""
    colors = [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
    glow = dataclasses.replace(MATT, alpha_mode="blend", base_color=(0, 0, 0, 0.5))
    engine = Raster(Shelf(quad_model("sheet", glow)), RenderSettings("raster", threads=1))
    sheets = [placed(i + 1, "sheet", (0, 0, 0.3 * i), Surface(emission=colors[i]), 0.5) for i in range(3)]
    light = engine.render(above(*(sheets[i] for i in order), environment=DARK))
    engine.close()
    np.testing.assert_allclose(light[32, 32], [1 / 8, 1 / 4, 1 / 2, 7 / 8], atol=0.01)


@pytest.mark.parametrize("opacity", [0.25, 0.75])
@pytest.mark.parametrize("how", ["alpha", "an alpha texture", "glass"])
def test_what_lets_light_through_casts_a_shadow_of_the_light_that_it_takes(how, opacity):
    """As cycles has it where it blends; glass hides all light there, for want of caustics."""
    alpha = np.full((4, 4, 4), 255, np.uint8)
    alpha[..., 3] = round(255 * opacity)
    black = dataclasses.replace(MATT, alpha_mode="blend", base_color=(0, 0, 0, 1))
    material = {
        "alpha": dataclasses.replace(black, base_color=(0, 0, 0, opacity)),
        "an alpha texture": dataclasses.replace(black, base_color_texture="t"),
        "glass": dataclasses.replace(MATT, transmission=1.0, base_color=(*[1 - opacity] * 3, 1)),
    }[how]
    engine = Raster(
        Shelf(quad_model("screen", material, {"t": alpha}), *SHELF.models.values()), RenderSettings("raster")
    )
    sun = Lamp("sun", (0, 0, 0), direction=(-1.0, 0.0, -1.0), power_w=np.sqrt(2) * np.pi)
    screen = placed(2, "screen", (0.25, 0, 0.5), size=0.2)
    light = engine.render(above(GROUND, screen, lamps=[sun], environment=DARK))[..., 0]
    engine.close()
    # The sun moves the screen's shadow half a metre towards -x: to a square of .4 m about (-.25, 0).
    assert light[28:37, 20:28].mean() == pytest.approx(1 - opacity, abs=0.06)
    np.testing.assert_allclose(light[32, 4:12], 1.0, rtol=0.03)


def test_devices_that_can_not_be_opened_are_passed_over(monkeypatch):
    """A graphics card's driver without a card, or without the right to use it, comes before the processor's."""
    real = context._context

    def opened(index):
        if index == 0:
            raise Exception("eglInitialize failed (0x3001)")
        return real(index - 1)

    monkeypatch.setattr(context, "_context", opened)
    engine = Raster(SHELF, RenderSettings("raster", threads=1))
    assert engine.render(above("matt"))[..., 3].all()
    engine.close()


def test_the_context_that_is_taken_is_the_one_that_is_drawn_with(raster, monkeypatch):
    """Though another is opened after it."""
    opened, real = [], context.open_context

    def twice(settings):
        opened.extend(real(settings) for _ in range(2))
        return opened[0]

    monkeypatch.setattr("cyclorama.render.engines.raster.engine.open_context", twice)
    engine = Raster(SHELF, RenderSettings("raster", threads=1))
    opened[1].release()
    np.testing.assert_array_equal(engine.render(LIT), raster.render(LIT))
    engine.close()


def test_a_graphics_card_that_is_not_there_is_said_not_to_be():
    with pytest.raises(InputError, match="take 'auto'"):
        Raster(SHELF, RenderSettings("raster", device="cuda"))
