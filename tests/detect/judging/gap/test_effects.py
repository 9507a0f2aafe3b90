"""Distances of distributions are SciPy's, and their intervals hold what many images would say."""

import numpy as np
import pytest
from scipy.stats import ks_2samp

from cyclorama.detect.judging.gap.advice import STATISTICS, sentence
from cyclorama.detect.judging.gap.effects import cliffs_delta, effects, ks_distance
from cyclorama.detect.judging.gap.statistics import Values


def values(rng, shift=0.0, *, spread=1.0, count=120):
    return Values(rng.normal(shift, spread, count), np.arange(count))


@pytest.mark.parametrize("seed", range(3))
def test_the_shift_is_that_of_all_pairs(seed):
    rng = np.random.default_rng(seed)
    mine, theirs = rng.integers(0, 9, 40).astype(float), rng.integers(2, 11, 60).astype(float)
    assert cliffs_delta(mine, theirs) == pytest.approx(np.sign(mine[:, None] - theirs[None]).mean())


@pytest.mark.parametrize("seed", range(5))
def test_the_distance_is_scipys_with_ties_and_weights(seed):
    rng = np.random.default_rng(seed)
    mine, theirs = rng.integers(0, 9, 40).astype(float), rng.integers(2, 11, 60).astype(float)
    a, b = rng.integers(0, 3, 40), rng.integers(0, 3, 60)
    expected = ks_2samp(np.repeat(mine, a), np.repeat(theirs, b)).statistic
    assert ks_distance(mine, theirs, a.astype(float), b.astype(float)) == pytest.approx(expected)


def test_the_largest_comes_first_and_what_only_one_has_is_left_out():
    rng = np.random.default_rng(0)
    photographs = {"noise": values(rng), "size": values(rng, 3), "visible": values(rng)}
    found = effects(photographs, {"noise": values(rng), "size": values(rng)})
    assert [e.name for e in found] == ["size", "noise"]
    assert 0.9 < found[0].shift <= 1
    assert found[0].interval[0] > 0.7


def test_what_is_alike_may_be_chance():
    rng = np.random.default_rng(1)
    (found,) = effects({"noise": values(rng)}, {"noise": values(rng)})
    assert found.interval[0] <= 0.05
    assert found.distance < 0.2


def test_many_objects_of_few_images_are_no_surer_than_the_images():
    rng = np.random.default_rng(2)
    every = rng.normal(0, 1, 10).repeat(50), np.arange(10).repeat(50)
    few, many = Values(*every), Values(rng.normal(0, 1, 500), np.arange(500))
    (clustered,), (single,) = (effects({"size": v}, {"size": values(rng, 0.5, count=500)}) for v in (few, many))
    assert np.ptp(clustered.interval) > 2 * np.ptp(single.interval)


def test_images_without_a_value_have_no_part_in_the_interval_wherever_they_stand():
    rng = np.random.default_rng(4)
    renders, numbers = {"size": values(rng, 0.5)}, rng.normal(0, 1, 24)
    (expected,) = effects({"size": Values(numbers, np.arange(12).repeat(2))}, renders)
    for places in (np.arange(12) + 30, np.arange(12) * 5):
        (found,) = effects({"size": Values(numbers, places.repeat(2))}, renders)
        assert found.interval == expected.interval


@pytest.mark.parametrize(
    ("photographs", "said"),
    [
        ({"shift": 2.0}, "Objects are larger on photographs"),
        ({"shift": -2.0}, "take the camera farther away: raise `camera.distance_m`"),
        ({"spread": 4.0}, "varies more on photographs"),
        ({"spread": 0.2}, "narrow the range of `camera.distance_m`"),
        ({}, "the difference may be chance"),
    ],
)
def test_a_sentence_says_what_to_do(photographs, said):
    rng = np.random.default_rng(3)
    renders = values(rng)
    mine = Values(renders.values * photographs.get("spread", 1.0) + photographs.get("shift", 0.0), renders.images)
    (found,) = effects({"size": mine}, {"size": renders})
    assert said in sentence(found)


@pytest.mark.parametrize(
    ("name", "photographs", "renders", "said"),
    [
        (
            "aspect",
            np.log2(0.772),
            np.log2(0.962),
            "Boxes are taller on photographs (width over height: median 0.77 ag",
        ),
        ("aspect", np.log2(0.772), np.log2(0.962), " against 0.96 on renders): change `objects.orientation`"),
        ("size", 0.231, 0.1, "(share of the picture's side: median 23% against 10% on renders)"),
        ("red_cast", 2.37, -0.789, "below green, above red: CIELAB a: median 2.4 against -0.8 on renders)"),
        ("sharpness", -2.0, -1.0, "(edges over contrast: median 0.1 against 0.32 on renders)"),
    ],
)
def test_figures_are_in_units_that_people_know(name, photographs, renders, said):
    numbers = np.arange(20)
    mine, theirs = ({name: Values(np.full(20, value), numbers)} for value in (photographs, renders))
    assert said in sentence(effects(mine, theirs)[0])


def test_every_key_that_is_named_is_one_of_a_recipe():
    import re

    from cyclorama.detect.judging.advice import MENDS
    from cyclorama.scene.reference import reference

    known = set(re.findall(r"^\| `([\w.]+)`", reference(), re.MULTILINE))
    said = " ".join([*MENDS.values(), *(f"{s.raise_} {s.lower} {s.keys}" for s in STATISTICS.values())])
    named = set(re.findall(r"`([\w.]+)`", said))
    assert len(named) > 20
    assert {key for key in named if key not in known and not any(k.startswith(f"{key}.") for k in known)} == set()
