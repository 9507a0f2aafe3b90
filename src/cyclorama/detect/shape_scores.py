"""What evaluating gives of masks and keypoints; plain data, without torch."""

from collections.abc import Mapping
from dataclasses import dataclass

# The figures among a KeypointScores' attributes, and what the field calls them.
KEYPOINT_FIGURES = {"ap": "AP", "ap50": "AP50", "ap75": "AP75", "ar20": "AR@20"}

Interval = tuple[float, float]


@dataclass(frozen=True)
class MaskScores:
    """COCO's figures of masks in place of boxes ("segm"); names as in ``Scores``."""

    ap: float
    ap50: float
    ap75: float
    ar100: float
    intervals: Mapping[str, Interval]


@dataclass(frozen=True)
class PointErrors:
    """How far one keypoint is off, where its object is found at IoU .5 and the overall best confidence.

    Attributes:
        category: Of the object.
        name: Of the keypoint.
        count: Objects; hidden keypoints count, those outside of the image don't.
        mean_px: Distance in pixels of the image.
        median_px: Of as many, half are nearer.
    """

    category: str
    name: str
    count: int
    mean_px: float
    median_px: float


@dataclass(frozen=True)
class KeypointScores:
    """COCO's figures of keypoints ("keypoints"): by OKS in place of IoU, of at most 20 detections an image.

    Attributes:
        ap: Mean over the categories that have keypoints, and OKS .50:.05:.95.
        ap50: At OKS .50.
        ap75: At OKS .75.
        ar20: Recall, mean over the OKS.
        intervals: (low, high) of each of the four, 95 % by bootstrap over images.
        points: Of each keypoint that was found.
    """

    ap: float
    ap50: float
    ap75: float
    ar20: float
    intervals: Mapping[str, Interval]
    points: tuple[PointErrors, ...] = ()
