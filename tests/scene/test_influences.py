"""Switching off one influence of a recipe."""

import pytest

from cyclorama.core.errors import InputError
from cyclorama.scene import load_recipe
from cyclorama.scene.influences import INFLUENCES, without

DEMO = load_recipe("demo")


def demo_without(name):
    return load_recipe("demo", without(DEMO, name))


@pytest.mark.parametrize("name", sorted(set(INFLUENCES) - {"camera.lens", "material"}))
def test_every_influence_of_the_demo_can_be_switched_off_and_no_more_than_once(name):
    changed = demo_without(name)
    assert changed != DEMO
    with pytest.raises(InputError, match="has nothing of it"):
        without(changed, name)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("camera.elevation_deg", 50),  # uniform 15, 85
        ("camera.distance_m", pytest.approx((0.35 * 0.8) ** 0.5)),  # loguniform
        ("layout.count", 2),  # randint 1, 4
        ("sensor.exposure_ev", 0),  # normal 0, .4
    ],
)
def test_a_number_is_fixed_at_its_median(key, value):
    section, name = key.split(".")
    found = getattr(getattr(demo_without(key), section), name)
    assert (found.kind, found.values) == ("constant", (value,))


def test_a_share_becomes_nothing():
    assert demo_without("distractors.textured").distractors.textured == 0


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("light.colour", "Did you mean 'light.color'"),
        ("camera.distance", "Did you mean 'camera.distance_m'"),
        ("camera.lens", "has nothing of it"),
        ("image.format", "is no number"),
    ],
)
def test_what_cannot_be_switched_off_is_refused(name, said):
    with pytest.raises(InputError, match=said):
        without(DEMO, name)
