"""Evaluations of several detectors on the same images, held against each other."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from cyclorama.core.arrays import IntArray
from cyclorama.core.errors import InputError
from cyclorama.detect.judging.bootstrap import Resampled, differences, resample
from cyclorama.detect.judging.matching import match_classes
from cyclorama.detect.results import Evaluation, ImageResult
from cyclorama.detect.shape_scores import Interval

Difference = tuple[float, Interval]


@dataclass(frozen=True, eq=False)
class Comparison:
    """The first evaluation, and how the others differ from it.

    Attributes:
        names: Of the evaluations.
        evaluations: With the first one's categories, in its order.
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
    same = [first, *(_renumbered(names[0], first, name, o) for name, o in zip(names[1:], others, strict=True))]
    for name, other in zip(names[1:], same[1:], strict=True):
        _check_images(names[0], first, name, other)
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
    """``other`` with the categories in the order of ``first``."""
    keys, places = ([_key(c) for c in evaluation.categories] for evaluation in (first, other))
    if sorted(keys) != sorted(places):
        raise InputError(
            f"{name}: is of a detector of {', '.join(other.categories)}, but {first_name} of "
            f"{', '.join(first.categories)}; compare detectors of the same categories"
        )
    numbers = np.array([keys.index(key) for key in places], np.int64)
    results = tuple(_with_classes(result, numbers) for result in other.results)
    return replace(other, categories=first.categories, results=results)


def _key(category: str) -> str:
    return category.casefold().strip()


def _with_classes(result: ImageResult, numbers: IntArray) -> ImageResult:
    found = result.detections
    return replace(
        result,
        truth_classes=numbers[result.truth_classes],
        detections=replace(found, classes=numbers[found.classes]),
    )


def _check_images(first_name: str, first: Evaluation, name: str, other: Evaluation) -> None:
    ids, others = ([_identity(r) for r in evaluation.results] for evaluation in (first, other))
    if ids != others:
        shared = len(set(ids) & set(others))
        raise InputError(
            f"{name}: was measured on {len(others)} images, {first_name} on {len(ids)}, and {shared} are the same; "
            "run 'cyclorama evaluate' for all on the same photographs"
        )
    for mine, theirs in zip(first.results, other.results, strict=True):
        if not _is_same_truth(mine, theirs):
            raise InputError(
                f"{name}: was measured with other labels of image {mine.id} than {first_name}; "
                "run 'cyclorama evaluate' again for both"
            )


def _identity(result: ImageResult) -> tuple[str, int, int]:
    return result.id, result.width, result.height


def _is_same_truth(mine: ImageResult, theirs: ImageResult) -> bool:
    parts = ("truth_boxes", "truth_classes", "truth_ignored")
    return all(np.array_equal(getattr(mine, part), getattr(theirs, part)) for part in parts)
