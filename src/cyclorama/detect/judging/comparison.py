"""Evaluations of several detectors on the same images, held against each other."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cyclorama.core.arrays import IntArray
from cyclorama.core.errors import InputError
from cyclorama.detect.judging.bootstrap import Resampled, differences, resample
from cyclorama.detect.judging.matching import match_classes
from cyclorama.detect.results import Evaluation, ImageResult
from cyclorama.detect.shape_scores import Interval

Difference = tuple[float, Interval]
# Name, width and height of an image.
_Identity = tuple[str, int, int]


@dataclass(frozen=True, eq=False)
class Comparison:
    """The first evaluation, and how the others differ from it.

    Attributes:
        names: Of the evaluations.
        evaluations: With the first one's categories and images, in its order.
        more: For each evaluation but the first, figure -> how much more it has, with the paired 95 % interval.
        more_ap: For each evaluation but the first, category -> the same of its AP.
    """

    names: tuple[str, ...]
    evaluations: tuple[Evaluation, ...]
    more: tuple[Mapping[str, Difference], ...]
    more_ap: tuple[Mapping[str, Difference], ...]


def compare(evaluations: Mapping[str, Evaluation]) -> Comparison:
    """Paired differences of all figures from the first: the same resamplings of the same images.

    Args:
        evaluations: Name -> evaluation; two or more.

    Raises:
        InputError: They are of other categories, or of other images or labels.
    """
    names = tuple(evaluations)
    first, *others = evaluations.values()
    named = list(zip(names[1:], others, strict=True))
    same = [first, *(_ordered(names[0], first, n, _renumbered(names[0], first, n, o)) for n, o in named)]
    classes = sorted(match_classes(first.results, len(first.categories)))
    drawn = [_resampled(evaluation) for evaluation in same]
    return Comparison(
        names=names,
        evaluations=tuple(same),
        more=tuple(differences([other], [drawn[0]]) for other in drawn[1:]),
        more_ap=tuple(
            {
                first.categories[c]: differences([other.of_class(row)], [drawn[0].of_class(row)])["ap"]
                for row, c in enumerate(classes)
            }
            for other in drawn[1:]
        ),
    )


def is_sure(difference: Difference) -> bool:
    """Whether the interval doesn't hold 0."""
    low, high = difference[1]
    return not low <= 0 <= high


def _resampled(evaluation: Evaluation) -> Resampled:
    matches = match_classes(evaluation.results, len(evaluation.categories))
    return resample(list(matches.values()), len(evaluation.results))


def _renumbered(first_name: str, first: Evaluation, name: str, other: Evaluation) -> Evaluation:
    """``other`` with the names and the order of the categories of ``first``."""
    places = _places(other.categories, first.categories)
    if sorted(places) != list(range(len(first.categories))):
        raise InputError(
            f"{name}: is of a detector of {', '.join(other.categories)}, but {first_name} of "
            f"{', '.join(first.categories)}; compare detectors of the same categories"
        )
    results = tuple(_with_classes(result, np.array(places, np.int64)) for result in other.results)
    own = {category: first.categories[place] for category, place in zip(other.categories, places, strict=True)}
    skeletons = {own[category]: skeleton for category, skeleton in other.skeletons.items()}
    return replace(other, categories=first.categories, results=results, skeletons=skeletons)


def _places(categories: Sequence[str], among: Sequence[str]) -> list[int]:
    """Where each category is among others; without regard to case where none has just its name, -1 where none has."""
    left = {_key(category): place for place, category in enumerate(among) if category not in categories}
    return [among.index(c) if c in among else left.get(_key(c), -1) for c in categories]


def _key(category: str) -> str:
    return category.casefold().strip()


def _with_classes(result: ImageResult, numbers: IntArray) -> ImageResult:
    found = result.detections
    return replace(
        result,
        truth_classes=numbers[result.truth_classes],
        detections=replace(found, classes=numbers[found.classes]),
    )


def _ordered(first_name: str, first: Evaluation, name: str, other: Evaluation) -> Evaluation:
    """``other`` with its images in the order of ``first``."""
    ids, others = ([_identity(r) for r in evaluation.results] for evaluation in (first, other))
    counts = Counter(others)
    if Counter(ids) != counts:
        shared = (Counter(ids) & counts).total()
        raise InputError(
            f"{name}: was measured on {len(others)} images, {first_name} on {len(ids)}, and {shared} are the same; "
            "run 'cyclorama evaluate' for all on the same photographs"
        )
    waiting: dict[_Identity, list[ImageResult]] = {id: [] for id in counts}
    for result in reversed(other.results):
        waiting[_identity(result)].append(result)
    results = tuple(waiting[id].pop() for id in ids)
    for mine, theirs in zip(first.results, results, strict=True):
        if not _is_same_truth(mine, theirs):
            raise InputError(
                f"{name}: was measured with other labels of image {mine.id} than {first_name}; "
                "run 'cyclorama evaluate' again for both"
            )
    return replace(other, results=results)


def _identity(result: ImageResult) -> _Identity:
    return result.id, result.width, result.height


def _is_same_truth(mine: ImageResult, theirs: ImageResult) -> bool:
    parts = ("truth_boxes", "truth_classes", "truth_ignored")
    return all(np.array_equal(getattr(mine, part), getattr(theirs, part)) for part in parts)
