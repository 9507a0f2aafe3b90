"""A ground that isn't seen, but for the shadow on it."""

import dataclasses

import numpy as np
import pytest

from cyclorama.core.render import RenderSettings
from cyclorama.core.scene import CATCHER, Backdrop, Environment, Lamp, Sensor, Surface
from cyclorama.render.catcher import GREY, render_caught
from cyclorama.render.engines.analytic import Analytic
from cyclorama.render.frame import render_frame
from cyclorama.render.geometry import Caster, cast
from stage import DARK, SHELF, above, placed

# It comes from +x and moves shadows by their height towards -x.
SUN = Lamp("sun", (0, 0, 0), direction=(-1.0, 0.0, -1.0), power_w=3.0)
SCREEN = placed(2, "matt", (0.25, 0, 0.5), Surface(base_color=(0.8, 0.1, 0.1)), 0.2)


def catcher(id=1, size=4.0):
    return dataclasses.replace(placed(id, "matt", size=size), category=None, layer=CATCHER)


def as_ground():
    return dataclasses.replace(catcher(), layer="ground", surface=Surface((GREY,) * 3, roughness=1.0, metallic=0.0))


def scene_of(*things, **kwargs):
    return above(*things, catcher(), **{"lamps": [SUN], "environment": DARK, **kwargs})


@pytest.fixture(scope="module")
def analytic():
    return Analytic(SHELF, RenderSettings("analytic", "best"))


def test_a_caught_shadow_is_where_the_light_is_kept_away_and_nowhere_else(engine):
    light = render_caught(scene_of(SCREEN), engine.render)
    veil, is_thing = light[..., 3], light[..., :3].any(axis=-1)
    # A square of .4 m about (-.25, 0), and on the picture the screen itself at a height of half a metre.
    assert veil[28:37, 20:28].min() > 0.97
    assert not is_thing[28:37, 20:28].any()
    far = np.ones_like(is_thing)
    far[22:42, 14:54] = False
    assert veil[far].max() < 0.02


def test_things_over_their_shadow_before_bare_ground_are_things_on_that_ground(engine):
    """What differential rendering is for: with the ground's own light as backdrop it gives back the whole picture."""
    ball = placed(2, "matt-sphere", (0.1, 0, 0.2), Surface(base_color=(0.6, 0.6, 0.6)), 2.0)
    lamp = Lamp("point", (0.8, 0.5, 1.5), power_w=60.0, size_m=0.05)
    scene = scene_of(ball, lamps=[lamp], environment=Environment(strength=0.5))
    renders = []
    light = render_caught(scene, lambda s: renders.append(engine.render(s)) or renders[-1])
    whole, bare = renders[0][..., :3], engine.render(dataclasses.replace(scene, instances=(as_ground(),)))[..., :3]
    composed = light[..., :3] + (1 - light[..., 3:]) * bare
    assert np.abs(composed / whole - 1).mean() < 0.015
    # At the things' feet some pixels of light are guessed.
    assert np.isclose(composed, whole, rtol=0.25, atol=0.03 * float(bare.max())).mean() > 0.997
    assert light[..., 3][light[..., :3].sum(axis=-1) == 0].max() > 0.3


def test_an_engine_without_shadows_shows_things_alone(analytic):
    ball = placed(2, "matt-sphere", (0, 0, 0.2), size=2.0)
    scene = scene_of(ball, lamps=[Lamp("point", (0.8, 0.5, 1.5), power_w=60.0)])
    alone = dataclasses.replace(scene, instances=(ball,))
    light, expected = render_caught(scene, analytic.render), analytic.render(alone)
    np.testing.assert_allclose(light[..., 3], expected[..., 3], atol=1e-6)
    inside = expected[..., 3] == 1
    np.testing.assert_allclose(light[inside], expected[inside], atol=1e-6)


def test_a_scene_without_a_catcher_is_rendered_once_as_it_is():
    asked = []
    scene = above("matt")
    assert render_caught(scene, lambda s: asked.append(s) or "light") == "light"
    assert asked == [scene]


def test_a_catcher_is_grey_to_light_and_nothing_to_labels(analytic):
    seen = []
    ball = placed(2, "matt-sphere", (0, 0, 0.2), size=2.0)
    scene = scene_of(ball)
    render_caught(scene, lambda s: seen.append(s) or analytic.render(s))
    assert [i.surface.base_color for i in seen[1].instances] == [(GREY, GREY, GREY)]
    with_it, without = cast(scene, SHELF), cast(dataclasses.replace(scene, instances=(ball,)), SHELF)
    for name in ("instance_ids", "depth_m", "normal_camera"):
        np.testing.assert_array_equal(getattr(with_it, name), getattr(without, name))
    assert with_it.silhouettes.keys() == without.silhouettes.keys() == {2}


class Shadowed:
    """An engine that has everything in shadow left of the middle, and sees no thing."""

    def render(self, scene):
        light = np.zeros((scene.camera.height, scene.camera.width, 4), np.float32)
        if scene.instances[-1:] and scene.instances[-1].layer == "ground":
            light[...] = 1.0
            light[:, :32, :3] = 0.5 if len(scene.instances) > 1 else 1.0
        return light

    def has_depth_of_field(self, scene):
        return False


@pytest.mark.parametrize("aperture_m", [0.0, 0.5])
def test_a_shadow_darkens_the_picture_behind_by_its_share_and_the_rest_not_at_all(aperture_m):
    """Also where it is out of focus, for the ground's depth and not the backdrop's says how much."""
    hidden = placed(2, "matt-sphere", (0, 0, 9.0))
    scene = scene_of(hidden, backdrop=Backdrop("color", (0.5, 0.5, 0.5)), sensor=Sensor(auto_exposure=False))
    camera = dataclasses.replace(scene.camera, aperture_m=aperture_m, focus_m=2.0)
    frame = render_frame(dataclasses.replace(scene, camera=camera), Shadowed(), Caster(SHELF), SHELF)
    left, right = frame.rgb[:, :30].astype(float), frame.rgb[:, 34:]
    assert (right == 128).all()
    np.testing.assert_allclose(left, 255 * 0.5 * 0.507 ** (1 / 2.25), atol=2.5)
