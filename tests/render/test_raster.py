"""A session with OpenGL: the same picture always, large and small ones, and what to do where it isn't there."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from cyclorama.core.errors import InputError
from cyclorama.core.geometry import look_at
from cyclorama.core.model import Material
from cyclorama.core.render import RenderSettings
from cyclorama.core.scene import Camera, Environment, Lamp, Surface
from cyclorama.render.engines.raster import Raster, context
from cyclorama.render.engines.raster.context import PACKAGES
from cyclorama.render.engines.raster.engine import BORDER_PX, WINDOW_PX, windows
from cyclorama.render.engines.raster.probe import lobe_albedos, split_sun
from cyclorama.render.engines.raster.surfaces import coat_of
from cyclorama.render.environment import texel_directions
from cyclorama.render.kept import Kept
from scenes import Shelf, leaves_scene, spheres_scene
from stage import DARK, LOOKING_DOWN, SHELF, above, placed, quad_model, spot_map

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


def test_windows_cover_a_picture_once():
    covered = np.zeros((1500, 2600), int)
    for w in windows(2600, 1500):
        covered[w.y0 : w.y1, w.x0 : w.x1] += 1
        assert max(w.shape) <= WINDOW_PX
    assert (covered == 1).all()
    assert max(w.shape[0] for w in windows(2600, 1500, 8)) == WINDOW_PX // 2


def test_a_picture_of_several_windows_has_no_seams(raster, monkeypatch):
    """Drawn in pieces, it is the picture drawn at once."""
    whole = raster.render(LIT)
    monkeypatch.setattr("cyclorama.render.engines.raster.engine.WINDOW_PX", 40)
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


@pytest.mark.parametrize(("channels", "is_translucent"), [(3, False), (4, True)])
def test_blending_needs_an_alpha(channels, is_translucent):
    """Many files say "blend" of all their materials."""
    material = Material(alpha_mode="blend", base_color_texture="t")
    model = quad_model("quad", material, {"t": np.full((4, 4, channels), 99, np.uint8)})
    texture = SimpleNamespace(components=channels)
    coat = coat_of(model, material, Surface(), lambda *_: texture, lambda *_: texture)
    assert coat.is_translucent == is_translucent


def test_the_sun_of_a_map_is_split_off_with_all_its_light():
    radiance = spot_map((0.5, -0.6, 0.62))
    sun, rest = split_sun(radiance)
    solid_angles = texel_directions(len(radiance))[1][..., None]
    whole, left = ((m * solid_angles).sum(axis=(0, 1)) for m in (radiance, rest))
    np.testing.assert_allclose(left + sun.irradiance, whole, rtol=1e-4)
    np.testing.assert_allclose(
        sun.towards_it, np.array([0.5, -0.6, 0.62]) / np.linalg.norm([0.5, -0.6, 0.62]), atol=0.01
    )
    assert sun.angle_rad == pytest.approx(0.15, rel=0.1)
    assert split_sun(np.full((32, 64, 3), 0.4, np.float32))[0] is None


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
