"""Where an object's keypoints are in the picture."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from cyclorama.core.arrays import FloatArray, IntArray, frozen
from cyclorama.core.frame import Frame
from cyclorama.core.scene import Instance

# What COCO calls a keypoint's visibility.
ABSENT, HIDDEN, VISIBLE = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Keypoints:
    """The K keypoints of an object, in the order of its category's skeleton.

    Attributes:
        xy: (K, 2) float64 pixels, where pixel i covers i..i + 1, as in a box; 0 where absent.
        visibility: (K,) int64, COCO's: 0 outside of the image or not labelled, 1 hidden, 2 visible.
    """

    xy: FloatArray
    visibility: IntArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "visibility", frozen(self.visibility, np.int64, (-1,), "visibility"))
        object.__setattr__(self, "xy", frozen(self.xy, np.float64, (len(self.visibility), 2), "xy"))

    @classmethod
    def measure(cls, frame: Frame, instance: Instance) -> Self | None:
        """The keypoints of the instance's model; None where it has none."""
        seen = frame.geometry.keypoints.get(instance.id)
        if seen is None:
            return None
        height, width = frame.geometry.instance_ids.shape
        is_inside = ((seen.xy >= 0) & (seen.xy < (width, height))).all(axis=1)
        visibility = np.where(is_inside, np.where(seen.is_clear, VISIBLE, HIDDEN), ABSENT)
        return cls(np.where(is_inside[:, None], seen.xy, 0.0), visibility)

    @property
    def labelled(self) -> int:
        """How many are in the image, hidden ones included: COCO's ``num_keypoints``."""
        return int(np.count_nonzero(self.visibility))

    def to_plain(self) -> list[list[Any]]:
        """[[x, y, visibility], ...]."""
        return [[x, y, v] for (x, y), v in zip(self.xy.tolist(), self.visibility.tolist(), strict=True)]

    @classmethod
    def from_plain(cls, value: list[list[Any]]) -> Self:
        """The keypoints that ``to_plain`` wrote."""
        return cls(np.reshape([row[:2] for row in value], (-1, 2)), np.array([row[2] for row in value], int))
