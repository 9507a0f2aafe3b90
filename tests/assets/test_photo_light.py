"""Light guessed from a photograph agrees with it."""

import numpy as np
import pytest

from cyclorama.assets.photo_light import COLORFULNESS, GROUND_GREY, photo_light
from cyclorama.render.color import srgb_encoded
from cyclorama.render.environment import environment_radiance, irradiance_map


def even(*rgb):
    """A photograph of one linear colour."""
    return np.broadcast_to(np.rint(255 * srgb_encoded(np.array(rgb))).astype(np.uint8), (90, 120, 3)).copy()


def ground_radiance(light):
    up = environment_radiance(irradiance_map(light), np.array([0, 0, 1.0]), 0.0)
    return GROUND_GREY * up / np.pi


@pytest.mark.parametrize("level", [0.02, 0.2, 0.9])
def test_a_grey_ground_is_as_bright_as_the_photograph(level):
    np.testing.assert_allclose(ground_radiance(photo_light(even(level, level, level))), level, rtol=0.08)


def test_light_has_a_part_of_the_photographs_colour_everywhere():
    """The rest is its things'."""
    light = photo_light(even(0.4, 0.2, 0.1))
    hue = light / light.mean(axis=2, keepdims=True)
    expected = 1 + COLORFULNESS * (np.array([12, 6, 3]) / 7 - 1)
    np.testing.assert_allclose(hue, np.broadcast_to(expected, light.shape), rtol=0.03)


def test_it_comes_from_above():
    light = photo_light(even(0.3, 0.3, 0.3)).mean(axis=(1, 2))
    assert light[:64].mean() > 3 * light[64:].mean()
    assert (np.diff(light[64:]) <= 1e-6).all()


@pytest.mark.parametrize(("side", "sign"), [("left", 1), ("right", -1)])
def test_it_comes_from_the_side_on_which_the_photograph_is_bright(side, sign):
    """The camera looks along +x, so that what is left in the picture lies towards +y."""
    photo = even(0.05, 0.05, 0.05)
    photo[:, slice(0, 40) if side == "left" else slice(80, 120)] = 230
    light = photo_light(photo)
    towards = np.array([[0.3, 1.0, 0.1], [0.3, -1.0, 0.1]])
    left, right = environment_radiance(light, towards, 0.0).mean(axis=-1)
    assert sign * (left - right) > 0.1
    level = irradiance_map(light).mean(axis=-1)[7]
    brightest = np.pi * (1 - (np.argmax(level) + 0.5) / 16)
    assert sign * np.sin(brightest) > 0.3


def test_a_black_photograph_gives_no_light():
    assert not photo_light(even(0, 0, 0)).any()
