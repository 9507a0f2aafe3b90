"""Images that are not trained on, and choose the best checkpoint."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cyclorama.core.sample import Dataset
from cyclorama.core.skeleton import Skeleton
from cyclorama.detect.judging.keypoint_scores import keypoint_ap
from cyclorama.detect.judging.scores import coco_figures
from cyclorama.detect.results import ImageResult

# AP of keypoints, where there are some.
OF_KEYPOINTS = "ap_keypoints"


@dataclass(frozen=True, eq=False)
class Validation:
    """Images that choose the best checkpoint.

    Attributes:
        dataset: Where they are.
        members: Their positions in it; none is no validation.
        numbers: Category -> class number.
    """

    dataset: Dataset
    members: tuple[int, ...]
    numbers: Mapping[str, int]

    def pictures(self) -> list[Path]:
        """Their files."""
        return [self.dataset.samples[member].image for member in self.members]


def measured(
    results: Sequence[ImageResult], categories: Sequence[str], skeletons: Mapping[str, Skeleton]
) -> dict[str, Any]:
    """What an epoch's line tells of its checkpoint: ap, ap50, images, and ap_keypoints where there are some."""
    figures, of_keypoints = coco_figures(results, categories), keypoint_ap(results, categories, skeletons)
    own = {} if of_keypoints is None else {OF_KEYPOINTS: of_keypoints}
    return {"ap": figures["ap"], "ap50": figures["ap50"], **own, "images": len(results)}


def decisive(metrics: Mapping[str, Any]) -> float:
    """The figure by which an epoch is better than another: keypoints still get better when boxes don't any more."""
    return float(metrics.get(OF_KEYPOINTS, metrics.get("ap", metrics["epoch"])))
