"""How far two distributions are apart, with an interval over images."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.detect.judging.bootstrap import interval, resamplings
from cyclorama.detect.judging.gap.statistics import Values
from cyclorama.detect.shape_scores import Interval

RESAMPLINGS = 300
# Objects of one image are alike, and a resampling takes all of them or none.
PHOTOGRAPHS_SEED, RENDERS_SEED = 0, 1
# Of values that are all alike.
LEAST_RANGE = 1e-6


@dataclass(frozen=True, eq=False)
class Effect:
    """One statistic on photographs and on renders.

    Attributes:
        name: Of the statistic.
        distance: Kolmogorov and Smirnov's: the largest distance of the two cumulative shares, 0 .. 1.
        interval: Of that, 95 % by resampling the images of both sets.
        shift: Cliff's delta: how much more often a photograph has more than a render, than less; -1 .. 1.
        spread: Interquartile range on photographs over that on renders.
        photographs: Values.
        renders: Values.
    """

    name: str
    distance: float
    interval: Interval
    shift: float
    spread: float
    photographs: FloatArray
    renders: FloatArray


def effects(photographs: Mapping[str, Values], renders: Mapping[str, Values]) -> tuple[Effect, ...]:
    """Of all statistics that both sets have, the largest first."""
    shared = [name for name in photographs if name in renders]
    found = [_effect(name, photographs[name], renders[name]) for name in shared]
    return tuple(sorted(found, key=lambda effect: -effect.distance))


def ks_distance(mine: FloatArray, theirs: FloatArray, my_weights: FloatArray, their_weights: FloatArray) -> float:
    """Largest distance of two weighted cumulative distributions; 0 where either weighs nothing."""
    if not my_weights.sum() or not their_weights.sum():
        return 0.0
    every = np.concatenate([mine, theirs])
    steps = np.concatenate([my_weights / my_weights.sum(), -their_weights / their_weights.sum()])
    order = np.argsort(every, kind="stable")
    gaps = np.cumsum(steps[order])
    last_of_equals = np.append(np.diff(every[order]) > 0, True)
    # What is left of equal distributions are the last digits.
    return float(np.abs(gaps[last_of_equals]).max().round(12))


def cliffs_delta(mine: FloatArray, theirs: FloatArray) -> float:
    """Share of pairs in which the first has more, less the share in which it has less."""
    ordered = np.sort(theirs)
    below, not_above = (np.searchsorted(ordered, mine, side=side) for side in ("left", "right"))
    return float((below - (len(theirs) - not_above)).mean() / len(theirs))


def _effect(name: str, photographs: Values, renders: Values) -> Effect:
    mine, theirs = photographs.values, renders.values
    distance = ks_distance(mine, theirs, np.ones(len(mine)), np.ones(len(theirs)))
    pairs = zip(_weights(photographs, seed=PHOTOGRAPHS_SEED), _weights(renders, seed=RENDERS_SEED), strict=True)
    drawn = np.array([ks_distance(mine, theirs, a, b) for a, b in pairs])
    low, high = interval(distance, drawn)
    ranges = [float(np.subtract(*np.percentile(values, [75, 25]))) for values in (mine, theirs)]
    return Effect(
        name=name,
        distance=distance,
        interval=(max(0.0, low), min(1.0, high)),
        shift=cliffs_delta(mine, theirs),
        spread=(ranges[0] + LEAST_RANGE) / (ranges[1] + LEAST_RANGE),
        photographs=mine,
        renders=theirs,
    )


def _weights(values: Values, *, seed: int) -> Iterator[FloatArray]:
    """(V,) how often each value is in each resampling of the images that have some."""
    images, places = np.unique(values.images, return_inverse=True)
    for weights in resamplings(len(images), seed=seed, count=RESAMPLINGS):
        yield weights[places]
