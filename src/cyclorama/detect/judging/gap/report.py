"""The gap between renders and photographs, named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cyclorama.detect.judging.bootstrap import Resampled, differences, resample
from cyclorama.detect.judging.comparison import Difference
from cyclorama.detect.judging.gap.advice import STATISTICS, sentence
from cyclorama.detect.judging.gap.distance import FeatureDistance, feature_distance
from cyclorama.detect.judging.gap.effects import Effect, effects
from cyclorama.detect.judging.gap.statistics import gathered
from cyclorama.detect.judging.matching import match_classes
from cyclorama.detect.results import FIGURES, Evaluation

# Another seed than that of evaluations: photographs and renders are resampled by themselves.
RENDERS_SEED = 1


@dataclass(frozen=True, eq=False)
class Measured:
    """One set of images.

    Attributes:
        evaluation: Of the detector on it, with its features.
        pixels: What ``image_statistics`` gave of each image.
    """

    evaluation: Evaluation
    pixels: tuple[Mapping[str, float], ...]


@dataclass(frozen=True, eq=False)
class Gap:
    """What a detector loses on photographs, and what differs there.

    Attributes:
        photographs: Scores on photographs.
        renders: Scores on renders that it was not trained on.
        more: Figure -> on photographs less on renders, with the unpaired 95 % interval.
        more_ap: Category on both -> the same of its AP.
        effects: Statistics, those that differ most first.
        features: None where the detector has none, or images are few.
    """

    photographs: Evaluation
    renders: Evaluation
    more: Mapping[str, Difference]
    more_ap: Mapping[str, Difference]
    effects: tuple[Effect, ...]
    features: FeatureDistance | None


def gap(photographs: Measured, renders: Measured) -> Gap:
    """Hold a set of photographs against one of renders."""
    mine, theirs = _drawn(photographs.evaluation, seed=0), _drawn(renders.evaluation, seed=RENDERS_SEED)
    shared = [c for c in mine if c in theirs]
    both = [[drawn[c] for c in shared] for drawn in (mine, theirs)]
    names = photographs.evaluation.categories
    features = None
    if photographs.evaluation.features is not None and renders.evaluation.features is not None:
        features = feature_distance(photographs.evaluation.features, renders.evaluation.features)
    return Gap(
        photographs=photographs.evaluation,
        renders=renders.evaluation,
        more=differences([_joined(both[0])], [_joined(both[1])]) if shared else {},
        more_ap={names[c]: differences([mine[c]], [theirs[c]])["ap"] for c in shared},
        effects=effects(
            gathered(photographs.evaluation.results, photographs.pixels),
            gathered(renders.evaluation.results, renders.pixels),
        ),
        features=features,
    )


def plain(found: Gap) -> dict[str, Any]:
    """For gap.json: figures and sentences, without single values."""
    features = found.features
    return {
        "photographs": {key: getattr(found.photographs.scores, key) for key in FIGURES},
        "renders": {key: getattr(found.renders.scores, key) for key in FIGURES},
        "more": dict(found.more),
        "more_ap": dict(found.more_ap),
        "statistics": [_plain_effect(effect) for effect in found.effects],
        "features": features
        and {
            "dimensions": features.dimensions,
            "images": features.images,
            "between": features.between,
            "within_photographs": features.within_photographs,
            "within_renders": features.within_renders,
            "farness": {r.id: float(f) for r, f in zip(found.photographs.results, features.farness, strict=True)},
        },
    }


def _plain_effect(effect: Effect) -> dict[str, Any]:
    known = STATISTICS[effect.name]
    return {
        "name": effect.name,
        "measure": known.measure,
        "distance": effect.distance,
        "interval": effect.interval,
        "shift": effect.shift,
        "spread": effect.spread,
        "median": [known.median(values) for values in (effect.photographs, effect.renders)],
        "sentence": sentence(effect),
    }


def _drawn(evaluation: Evaluation, *, seed: int) -> dict[int, Resampled]:
    """Class number -> its figures."""
    matches = match_classes(evaluation.results, len(evaluation.categories))
    every = resample(list(matches.values()), len(evaluation.results), seed=seed)
    return {c: every.of_class(row) for row, c in enumerate(matches)}


def _joined(every: Sequence[Resampled]) -> Resampled:
    return Resampled(np.concatenate([r.whole for r in every]), np.concatenate([r.drawn for r in every], axis=1))
