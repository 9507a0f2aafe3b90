"""What goes wrong, by kind, and what AP50 each kind costs.

Source: Bolya, Foley, Hays and Hoffman, TIDE: A General Toolbox for Identifying Object Detection Errors, 2020.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cyclorama.core.arrays import BoolArray, FloatArray, IntArray
from cyclorama.detect.judging.matching import RECALL_POINTS, ClassMatches, iou
from cyclorama.detect.results import Errors, ImageResult

FOREGROUND, BACKGROUND = 0.5, 0.1
FALSE_KINDS = ("classification", "localisation", "both", "duplicate", "background")
KINDS = (*FALSE_KINDS, "missed")
# Of detections that are right, or count neither way.
NO_ERROR = -1
CLASSIFICATION, LOCALISATION, BOTH, DUPLICATE, ON_BACKGROUND = range(len(FALSE_KINDS))


@dataclass(frozen=True, eq=False)
class _Found:
    """All detections that count, in no order.

    Attributes:
        classes: (D,).
        scores: (D,).
        is_right: (D,) at IoU .5.
        kinds: (D,) number of the error, or ``NO_ERROR``.
        mates: (D,) number of the object that a misplaced or misnamed detection would be right on, else -1.
    """

    classes: IntArray
    scores: FloatArray
    is_right: BoolArray
    kinds: IntArray
    mates: IntArray


def errors(results: Sequence[ImageResult], matches: Mapping[int, ClassMatches]) -> Errors:
    """Each false detection and each missed object is of one kind; mending a kind wins AP50.

    Args:
        results: Truth and detections of each image.
        matches: Of every class, those of which there is nothing to find included.
    """
    classes = len(matches)
    objects = np.concatenate([np.zeros(0, np.int64), *(r.truth_classes[~r.truth_ignored] for r in results)])
    found, taken = _found(results, matches, objects)
    unused = ~taken
    is_missed = unused.copy()
    is_missed[found.mates[_hopeful(found, unused)]] = False
    totals = np.bincount(objects, minlength=classes)
    before = _ap50(found, totals, totals)
    lost = {name: _ap50(_mended(found, kind, objects, unused), totals, totals) for kind, name in enumerate(FALSE_KINDS)}
    lost["missed"] = _ap50(found, totals - np.bincount(objects[is_missed], minlength=classes), totals)
    counts = {name: int((found.kinds == kind).sum()) for kind, name in enumerate(FALSE_KINDS)}
    return Errors(
        ap50=before,
        counts={**counts, "missed": int(is_missed.sum())},
        lost={name: after - before for name, after in lost.items()},
    )


def _found(
    results: Sequence[ImageResult], matches: Mapping[int, ClassMatches], objects: IntArray
) -> tuple[_Found, BoolArray]:
    """The detections, and (objects,) whether each is found."""
    images, places, truths, right, ignored = _by_image(list(matches.values()))
    bounds = np.searchsorted(images, np.arange(len(results) + 1))
    taken = np.zeros(len(objects), bool)
    parts: list[_Found] = []
    first = 0
    for result, own in zip(results, map(slice, bounds[:-1], bounds[1:]), strict=True):
        real = np.flatnonzero(~result.truth_ignored)
        taken[first + np.searchsorted(real, truths[own][right[own]])] = True
        counted = ~ignored[own]
        at, is_right = places[own][counted], right[own][counted]
        boxes, labels = result.detections.boxes[at], result.detections.classes[at]
        kinds, mates = _kinds(boxes, labels, result.truth_boxes[real], result.truth_classes[real])
        kinds, mates = np.where(is_right, NO_ERROR, kinds), np.where(is_right | (mates < 0), -1, mates + first)
        parts.append(_Found(labels, result.detections.scores[at].astype(float), is_right, kinds, mates))
        first += len(real)
    joined = {name: np.concatenate([getattr(p, name) for p in parts]) for name in _Found.__dataclass_fields__}
    return _Found(**joined), taken


def _by_image(matches: Sequence[ClassMatches]) -> tuple[IntArray, IntArray, IntArray, BoolArray, BoolArray]:
    """Of all detections at IoU .5: image, place in it, object that it is on, whether right, whether ignored."""
    images = np.concatenate([m.images for m in matches])
    order = np.argsort(images, kind="stable")
    places = np.concatenate([m.positions for m in matches])
    truths, right, ignored = (
        np.concatenate([getattr(m, name)[0] for m in matches]) for name in ("truths", "is_match", "is_ignored")
    )
    return images[order], places[order], truths[order], right[order], ignored[order]


def _kinds(boxes: FloatArray, labels: IntArray, truth: FloatArray, named: IntArray) -> tuple[IntArray, IntArray]:
    """(D,) kind of error that each detection is if it is false, and (D,) the object it should be on, or -1."""
    if not len(truth):
        return np.full(len(boxes), ON_BACKGROUND), np.full(len(boxes), -1)
    overlap = iou(boxes, truth, np.zeros(len(truth), bool))
    is_own = labels[:, None] == named[None]
    own, other = np.where(is_own, overlap, 0), np.where(is_own, 0, overlap)
    # In TIDE's order: the first that holds.
    cases = (
        ((own.max(axis=1) >= BACKGROUND) & (own.max(axis=1) < FOREGROUND), LOCALISATION),
        (other.max(axis=1) >= FOREGROUND, CLASSIFICATION),
        (own.max(axis=1) >= FOREGROUND, DUPLICATE),
        (overlap.max(axis=1) <= BACKGROUND, ON_BACKGROUND),
    )
    kinds = np.select([holds for holds, _ in cases], [kind for _, kind in cases], BOTH)
    mates = np.select([kinds == LOCALISATION, kinds == CLASSIFICATION], [own.argmax(axis=1), other.argmax(axis=1)], -1)
    return kinds, mates


def _mended(found: _Found, kind: int, objects: IntArray, unused: BoolArray) -> _Found:
    """Without the errors of a kind: the best on each unfound object becomes right, the others go."""
    is_kind = found.kinds == kind
    best = np.zeros(len(found.kinds), bool)
    hopeful = np.flatnonzero(_hopeful(found, unused))
    order = hopeful[np.argsort(-found.scores[hopeful], kind="stable")]
    _, firsts = np.unique(found.mates[order], return_index=True)
    best[order[firsts]] = True
    becomes_right = is_kind & best
    kept = ~is_kind | becomes_right
    labels = np.where(becomes_right, np.append(objects, -1)[found.mates], found.classes)
    mended = replace(found, classes=labels, is_right=found.is_right | becomes_right)
    return _Found(**{name: getattr(mended, name)[kept] for name in _Found.__dataclass_fields__})


def _hopeful(found: _Found, unused: BoolArray) -> BoolArray:
    """(D,) those that would be right on an object that nothing found."""
    return np.append(unused, False)[found.mates]


def _ap50(found: _Found, totals: IntArray, before: IntArray) -> float:
    """Mean over the classes of which there were objects; 1 for one none of whose objects are left."""
    shown = np.flatnonzero(before)
    every = [_average_precision(found, c, int(totals[c])) if totals[c] else 1.0 for c in shown]
    return float(np.mean(every)) if every else 0.0


def _average_precision(found: _Found, category: int, total: int) -> float:
    own = np.flatnonzero(found.classes == category)
    own = own[np.argsort(-found.scores[own], kind="stable")]
    hits = np.cumsum(found.is_right[own])
    precision = hits / np.arange(1, len(own) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    where = np.searchsorted(hits / total, RECALL_POINTS, side="left")
    return float(np.append(envelope, 0.0)[where].mean())
