"""What a detector found in one image."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cyclorama.core.arrays import BoolArray, FloatArray, IntArray, frozen


@dataclass(frozen=True, eq=False)
class Detections:
    """Boxes in the pixels of the original image, best first.

    Attributes:
        boxes: (N, 4) float32 xyxy.
        scores: (N,) float32 in 0..1, falling.
        classes: (N,) int32 index into the detector's categories.
        masks: N masks of the whole image as COCO's compressed run lengths ({"size": [h, w], "counts": text}): a
            hundred of a large photograph would fill the memory as pixels. None where the detector gives none.
        keypoints: N times (K, 3) float32 x, y and score in 0..1, where a higher one is surer; K and the order are the
            skeleton's of the detection's class, and 0 where it has none. None where the detector gives none.
    """

    boxes: FloatArray
    scores: FloatArray
    classes: IntArray
    masks: tuple[Mapping[str, Any], ...] | None = None
    keypoints: tuple[FloatArray, ...] | None = None

    def __post_init__(self) -> None:
        count = len(self.boxes)
        object.__setattr__(self, "boxes", frozen(self.boxes, np.float32, (count, 4), "boxes"))
        object.__setattr__(self, "scores", frozen(self.scores, np.float32, (count,), "scores"))
        object.__setattr__(self, "classes", frozen(self.classes, np.int32, (count,), "classes"))
        if self.masks is not None and len(self.masks) != count:
            raise ValueError(f"{len(self.masks)} masks, expected {count}")
        if self.keypoints is not None:
            if len(self.keypoints) != count:
                raise ValueError(f"keypoints of {len(self.keypoints)}, expected of {count}")
            points = tuple(frozen(own, np.float32, (-1, 3), "keypoints") for own in self.keypoints)
            object.__setattr__(self, "keypoints", points)

    def chosen(self, which: BoolArray | IntArray) -> "Detections":
        """Those for which a (N,) mask is true, or those of some indices, in their order."""
        indices = np.arange(len(self.boxes))[which]
        masks = None if self.masks is None else tuple(self.masks[i] for i in indices)
        keypoints = None if self.keypoints is None else tuple(self.keypoints[i] for i in indices)
        return Detections(self.boxes[indices], self.scores[indices], self.classes[indices], masks, keypoints)
