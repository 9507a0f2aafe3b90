"""Precision, recall and F1 at IoU .5 over confidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.detect.judging.matching import ClassMatches
from cyclorama.detect.results import Curves

CONFIDENCES = np.arange(1, 100) / 100
# Where nothing is right at any confidence.
NO_BEST = 0.5


@dataclass(frozen=True)
class Best:
    """The score from which on detections give the best F1, and what they give."""

    confidence: float
    precision: float
    recall: float


@dataclass(frozen=True, eq=False)
class _Ranked:
    """Detections that count, best first: their scores, and the right ones among the first n."""

    scores: FloatArray
    hits: FloatArray
    truths: int


def best_confidence(matches: Sequence[ClassMatches]) -> Best:
    """Of all the classes together; half and nothing where nothing is right."""
    ranked = _ranked(matches)
    if not len(ranked.scores) or not ranked.hits[-1]:
        return Best(NO_BEST, 0.0, 0.0)
    counts = np.arange(1, len(ranked.scores) + 1)
    f1 = 2 * ranked.hits / (counts + ranked.truths)
    # Equal scores are taken together: the only place to stop is after the last of them.
    f1[:-1][ranked.scores[1:] == ranked.scores[:-1]] = 0
    best = int(np.argmax(f1))
    hits = float(ranked.hits[best])
    return Best(float(ranked.scores[best]), hits / (best + 1), hits / ranked.truths)


def curves(matches: Mapping[str, ClassMatches]) -> Curves:
    """Of categories by name."""
    ranked = _ranked(list(matches.values()))
    counts = np.searchsorted(-ranked.scores, -CONFIDENCES, side="right")
    hits = np.append(0.0, ranked.hits)[counts]
    precision = np.where(counts > 0, hits / np.maximum(counts, 1), 1.0)
    f1 = 2 * hits / np.maximum(counts + ranked.truths, 1)
    return Curves(
        precision_at={name: _plain(m.precision()[0]) for name, m in matches.items()},
        confidences=_plain(CONFIDENCES),
        precision=_plain(precision),
        recall=_plain(hits / max(ranked.truths, 1)),
        f1=_plain(f1),
    )


def _ranked(matches: Sequence[ClassMatches]) -> _Ranked:
    found = np.concatenate([np.zeros(0, np.float32), *(m.scores for m in matches)])
    right = np.concatenate([np.zeros(0, bool), *(m.is_match[0] for m in matches)])
    counted = np.concatenate([np.zeros(0, bool), *(~m.is_ignored[0] for m in matches)])
    order = np.argsort(-found, kind="stable")
    order = order[counted[order]]
    truths = sum(int(m.truth_per_image.sum()) for m in matches)
    return _Ranked(found[order].astype(float), np.cumsum(right[order]).astype(float), truths)


def _plain(values: FloatArray) -> tuple[float, ...]:
    return tuple(round(float(v), 6) for v in values)
