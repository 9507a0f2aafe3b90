"""Whether two programs find the same."""

from dataclasses import dataclass
from typing import Any

import numpy as np

SURE = 0.05
# Detectors give so many at most, or more: which of those that are as sure as the last is the last, is by chance.
MOST = 100
BOX_PX, SCORE = 0.5, 1e-3

# Boxes (N, 4), scores (N,) and labels (N,).
Found = tuple[Any, Any, Any]


@dataclass(frozen=True)
class Agreement:
    """Of detections with a score of at least .05, each with the nearest of the other program.

    Attributes:
        compared: Detections.
        lost: Of these, those for which the other has none of the class within half a pixel and .001 of score.
        box_px: Largest difference of an edge among the others, pixels.
        score: Largest difference of scores among the others.
    """

    compared: int = 0
    lost: int = 0
    box_px: float = 0.0
    score: float = 0.0

    def __add__(self, other: "Agreement") -> "Agreement":
        return Agreement(
            self.compared + other.compared,
            self.lost + other.lost,
            max(self.box_px, other.box_px),
            max(self.score, other.score),
        )


def agreement(one: Found, other: Found) -> Agreement:
    """Of two programs on one picture, looked at from both sides."""
    return _found_again(one, other) + _found_again(other, one)


def _found_again(one: Found, other: Found) -> Agreement:
    total = Agreement()
    least = one[1].min() + SCORE if len(one[1]) >= MOST else SURE
    for box, score, label in zip(*one, strict=True):
        if score >= max(least, SURE):
            edges = np.abs(other[0] - box).max(axis=1, initial=0)
            scores = np.abs(other[1] - score)
            near = np.flatnonzero((other[2] == label) & (edges <= BOX_PX) & (scores <= SCORE))
            if len(near):
                best = near[np.argmin(edges[near])]
                total += Agreement(1, 0, float(edges[best]), float(scores[best]))
            else:
                total += Agreement(1, 1)
    return total
