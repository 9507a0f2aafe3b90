"""Switching off one influence of a recipe."""

import pytest

from cyclorama.core.errors import InputError
from cyclorama.scene import load_recipe
from cyclorama.scene.distributions import Distribution
from cyclorama.scene.influences import INFLUENCES, NO_INFLUENCE, keys, without

DEMO = load_recipe("demo")


def demo_without(name):
    return load_recipe("demo", without(DEMO, name))


# Something of everything, as a recipe may have it.
FULL_CHANGES = [
    "camera.fisheye={k1: 0.01}", "camera.f_number=2", "camera.speed_m_s=1", "camera.turn_deg_s=5", "lamps.gobos=1",
        "lamps.temperature_k=3000", "environment.sky=0.5", "environment.from_photo=0.5", "geometry.bend_deg=10",
        "material.wear_edges=0.5", "material.label_probability=0.5", "distractors.wear_edges=1", "ground.wear_edges=1",
        "material.decal_count=2",
        "material.wear=0.5", "material.saturation=0.5", "material.value=0.7", "distractors.wear=1", "ground.wear=1",
        "material.family_probability=0.5", "ground.family_probability=1", "distractors.family_probability=1",
        "distractors.cards=0.5", "distractors.of_targets=0.5", "sensor.white_e=100", "sensor.bayer=1",
        "sensor.flicker={}", "sensor.vignetting=0.5", "sensor.infrared=0.5", "sensor.resolution=0.5",
        "camera.rolling_shutter_ms=20", "sensor.read_noise_e=5", "lamps.sun_gobos=1",
]  # fmt: skip
FULL = load_recipe("demo", FULL_CHANGES)


@pytest.mark.parametrize("name", sorted(INFLUENCES))
def test_of_an_influence_that_is_switched_off_nothing_is_left(name):
    changed = load_recipe("demo", [*FULL_CHANGES, *without(FULL, name)])
    for key, neutral in INFLUENCES[name].items():
        found = changed
        for part in key.split("."):
            found = getattr(found, part)
        assert (found.to_plain() if isinstance(found, Distribution) else found) == neutral
    with pytest.raises(InputError, match="nothing of it varies"):
        without(changed, name)


def test_every_key_that_varies_pictures_belongs_to_an_influence_or_is_one():
    """A new key is to be sorted in: an influence, a number that can be fixed, or NO_INFLUENCE."""
    known = {key for influence in INFLUENCES.values() for key in influence} | NO_INFLUENCE
    parts = {key.partition(".")[0] for key in known} - {"empty_share"}
    for key in keys(DEMO):
        section, _, name = key.partition(".")
        is_number = isinstance(getattr(getattr(DEMO, section), name), Distribution)
        is_optional = type(getattr(DEMO, section)).model_fields[name].default is None
        assert section not in parts or key in known or is_number or is_optional, key


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
        ("camera.lens", "nothing of it varies"),
        ("image.format", "varies nothing by itself"),
        ("layout.max_crop", "varies nothing by itself"),
        ("ground.size_m", "varies nothing by itself"),
    ],
)
def test_what_cannot_be_switched_off_is_refused(name, said):
    with pytest.raises(InputError, match=said):
        without(DEMO, name)
