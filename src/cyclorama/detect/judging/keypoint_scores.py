"""How well the keypoints of detections agree with those of the objects, apart from their boxes: COCO's OKS.

Similarity falls with each keypoint's distance, measured against the object's size and that keypoint's sigma. COCO's
programs know of one skeleton; here each category has its own, and its own sigmas, so the figures are those of our
matching, which for each category equal pycocotools'.

Source: https://cocodataset.org/#keypoints-eval, and computeOks of pycocotools.
"""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from cyclorama.core.arrays import BoolArray, FloatArray, IntArray
from cyclorama.core.skeleton import Skeleton
from cyclorama.detect.judging.bootstrap import figures, intervals, of_classes, resample
from cyclorama.detect.judging.matching import ClassMatches, Subset, all_detections, match_class
from cyclorama.detect.results import ImageResult
from cyclorama.detect.shape_scores import KeypointScores, PointErrors

# In an image, as COCO has it.
MOST_DETECTIONS = 20
# Bootstrap's names, and those of keypoints.
NAMES = {"ap": "ap", "ap50": "ap50", "ap75": "ap75", "ar100": "ar20"}


def keypoint_scores(
    results: Sequence[ImageResult],
    categories: Sequence[str],
    skeletons: Mapping[str, Skeleton],
    boxes: Mapping[int, ClassMatches],
    *,
    confidence: float,
) -> KeypointScores | None:
    """COCO's figures of keypoints with their intervals; None where one side has none.

    Args:
        results: Truth and detections of each image.
        categories: What is scored.
        skeletons: Of the categories that have keypoints.
        boxes: Matches by boxes of each class; of what is found by these, errors are told in pixels.
        confidence: Of detections with at least this score, that is.
    """
    matches = _matches(results, categories, skeletons)
    if not matches:
        return None
    drawn = resample(list(matches.values()), len(results))
    whole, bounds = figures(drawn.whole), intervals(drawn)
    return KeypointScores(
        **{own: float(whole[name]) for name, own in NAMES.items()},
        intervals={own: bounds[name] for name, own in NAMES.items()},
        points=tuple(
            error
            for c in matches
            for error in _point_errors(results, boxes[c], categories[c], skeletons[categories[c]], confidence)
        ),
    )


def keypoint_ap(
    results: Sequence[ImageResult], categories: Sequence[str], skeletons: Mapping[str, Skeleton]
) -> float | None:
    """AP of keypoints alone; None where one side has none."""
    matches = _matches(results, categories, skeletons)
    if not matches:
        return None
    return float(figures(of_classes(list(matches.values()), np.ones(len(results))))["ap"])


def _matches(
    results: Sequence[ImageResult], categories: Sequence[str], skeletons: Mapping[str, Skeleton]
) -> dict[int, ClassMatches]:
    """Of each category that has objects with keypoints; none where not every image has some on both sides."""
    if any(r.truth_keypoints is None or r.detections.keypoints is None for r in results):
        return {}
    labelled = Subset(_labelled, all_detections)
    made = {}
    for c in (c for c, name in enumerate(categories) if name in skeletons):
        overlap = partial(similarity, sigmas=np.array(skeletons[categories[c]].sigmas))
        made[c] = match_class(results, c, labelled, overlap=overlap, most=MOST_DETECTIONS)
    return {c: found for c, found in made.items() if found.truth_per_image.sum()}


def _labelled(result: ImageResult) -> BoolArray:
    """(N,) objects of which a keypoint is in the image; COCO ignores the others."""
    return np.array([bool((own[:, 2] > 0).any()) for own in result.truth_keypoints or ()], bool)


def similarity(result: ImageResult, found: IntArray, objects: IntArray, *, sigmas: FloatArray) -> FloatArray:
    """(D, G) object keypoint similarity of detections and objects of one category.

    Args:
        result: Of the image.
        found: (D,) places among its detections.
        objects: (G,) places among its objects.
        sigmas: (K,) of the category.
    """
    theirs, mine = result.detections.keypoints, result.truth_keypoints
    made: FloatArray = np.zeros((len(found), len(objects)))
    if theirs is None or mine is None or not made.size:
        return made
    xy = np.array([theirs[d][:, :2] for d in found], float)
    for column, g in enumerate(objects):
        apart = _apart(xy, mine[g], result.truth_boxes[g])
        nearness = np.exp(-apart / (2 * sigmas) ** 2 / (result.areas_px[g] + np.spacing(1)) / 2)
        seen = mine[g][:, 2] > 0
        made[:, column] = nearness[:, seen].mean(axis=1) if seen.any() else nearness.mean(axis=1)
    return made


def _apart(xy: FloatArray, truth: FloatArray, box: FloatArray) -> FloatArray:
    """(D, K) squared pixels from each keypoint to its own, or to twice the box of an object that has none labelled."""
    if (truth[:, 2] > 0).any():
        return np.asarray(((xy - truth[:, :2]) ** 2).sum(axis=2))
    size = box[2:] - box[:2]
    low, high = box[:2] - size, box[2:] + size
    return np.asarray(((np.maximum(low - xy, 0) + np.maximum(xy - high, 0)) ** 2).sum(axis=2))


def _point_errors(
    results: Sequence[ImageResult], matches: ClassMatches, name: str, skeleton: Skeleton, confidence: float
) -> list[PointErrors]:
    """Of what is found, by its box at IoU .5."""
    sure = matches.is_match[0] & (matches.scores >= confidence)
    apart: list[list[float]] = [[] for _ in skeleton.names]
    for image, d, g in zip(matches.images[sure], matches.positions[sure], matches.truths[0][sure], strict=True):
        found, truth = results[image].detections.keypoints, results[image].truth_keypoints
        assert found is not None
        assert truth is not None
        distances = np.hypot(*(found[d][:, :2] - truth[g][:, :2]).T)
        for k in np.flatnonzero(truth[g][:, 2] > 0):
            apart[k].append(float(distances[k]))
    return [
        PointErrors(name, point, len(own), float(np.mean(own)), float(np.median(own)))
        for point, own in zip(skeleton.names, apart, strict=True)
        if own
    ]
