"""What evaluating and predicting give; plain data, without torch."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cyclorama.core.arrays import BoolArray, FloatArray, IntArray
from cyclorama.core.detections import Detections

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
    """

    id: str
    image: Path
    width: int
    height: int
    truth_boxes: FloatArray
    truth_classes: IntArray
    truth_ignored: BoolArray
    detections: Detections


@dataclass(frozen=True)
class Scores:
    """COCO's figures.

    Attributes:
        kind: "real" for photographs, "synthetic" for renders, which say nothing about photographs.
        images: Images.
        boxes: Objects that count.
        ap: Mean over classes and IoU .50:.05:.95.
        ap50: At IoU .50.
        ap75: At IoU .75.
        ar100: Recall, mean over the IoUs, with at most 100 detections an image.
        intervals: (low, high) of each of the four, 95 % by bootstrap over images.
        per_class: AP of each category that appears.
        confidence: The score from which on detections give the best F1 at IoU .5.
        unscored: Categories of the images that the detector doesn't know.
    """

    kind: str
    images: int
    boxes: int
    ap: float
    ap50: float
    ap75: float
    ar100: float
    intervals: Mapping[str, tuple[float, float]]
    per_class: Mapping[str, float]
    confidence: float
    unscored: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A detector on a dataset.

    Attributes:
        title: What was measured on what.
        categories: The detector's.
    """

    title: str
    categories: tuple[str, ...]
    scores: Scores
    results: tuple[ImageResult, ...]


@dataclass(frozen=True, eq=False)
class Prediction:
    """Detections on images without truth.

    Attributes:
        categories: The detector's.
        images: Paths.
        detections: One for each image.
        damaged: A sentence on each image that could not be read and is not among them.
    """

    categories: tuple[str, ...]
    images: tuple[Path, ...]
    detections: tuple[Detections, ...]
    damaged: tuple[str, ...] = ()

    def file_names(self) -> tuple[str, ...]:
        """What to call each image: its name, or its path where several have that name."""
        counts = Counter(image.name for image in self.images)
        return tuple(image.name if counts[image.name] == 1 else image.as_posix() for image in self.images)
