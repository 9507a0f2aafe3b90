"""Laws of distributions: within their limits, exact as text, and moved by nothing but the seed."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from cyclorama.scene.chance import Dice
from cyclorama.scene.distributions import KINDS, Distribution, distribution_from

LOW, HIGH = -1000.0, 1000.0
numbers = st.floats(LOW, HIGH)
positive = st.floats(1e-6, HIGH)
whole = st.integers(int(LOW), int(HIGH))


def in_order(values):
    return st.tuples(values, values).map(sorted)


PLAIN = {
    "constant": numbers,
    "uniform": in_order(numbers).map(lambda v: {"uniform": v}),
    "loguniform": in_order(positive).map(lambda v: {"loguniform": v}),
    "normal": st.tuples(numbers, st.floats(0, HIGH)).map(lambda v: {"normal": list(v)}),
    "area": in_order(st.floats(max(LOW, -90), min(HIGH, 90))).map(lambda v: {"area": v}),
    "choice": st.lists(numbers, min_size=1, max_size=5).map(lambda v: {"choice": v}),
    "randint": in_order(whole).map(lambda v: {"randint": v}),
}
any_plain = st.one_of(*PLAIN.values())
seeds = st.integers(0, 2**32)


def read(plain):
    return distribution_from(plain, LOW, HIGH, whole=False)


def test_every_kind_is_tried_here():
    assert set(PLAIN) == {"constant", *KINDS}


@given(any_plain, seeds)
def test_every_draw_lies_within_the_range_that_the_distribution_tells_and_the_field_allows(plain, seed):
    distribution = read(plain)
    lowest, highest = distribution.range
    draws = [distribution.draw(np.random.default_rng((seed, i))) for i in range(20)]
    assert LOW <= lowest <= min(draws)
    assert max(draws) <= highest <= HIGH
    assert all(type(draw) is float for draw in draws)


@given(any_plain)
def test_a_distribution_survives_json(plain):
    distribution = read(plain)
    assert read(json.loads(json.dumps(distribution.to_plain()))) == distribution
    assert read(distribution) == distribution


@given(any_plain, seeds)
def test_the_same_seed_draws_the_same_number(plain, seed):
    first, second = (read(plain).draw(np.random.default_rng(seed)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("plain", "quantiles"),
    [
        ({"uniform": [2, 6]}, [3, 4, 5]),
        ({"loguniform": [1, 16]}, [2, 4, 8]),
        ({"normal": [5, 2]}, [3.651, 5, 6.349]),
        ({"area": [0, 90]}, np.degrees(np.arcsin([0.25, 0.5, 0.75]))),
        ({"choice": [1, 2, 3, 4, 5]}, [2, 3, 4]),
        ({"randint": [1, 5]}, [2, 3, 4]),
        (7, [7, 7, 7]),
    ],
)
def test_draws_have_the_quartiles_that_the_kind_promises(plain, quantiles):
    rng = np.random.default_rng(0)
    draws = [read(plain).draw(rng) for _ in range(4000)]
    np.testing.assert_allclose(np.quantile(draws, [0.25, 0.5, 0.75]), quantiles, rtol=0.04)


def test_both_ends_of_randint_and_every_choice_are_drawn():
    rng = np.random.default_rng(0)
    assert {read({"randint": [2, 4]}).draw(rng) for _ in range(99)} == {2, 3, 4}
    assert {read({"choice": [0.5, 7, -1]}).draw(rng) for _ in range(99)} == {0.5, 7, -1}


@given(st.floats(-0.5, 0.5), st.floats(0, HIGH), seeds)
def test_a_normal_is_clipped_to_what_the_field_allows(mean, deviation, seed):
    distribution = distribution_from({"normal": [mean, deviation]}, -0.5, 0.5, whole=False)
    assert -0.5 <= distribution.draw(np.random.default_rng(seed)) <= 0.5


@given(numbers.filter(lambda mean: abs(mean) > 0.5), st.floats(0, HIGH))
def test_a_normal_whose_mean_the_field_does_not_allow_is_refused(mean, deviation):
    with pytest.raises(ValueError, match=r"is outside of -0\.5 \.\. 0\.5"):
        distribution_from({"normal": [mean, deviation]}, -0.5, 0.5, whole=False)


@given(in_order(numbers).filter(lambda v: v[0] < v[1]))
def test_a_low_above_a_high_is_refused(ends):
    with pytest.raises(ValueError, match="is above high"):
        read({"uniform": ends[::-1]})


@pytest.mark.parametrize("kind", ["constant", "uniform", "choice", "randint"])
def test_a_distribution_made_in_python_is_held_to_the_same_limits(kind):
    with pytest.raises(ValueError, match=r"3 is outside of 0 \.\. 2"):
        distribution_from(Distribution(kind, (1, 3) if kind != "constant" else (3,)), 0, 2, whole=False)


def test_dice_of_different_seeds_indexes_and_parts_have_nothing_in_common():
    keys = [(s, i, p) for s in range(4) for i in range(4) for p in ("camera", "lamps", "layout")]
    draws = {Dice(*key).rng.random() for key in keys}
    assert len(draws) == len(keys)
    assert draws == {Dice(*key).rng.random() for key in keys}


def test_dice_keep_a_record_of_all_that_they_draw():
    dice = Dice(0, 0, "part")
    first, second, third = (dice.draw("x", Distribution("uniform", (0, 1))) for _ in range(3))
    picked = dice.pick("name", ("a", "b"))
    tint, colour = dice.tint("tint", Distribution("constant", (0.5,))), dice.color("color")
    happened = dice.happens("event", 0.5)
    assert dice.draws == {
        "part.x": [first, second, third],
        "part.name": picked,
        "part.tint": {"rgb": list(tint)},
        "part.color": {"rgb": list(colour)},
        "part.event": happened,
    }
    assert all(0.5 <= c <= 1 for c in tint)


@pytest.mark.parametrize(("probability", "happens"), [(0, False), (1, True)])
def test_the_impossible_never_and_the_certain_always_happens(probability, happens):
    dice = Dice(0, 0, "part")
    assert {dice.happens("event", probability) for _ in range(200)} == {happens}


def test_elevations_by_area_are_places_on_a_shell_all_alike():
    """Archimedes: between two heights a sphere has as much area as the cylinder around it."""
    rng = np.random.default_rng(0)
    drawn = np.radians([read({"area": [-20, 70]}).draw(rng) for _ in range(2000)])
    low, high = np.sin(np.radians([-20, 70]))
    assert kstest(np.sin(drawn), "uniform", (low, high - low)).pvalue > 0.01
    for ends in ([-91, 0], [0, 91]):
        with pytest.raises(ValueError, match="elevations from -90 to 90"):
            distribution_from({"area": ends}, -1000, 1000, whole=False)
