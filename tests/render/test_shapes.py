"""Every engine's pictures lie where the ray caster says that things are."""

import dataclasses

import numpy as np
import pytest
from scipy.ndimage import maximum_filter, minimum_filter

from cyclorama.core.geometry import intrinsics, look_at, rigid, rotation_about
from cyclorama.core.lens import NO_DISTORTION
from cyclorama.core.scene import Camera, Lamp, Scene, Surface
from cyclorama.render.frame import rendered_light
from cyclorama.render.geometry import cast
from stage import DARK, SHELF, above, placed

WIDTH, HEIGHT, FINE = 112, 84, 8
# Field of view, roll, where the optical axis meets the picture, in pixels from its middle, and distortion.
CAMERAS = {
    "long lens": (0.35, 0.7, (-9.3, 6.1), NO_DISTORTION),
    "wide lens": (1.1, -2.0, (20.2, -11.7), NO_DISTORTION),
    "barrel": (1.1, -2.0, (20.2, -11.7), (-0.3, 0.1, 2e-3, 1e-3, 0.0)),
    "pincushion": (0.9, 0.3, (3.1, -1.4), (0.4, 0.2, 0.0, 2e-3, 0.1)),
}

# Cycles jitters its samples; the rasterizer has four to a pixel, in a square.
OVERLAP, OFF_PX = {"cycles": 0.96, "raster": 0.95}, {"cycles": 0.03, "raster": 0.04}


@pytest.fixture(params=CAMERAS.values(), ids=CAMERAS)
def camera(request):
    fov_rad, roll_rad, off_px, distortion = request.param
    k = intrinsics(WIDTH, HEIGHT, fov_rad)
    k[:2, 2] += off_px
    level = look_at(np.array([0.6, -0.7, 0.45]) * 0.16 / np.tan(fov_rad / 2), [0, 0, 0.04])
    return Camera(WIDTH, HEIGHT, k, level @ rigid(rotation_about([0, 0, 1], roll_rad), [0, 0, 0]), distortion)


def colored(*color):
    """Sends this light and reflects none."""
    return Surface(base_color=(0, 0, 0), emission=color)


MUG = placed(1, "mug", surface=colored(1, 0, 0), turn=rotation_about([1, 2, 3], 1.0))
DIE = placed(2, "die", (0.04, -0.05, 0.01), colored(0, 1, 0), 2.0, rotation_about([1, 2, 0], 0.6))
OVOID = dataclasses.replace(placed(3, "matt-sphere", (-0.05, 0.06, 0.03), colored(0, 0, 1)), scale=(0.4, 0.5, 0.6))


BENT = placed(1, "bent-mug", surface=colored(1, 0, 0), turn=rotation_about([2, 1, -1], 0.8))


def test_of_several_things_each_shows_where_it_is_nearest(engine, camera):
    """Three things that hide parts of one another, each in a colour of its own."""
    scene = Scene(0, 0, camera, (MUG, DIE, OVOID), (), DARK)
    light, ids = rendered_light(scene, engine, SHELF).rgba, cast(scene, SHELF).instance_ids
    edge = maximum_filter(ids, 3) != minimum_filter(ids, 3)
    for instance in scene.instances:
        seen, shown = ids == instance.id, light[..., instance.id - 1] > 0.5
        assert not ((seen != shown) & ~edge).any()
        # Bending a picture rounds corners off.
        overlap = OVERLAP[engine.name] if camera.lens is None else 0.92
        assert (seen & shown).sum() > overlap * (seen | shown).sum()
    # Some of their edges are where one hides another.
    assert all(((ids == a) & (maximum_filter(np.where(ids == b, 1, 0), 3) > 0)).any() for a, b in ((1, 2), (1, 3)))


@pytest.mark.parametrize("instance", [MUG, DIE, OVOID, BENT], ids=lambda i: i.model)
def test_a_pixel_is_covered_by_as_much_as_many_rays_say(engine, camera, instance):
    """Subpixels tell what whole pixels hide: a picture half a pixel aside."""
    scene = Scene(0, 0, camera, (instance,), (), DARK)
    k = np.diag([FINE, FINE, 1]) @ camera.k
    fine_camera = dataclasses.replace(camera, width=WIDTH * FINE, height=HEIGHT * FINE, k=k)
    fine = cast(dataclasses.replace(scene, camera=fine_camera), SHELF).instance_ids > 0
    expected = fine.reshape(HEIGHT, FINE, WIDTH, FINE).mean(axis=(1, 3))
    found = rendered_light(scene, engine, SHELF).rgba[..., 3]
    assert found.sum() == pytest.approx(expected.sum(), rel=0.01)
    np.testing.assert_allclose(center_px(found), center_px(expected), atol=OFF_PX[engine.name])
    assert np.abs(found - expected)[expected > 0].mean() < 0.05


def center_px(coverage):
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    return [(coverage * x).sum() / coverage.sum(), (coverage * y).sum() / coverage.sum()]


@pytest.mark.parametrize("order", [(0.1, 0.4), (0.4, 0.1)], ids=["first is behind", "first is in front"])
def test_the_nearer_of_two_squares_hides_the_other(engine, order):
    squares = [placed(i + 1, "matt", (0, 0, z), colored(*np.eye(3)[i]), 0.5) for i, z in enumerate(order)]
    middle = engine.render(above(*squares, environment=DARK))[32, 32]
    np.testing.assert_allclose(middle, [*np.eye(3)[np.argmax(order)], 1], atol=0.01)


@pytest.mark.parametrize(("model", "alpha"), [("cut-away", 0.0), ("not-cut", 1.0), ("faded", 0.25)])
def test_alpha_cuts_at_its_limit_or_lets_a_share_through(engine, model, alpha):
    scene = above(model)
    np.testing.assert_allclose(engine.render(scene)[4:-4, 4:-4, 3], alpha, atol=0.15 if model == "faded" else 0.01)
    if model != "faded":
        assert (cast(scene, SHELF).instance_ids > 0).all() == alpha


@pytest.mark.parametrize("kind", ["point", "area", "spot"])
def test_a_lamp_in_view_is_not_seen(engine, kind):
    """Labels know nothing of lamps."""
    lamp = Lamp(kind, (0.1, 0.1, 0.5), direction=(0.0, 0.0, 1.0), power_w=20.0, size_m=0.2)
    assert not engine.render(above(lamps=[lamp], environment=DARK)).any()
    before_a_thing = engine.render(above("matt", surface=colored(0, 0.3, 0), lamps=[lamp], environment=DARK))
    np.testing.assert_allclose(before_a_thing[4:-4, 4:-4, :3], np.broadcast_to((0, 0.3, 0), (56, 56, 3)), atol=0.01)
