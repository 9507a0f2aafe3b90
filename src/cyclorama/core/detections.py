"""What a detector found in one image."""

from dataclasses import dataclass

import numpy as np

from cyclorama.core.arrays import FloatArray, IntArray, frozen


@dataclass(frozen=True, eq=False)
class Detections:
    """Boxes in the pixels of the original image, best first.

    Attributes:
        boxes: (N, 4) float32 xyxy.
        scores: (N,) float32 in 0..1, falling.
        classes: (N,) int32 index into the detector's categories.
    """

    boxes: FloatArray
    scores: FloatArray
    classes: IntArray

    def __post_init__(self) -> None:
        count = len(self.boxes)
        object.__setattr__(self, "boxes", frozen(self.boxes, np.float32, (count, 4), "boxes"))
        object.__setattr__(self, "scores", frozen(self.scores, np.float32, (count,), "scores"))
        object.__setattr__(self, "classes", frozen(self.classes, np.int32, (count,), "classes"))
