"""What evaluating gives; plain data, without torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from cyclorama.core.arrays import BoolArray, FloatArray, IntArray
from cyclorama.core.detections import Detections
from cyclorama.core.skeleton import Skeleton
from cyclorama.detect.shape_scores import Interval, KeypointScores, MaskScores

# The figures among a Scores' attributes, and what the field calls them.
FIGURES = {"ap": "AP", "ap50": "AP50", "ap75": "AP75", "ar100": "AR@100"}


@dataclass(frozen=True, eq=False)
class ImageResult:
    """Truth and detections of one image; boxes xyxy in its pixels, classes by the detector's numbers.

    Attributes:
        id: The sample's.
        image: Path.
        truth_boxes: (N, 4).
        truth_classes: (N,).
        truth_ignored: (N,) objects that count neither way.
        truth_areas_px: (N,) as the dataset states them, of the box where it states none; left out, of the boxes.
        truth_visible: (N,) visible share 0..1, NaN where the dataset doesn't tell; left out, all NaN.
        truth_masks: N masks as COCO's compressed run lengths; None where they were not asked for, or one is missing.
        truth_keypoints: N times (K, 3) x, y and COCO's visibility, K and the order as the category's skeleton has them;
            None where they were not asked for, or the dataset tells none.
    """

    id: str
    image: Path
    width: int
    height: int
    truth_boxes: FloatArray
    truth_classes: IntArray
    truth_ignored: BoolArray
    detections: Detections
    truth_areas_px: FloatArray | None = None
    truth_visible: FloatArray | None = None
    truth_masks: tuple[Mapping[str, Any], ...] | None = None
    truth_keypoints: tuple[FloatArray, ...] | None = None

    @property
    def areas_px(self) -> FloatArray:
        """(N,) of the objects."""
        sides = self.truth_boxes[:, 2:] - self.truth_boxes[:, :2]
        return sides.prod(axis=1) if self.truth_areas_px is None else self.truth_areas_px

    @property
    def visible(self) -> FloatArray:
        """(N,) visible share of the objects, NaN where it isn't known."""
        return np.full(len(self.truth_boxes), np.nan) if self.truth_visible is None else self.truth_visible


@dataclass(frozen=True)
class ClassScores:
    """Of one category that appears.

    Attributes:
        objects: That count.
        images: On which they are.
        interval: Of ``ap``, 95 % by bootstrap over images.
        confidence: The score from which on its detections give the best F1 at IoU .5.
        precision: There.
        recall: There.
        mask_ap: Of masks in place of boxes; None where there are no figures of masks.
    """

    name: str
    objects: int
    images: int
    ap: float
    ap50: float
    interval: Interval
    confidence: float
    precision: float
    recall: float
    mask_ap: float | None = None


@dataclass(frozen=True)
class SubsetScores:
    """Of objects of some sizes, or of some visibility; others count neither way.

    Attributes:
        name: Which.
        objects: That count.
        ap: Mean over the classes that appear.
        ap50: At IoU .50.
        recall: Share found at IoU .5 by detections of the overall best confidence.
        mask_ap: Of masks in place of boxes; None where there are no figures of masks, or no objects.
    """

    name: str
    objects: int
    ap: float
    ap50: float
    recall: float
    mask_ap: float | None = None


@dataclass(frozen=True)
class Curves:
    """At IoU .5.

    Attributes:
        precision_at: Category -> precision at recalls 0, .01 .. 1.
        confidences: .01, .02 .. .99.
        precision: Of all detections with at least that score, 1 where there is none.
        recall: Share of all objects that they find.
        f1: Harmonic mean of the two.
    """

    precision_at: Mapping[str, tuple[float, ...]]
    confidences: tuple[float, ...]
    precision: tuple[float, ...]
    recall: tuple[float, ...]
    f1: tuple[float, ...]


