"""How well detections agree with the truth: COCO's figures with intervals, and what stands behind them.

Figures are faster-coco-eval's, which equal pycocotools'. Intervals need the figures of a thousand resamplings of
the images, so matches are made once, by COCO's rules, and only weighted anew.
"""

from collections.abc import Mapping, Sequence

from cyclorama.core.skeleton import Skeleton
from cyclorama.detect.judging.bootstrap import Resampled, differences, intervals, resample
from cyclorama.detect.judging.calibration import calibration
from cyclorama.detect.judging.coco import figures
from cyclorama.detect.judging.confidence import best_confidence, curves
from cyclorama.detect.judging.confusion import confusion
from cyclorama.detect.judging.errors import errors
from cyclorama.detect.judging.keypoint_scores import keypoint_scores
from cyclorama.detect.judging.mask_scores import mask_matches, mask_scores
from cyclorama.detect.judging.matching import ClassMatches, match_class, match_classes
from cyclorama.detect.judging.subsets import by_size, by_visibility
from cyclorama.detect.results import ClassScores, ImageResult, Scores
from cyclorama.detect.shape_scores import Interval


def scores(
    results: Sequence[ImageResult],
    categories: Sequence[str],
    *,
    kind: str,
    unscored: Sequence[str],
    skeletons: Mapping[str, Skeleton] | None = None,
) -> Scores:
    """AP, AP50, AP75, AR@100 as COCO defines them, with bootstrap intervals over images, and all other measures.

    Args:
        results: Truth and detections of each image; classes are positions in ``categories``.
        categories: What is scored.
        kind: "real" or "synthetic".
        unscored: Categories of the images that the detector doesn't know.
        skeletons: Of the categories whose keypoints are scored.
    """
    own, count = coco_figures(results, categories), len(categories)
    every = {c: match_class(results, c) for c in range(count)}
    matches = {c: m for c, m in every.items() if m.truth_per_image.sum()}
    named = {categories[c]: m for c, m in matches.items()}
    resampled = resample(list(matches.values()), len(results))
    masked = mask_matches(results, count)
    best = best_confidence(list(matches.values()))
    return Scores(
        kind=kind,
        images=len(results),
        background=sum(not len(r.truth_boxes) for r in results),
        boxes=sum(int((~r.truth_ignored).sum()) for r in results),
        ap=own["ap"],
        ap50=own["ap50"],
        ap75=own["ap75"],
        ar100=own["ar100"],
        intervals=intervals(resampled),
        classes=tuple(
            _class_scores(categories[c], m, resampled.of_class(i), masked.get(c))
            for i, (c, m) in enumerate(matches.items())
        ),
        sizes=by_size(results, count, best.confidence),
        visibilities=by_visibility(results, count, best.confidence),
        curves=curves(named),
        confusion=tuple(tuple(row) for row in confusion(results, count, best.confidence).tolist()),
        calibration=calibration(list(matches.values())),
        errors=errors(results, every),
        confidence=best.confidence,
        absent=tuple(c for c in categories if c not in named),
        unscored=tuple(unscored),
        masks=mask_scores(results, categories, masked),
        keypoints=keypoint_scores(results, categories, skeletons or {}, every, confidence=best.confidence),
    )


def _class_scores(name: str, matches: ClassMatches, resampled: Resampled, masked: ClassMatches | None) -> ClassScores:
    precision = matches.average_precision()
    best = best_confidence([matches])
    return ClassScores(
        name=name,
        objects=int(matches.truth_per_image.sum()),
        images=int((matches.truth_per_image > 0).sum()),
        ap=float(precision.mean()),
        ap50=float(precision[0]),
        interval=intervals(resampled)["ap"],
        confidence=best.confidence,
        precision=best.precision,
        recall=best.recall,
        mask_ap=None if masked is None else float(masked.average_precision().mean()),
    )


def coco_figures(results: Sequence[ImageResult], categories: Sequence[str]) -> dict[str, float]:
    """AP, AP50, AP75 and AR@100 of boxes."""
    return figures(results, categories, "bbox")


def ap_difference(
    runs: Sequence[Sequence[ImageResult]], others: Sequence[Sequence[ImageResult]], classes: int
) -> tuple[float, Interval]:
    """How much more AP the first runs have than the others, on average, and the 95 % interval of that.

    Both are resampled together, so what makes an image hard for all cancels out. The interval is about other
    photographs; how much training by other chance differs is not in it unless there are several runs.

    Args:
        runs: Results of one or several runs, of the same images in the same order.
        others: As ``runs``.
        classes: Number of categories.
    """
    mine, theirs = (
        [resample(list(match_classes(results, classes).values()), len(results)) for results in side]
        for side in (runs, others)
    )
    return differences(mine, theirs)["ap"]


def renumbered(categories: Sequence[str], names: Mapping[str, str]) -> dict[str, int]:
    """Category of a photograph -> class number of the detector, by name without regard to case.

    Args:
        categories: The detector's.
        names: Category of the photographs -> what it is called by the detector.
    """
    numbers = {category.casefold().strip(): i for i, category in enumerate(categories)}
    known = {photo: numbers.get(own.casefold().strip()) for photo, own in names.items()}
    return {photo: number for photo, number in known.items() if number is not None}
