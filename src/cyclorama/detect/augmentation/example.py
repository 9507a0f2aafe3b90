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
    """

    image: ByteArray
    boxes: FloatArray
    labels: IntArray
    masks: BoolArray | None = None

    def kept(self, which: BoolArray) -> "Example":
        """With only some of its objects.

        Args:
            which: (N,) the objects that stay.
        """
        masks = None if self.masks is None else self.masks[which]
        return Example(self.image, self.boxes[which], self.labels[which], masks)


def areas(boxes: FloatArray) -> FloatArray:
    """(N,) of (N, 4) xyxy."""
    return np.asarray((boxes[:, 2:] - boxes[:, :2]).prod(axis=1), float)