@dataclass(frozen=True)
class Calibration:
    """Whether scores are the share of detections that are right at IoU .5.

    Attributes:
        error: Expected calibration error: mean distance of score and share over the detections.
        edges: Of the bins of scores.
        counts: Detections in each bin.
        score: Mean score in each, 0 where there is none.
        right: Share in each that is right, 0 where there is none.
    """

    error: float
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    score: tuple[float, ...]
    right: tuple[float, ...]


@dataclass(frozen=True)
class Errors:
    """What goes wrong, by kind; "classification", "localisation", "both", "duplicate", "background", "missed".

    Attributes:
        ap50: As it is.
        counts: Detections, or missed objects, of each kind.
        lost: How much AP50 would be won if all of a kind were mended.
    """

    ap50: float
    counts: Mapping[str, int]
    lost: Mapping[str, float]


@dataclass(frozen=True)
class Scores:
    """COCO's figures, and what stands behind them.

    Attributes:
        kind: "real" for photographs, "synthetic" for renders, which say nothing about photographs.
        images: Images.
        background: Of these, images without an object.
        boxes: Objects that count.
        ap: Mean over classes and IoU .50:.05:.95.
        ap50: At IoU .50.
        ap75: At IoU .75.
        ar100: Recall, mean over the IoUs, with at most 100 detections an image.
        intervals: (low, high) of each of the four, 95 % by bootstrap over images.
        classes: Each category that appears.
        sizes: Small, medium and large objects, as COCO has them.
        visibilities: Objects by visible share; empty where the dataset doesn't tell.
        curves: Precision, recall and F1 over confidence.
        confusion: (C+1, C+1) counts at ``confidence`` and IoU .5: rows are the object's category and background,
            columns the detection's and none.
        calibration: Of the scores.
        errors: By kind.
        confidence: The score from which on detections give the best F1 at IoU .5.
        absent: Categories of the detector that are on none of the images.
        unscored: Categories of the images that the detector doesn't know.
        masks: The four figures of masks; None where the detector gives none, or not every object has one.
        keypoints: The four figures of keypoints; None where the detector gives none, or the images tell none.
    """

    kind: str
    images: int
    background: int
    boxes: int
    ap: float
    ap50: float
    ap75: float
    ar100: float
    intervals: Mapping[str, Interval]
    classes: tuple[ClassScores, ...]
    sizes: tuple[SubsetScores, ...]
    visibilities: tuple[SubsetScores, ...]
    curves: Curves
    confusion: tuple[tuple[int, ...], ...]
    calibration: Calibration
    errors: Errors
    confidence: float
    absent: tuple[str, ...]
    unscored: tuple[str, ...]
    masks: MaskScores | None = None
    keypoints: KeypointScores | None = None


@dataclass(frozen=True)
class Latency:
    """Time for one image, the first images left out.

    Attributes:
        device: By name.
        images: That were timed.
        network_ms: (median, 90th percentile) of the network.
        whole_ms: The same with resizing and the way to the device and back; reading the file is left out.
    """

    device: str
    images: int
    network_ms: tuple[float, float]
    whole_ms: tuple[float, float]


@dataclass(frozen=True)
class Seen:
    """Of the images that a detector is judged on, those that its training has seen; scores on them flatter it.

    Attributes:
        trained_on: How many it learned from.
        chosen_by: How many others chose its best checkpoint.
    """

    trained_on: int = 0
    chosen_by: int = 0


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A detector on a dataset.

    Attributes:
        title: What was measured on what.
        categories: The detector's.
        latency: None where too few images were timed.
        features: (images, F) of the detector's backbone; None where it has none, or they were not kept.
        skeletons: Of the categories whose keypoints the detector finds.
        seen: How many of the images its training has seen; None where that isn't known.
    """

    title: str
    categories: tuple[str, ...]
    scores: Scores
    results: tuple[ImageResult, ...]
    latency: Latency | None = None
    features: FloatArray | None = None
    skeletons: Mapping[str, Skeleton] = field(default_factory=dict)
    seen: Seen | None = None
