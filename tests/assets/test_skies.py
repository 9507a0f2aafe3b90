"""Skies by formula behave as skies do."""

import numpy as np
import pytest

from cyclorama.assets.builtin import sky_light
from cyclorama.assets.library import FileLibrary
from cyclorama.core.lights import Sky, sky_id, sky_of
from cyclorama.render.environment import environment_radiance, irradiance_map


def seen(sky, *, azimuth_deg, height_deg):
    a, h = np.radians([azimuth_deg, height_deg])
    direction = np.array([np.cos(h) * np.cos(a), np.cos(h) * np.sin(a), np.sin(h)])
    return environment_radiance(sky_light(sky), direction, 0.0)


def up(sky):
    """Irradiance on level ground."""
    return irradiance_map(sky_light(sky))[0].mean(axis=0)


@pytest.mark.parametrize("sun_deg", [0.0, 5.0, 31.5, 90.0])
@pytest.mark.parametrize("turbidity", [2.0, 3.2, 10.0])
def test_every_sky_is_light_from_above_and_the_library_makes_it_from_its_id(sun_deg, turbidity):
    sky = Sky(sun_deg, turbidity)
    assert sky_of(sky_id(sky)) == sky
    light = FileLibrary([]).environment(sky_id(sky))
    np.testing.assert_array_equal(light, sky_light(sky))
    assert np.isfinite(light).all()
    assert light.min() >= 0
    assert light[:128].mean() > light[128:].mean()


def test_the_brightest_place_is_where_the_sun_stands():
    for sun_deg in (10, 40, 70):
        light = sky_light(Sky(sun_deg, 3.0)).mean(axis=-1)
        row, column = np.unravel_index(np.argmax(light), light.shape)
        assert 90 - (row + 0.5) * 180 / 256 == pytest.approx(sun_deg, abs=1.5)
        assert 180 - (column + 0.5) * 360 / 512 == pytest.approx(0, abs=2)


def test_a_higher_sun_gives_more_and_bluer_light():
    lights = np.array([up(Sky(sun_deg, 3.0)) for sun_deg in (5, 15, 30, 50, 75)])
    assert (np.diff(lights.mean(axis=1)) > 0).all()
    suns = np.array([sky_light(Sky(sun_deg, 3.0)).reshape(-1, 3).max(axis=0) for sun_deg in (5, 15, 30, 50, 75)])
    assert (np.diff(suns[:, 2] / suns[:, 0]) > 0).all()


def test_a_clear_sky_is_blue_and_haze_pales_it():
    clear, hazy = (seen(Sky(40, t), azimuth_deg=180, height_deg=60) for t in (2, 8))
    assert clear[2] > 2 * clear[0]
    assert hazy[2] / hazy[0] < 0.7 * clear[2] / clear[0]


def test_haze_takes_light_from_the_sun():
    clear, hazy = (seen(Sky(40, t), azimuth_deg=0, height_deg=40).mean() for t in (2, 8))
    assert hazy < 0.6 * clear
