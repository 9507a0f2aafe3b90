"""One training picture and what is to be found on it."""

from dataclasses import dataclass

import numpy as np

from cyclorama.core.arrays import BoolArray, ByteArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Example:
    """A picture and its objects.

    Attributes:
        image: (H, W, 3) uint8.
        boxes: (N, 4) xyxy in its pixels.
        labels: (N,) class numbers from 0.
        masks: (N, H, W) visible pixels, or None where nobody asked for them.
        keypoints: (N, K, 3) x, y and COCO's visibility (0 is outside, or not labelled) of all categories' keypoints, of
            which an object has its own; None where nobody asked for them.
    """

    image: ByteArray
    boxes: FloatArray
    labels: IntArray
    masks: BoolArray | None = None
    keypoints: FloatArray | None = None

    def kept(self, which: BoolArray) -> "Example":
        """With only some of its objects.

        Args:
            which: (N,) the objects that stay.
        """
        masks = None if self.masks is None else self.masks[which]
        keypoints = None if self.keypoints is None else self.keypoints[which]
        return Example(self.image, self.boxes[which], self.labels[which], masks, keypoints)


def areas(boxes: FloatArray) -> FloatArray:
    """(N,) of (N, 4) xyxy."""
    return np.asarray((boxes[:, 2:] - boxes[:, :2]).prod(axis=1), float)
