"""What keeps light away and is not seen itself."""

import dataclasses

import numpy as np

from cyclorama.core.geometry import rotation_between
from cyclorama.core.scene import GOBO, Environment, Lamp, Surface
from cyclorama.render.geometry import cast
from stage import DARK, SHELF, above, placed

SUN = Lamp("sun", (0, 0, 0), direction=(-1.0, 0.0, -1.0), power_w=3.0)
FLOOR = placed(1, "matt")
SCREEN = placed(2, "matt", (0.25, 0, 0.5), Surface(base_color=(0, 0, 0)), 0.2)
CARD = dataclasses.replace(SCREEN, layer=GOBO, category=None)


def test_its_shadow_is_seen_and_it_is_not(engine):
    with_it, with_screen, without = (
        engine.render(above(*things, lamps=[SUN], environment=DARK))
        for things in ([FLOOR, CARD], [FLOOR, SCREEN], [FLOOR])
    )
    # The sun moves its shadow half a metre towards -x: to a square of .4 m about (-.25, 0).
    assert with_it[28:37, 20:28, :3].max() < 0.02
    # Where a screen would hide the floor, the floor is seen.
    screen = np.s_[30:34, 40:44, :3]
    assert with_screen[screen].max() < 0.02
    np.testing.assert_allclose(with_it[screen], without[screen], rtol=0.05)
    np.testing.assert_allclose(with_it[32, 4:12], without[32, 4:12], rtol=0.05)
    assert (with_it[1:-1, 1:-1, 3] == 1).all()


def test_it_shades_from_the_sun_of_an_environment(engine):
    """A card half a metre towards it, over the middle: what is around is as bright as without."""
    towards_it = np.array([0.5, -0.6, 0.62]) / np.linalg.norm([0.5, -0.6, 0.62])
    card = placed(
        2, "matt", 0.5 * towards_it, Surface(base_color=(0, 0, 0)), 0.2, rotation_between([0, 0, 1], towards_it)
    )
    card = dataclasses.replace(card, layer=GOBO, category=None)
    with_it, without = (
        engine.render(above(*things, environment=Environment("spot"))) for things in ([FLOOR, card], [FLOOR])
    )
    assert with_it[30:34, 30:34, :3].mean() < 0.15 * without[30:34, 30:34, :3].mean()
    np.testing.assert_allclose(with_it[4:12, 4:12], without[4:12, 4:12], rtol=0.1)


def test_labels_know_nothing_of_it():
    with_it, without = (cast(above(*things), SHELF) for things in ([FLOOR, CARD], [FLOOR]))
    np.testing.assert_array_equal(with_it.instance_ids, without.instance_ids)
    np.testing.assert_array_equal(with_it.depth_m, without.depth_m)
