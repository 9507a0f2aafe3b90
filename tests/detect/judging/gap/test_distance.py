"""Distances of features are what they are by formula, and 0 within one kind of picture."""

import numpy as np
import pytest

from cyclorama.detect.judging.gap.distance import feature_distance, frechet


@pytest.mark.parametrize("shift", [0.0, 1.0, 3.0])
@pytest.mark.parametrize("spread", [1.0, 2.0])
def test_the_distance_of_two_normal_distributions_is_known(shift, spread):
    """|shift|^2 + D (spread - 1)^2."""
    rng = np.random.default_rng(0)
    mine, theirs = rng.normal(0, 1, (20000, 3)), rng.normal(shift, spread, (20000, 3))
    assert frechet(mine, theirs) == pytest.approx(3 * shift**2 + 3 * (spread - 1) ** 2, rel=0.05, abs=0.02)


def test_points_are_as_near_to_themselves_as_can_be():
    points = np.random.default_rng(1).normal(0, 1, (50, 4))
    assert frechet(points, points) == pytest.approx(0, abs=1e-9)


def test_sets_of_a_kind_are_nearer_than_sets_of_two_kinds():
    rng = np.random.default_rng(2)
    photographs, renders = rng.normal(0, 1, (60, 20)), rng.normal(0.8, 1, (40, 20))
    found = feature_distance(photographs, renders)
    assert found.images == 20
    assert found.dimensions == 5
    assert found.between > 2 * max(found.within_photographs, found.within_renders)
    same = feature_distance(photographs, rng.normal(0, 1, (40, 20)))
    assert same.between < 2 * same.within_photographs


def test_the_photograph_unlike_all_renders_is_farthest_and_a_copy_is_nearest():
    rng = np.random.default_rng(3)
    renders = rng.normal(0, 1, (40, 10))
    photographs = np.concatenate([renders[[7]], rng.normal(0, 1, (38, 10)), np.full((1, 10), 6.0)])
    found = feature_distance(photographs, renders)
    assert (found.nearest[0], found.farness[0]) == (7, pytest.approx(0, abs=1e-5))
    assert found.farness.argmax() == 39
    assert found.farness[39] > found.usual_farness.max()
    assert np.median(found.usual_farness) == pytest.approx(1)


def test_few_images_and_features_that_never_change():
    rng = np.random.default_rng(4)
    assert feature_distance(rng.normal(0, 1, (7, 5)), rng.normal(0, 1, (90, 5))) is None
    dull = np.concatenate([rng.normal(0, 1, (20, 2)), np.ones((20, 3))], axis=1)
    assert np.isfinite(feature_distance(dull, dull[::-1]).between)
