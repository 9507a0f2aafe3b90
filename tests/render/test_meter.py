"""Exposure that several views of a scene share."""

import dataclasses

import numpy as np
import pytest

from cyclorama.core.color import srgb_decoded
from cyclorama.core.geometry import look_at
from cyclorama.core.plain import from_plain, to_plain
from cyclorama.core.render import RenderSettings
from cyclorama.core.scene import Backdrop, Environment, Lamp, Scene, Sensor
from cyclorama.render.develop import develop, exposure_gain
from cyclorama.render.engines.analytic import Analytic
from cyclorama.render.frame import render_frame
from cyclorama.render.geometry import Caster
from cyclorama.render.meter import metered_gain
from scenes import Shelf, sphere_model, spheres_scene
from stage import SHELF, above, placed, spot_map

BACKDROPS = {"environment": Backdrop(), "color": Backdrop("color"), "photo": Backdrop("photo", photo="photo")}


def shelf():
    photo = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    return Shelf(sphere_model(), images={"photo": photo}, environments={"spot": spot_map((0.5, -0.6, 0.62))})


def views(backdrop=BACKDROPS["environment"], meter=True):
    """Of one scene, from all around: against the light and with it."""
    scene = dataclasses.replace(spheres_scene(1), environment=Environment("spot"), backdrop=backdrop)
    eyes = [[1, 0.4, 0.5], [-1, 0.2, 0.4], [0.1, 1.2, 0.2], [0.2, -0.7, 1]]
    cameras = [dataclasses.replace(scene.camera, world_from_camera=look_at(eye, [0, 0, 0])) for eye in eyes]
    return [dataclasses.replace(scene, camera=c, meter=cameras[0] if meter else None) for c in cameras]


@pytest.mark.parametrize("backdrop", BACKDROPS.values(), ids=BACKDROPS)
def test_every_view_of_a_meter_has_its_gain_whichever_is_made_first(backdrop):
    library = shelf()
    gains = [metered_gain(view, Caster(library), library) for view in views(backdrop)]
    assert len(set(gains)) == 1
    again, other = shelf(), views(backdrop)[2]
    assert metered_gain(from_plain(Scene, to_plain(other)), Caster(again), again) == gains[0]


def test_views_that_are_metered_by_themselves_have_no_gain_in_common():
    library = shelf()
    assert [metered_gain(view, Caster(library), library) for view in views(meter=False)] == [None] * 4


@pytest.mark.parametrize("backdrop", BACKDROPS.values(), ids=BACKDROPS)
def test_the_same_light_is_as_bright_in_every_locked_view_and_not_in_others(backdrop):
    """A ball's lit side, seen from all around with and without."""
    library, spread = shelf(), {}
    engine, caster = Analytic(library, RenderSettings("analytic")), Caster(library)
    for meter in (True, False):
        shown = []
        for view in views(backdrop, meter):
            light = engine.render(view)
            picture = render_frame(view, engine, caster, library).rgb
            # What is dark enough for the tone curve to leave it linear.
            inside = (light[..., 3] == 1) & (picture.max(axis=-1) < 180) & (picture.min(axis=-1) > 40)
            linear = srgb_decoded(picture[inside] / 255.0)
            shown.append(np.median(linear / light[inside][:, :3]))
        spread[meter] = max(shown) / min(shown)
    assert spread[True] < 1.03
    assert spread[False] > 1.2


def test_a_meter_sees_what_a_plain_picture_from_there_would_be_exposed_by():
    library, view = shelf(), views()[0]
    view = dataclasses.replace(view, lamps=())
    light = Analytic(library, RenderSettings("analytic")).render(view)
    assert metered_gain(view, Caster(library), library) == pytest.approx(exposure_gain(view, light, library), rel=0.05)


def test_a_meter_sees_the_shadows_of_lamps():
    """A screen before each lamp leaves a floor dark; the picture needs as much more light."""
    floor, screen = placed(1, "matt"), placed(2, "matt", (0, 0, 1.0), size=0.9)
    for lamp in (Lamp("point", (0, 0, 1.2), power_w=50.0), Lamp("sun", (0, 0, 0), (0.0, 0.0, -1.0), power_w=5.0)):
        open_, shaded = (
            above(*things, lamps=[lamp], environment=Environment(strength=0.02))
            for things in ([floor], [floor, screen])
        )
        side = dataclasses.replace(open_.camera, world_from_camera=look_at([0.3, 1.2, 0.3], [0, 0, 0]))
        gains = [metered_gain(dataclasses.replace(s, meter=side), Caster(SHELF), SHELF) for s in (open_, shaded)]
        assert gains[1] > 5 * gains[0]


def test_without_automatic_exposure_no_meter_changes_the_picture():
    library, view = shelf(), dataclasses.replace(views()[1], sensor=Sensor(auto_exposure=False))
    light = Analytic(library, RenderSettings("analytic")).render(view)
    plain = dataclasses.replace(view, meter=None)
    np.testing.assert_array_equal(develop(view, light, library, gain=7.0), develop(plain, light, library))
