"""The box of an object's visible pixels."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from cyclorama.core.arrays import BoolArray, FloatArray
from cyclorama.core.frame import Frame
from cyclorama.core.scene import Instance


def bounds(mask: BoolArray) -> tuple[int, int, int, int] | None:
    """Smallest x0, y0, x1, y1 around the true pixels of a (H, W) mask, whole pixels; None without one."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


@dataclass(frozen=True)
class Box:
    """An axis-aligned box in pixels that covers whole pixels: width = x1 - x0.

    Attributes:
        x0: Left edge.
        y0: Top edge.
        x1: Right edge, exclusive.
        y1: Bottom edge, exclusive.
    """

    x0: float
    y0: float
    x1: float
    y1: float

    @classmethod
    def measure(cls, frame: Frame, instance: Instance) -> Self | None:
        """Box of the instance's visible pixels; None where nothing of it is visible."""
        found = bounds(frame.geometry.visible(instance.id))
        if found is None:
            return None
        silhouette, (x0, y0, x1, y1) = frame.geometry.silhouettes[instance.id], found
        return cls(x0 + silhouette.x0, y0 + silhouette.y0, x1 + silhouette.x0, y1 + silhouette.y0)

    @property
    def xyxy(self) -> FloatArray:
        """(4,) float64."""
        return np.array([self.x0, self.y0, self.x1, self.y1], float)

    @property
    def area_px(self) -> float:
        """Width times height, in pixels."""
        return (self.x1 - self.x0) * (self.y1 - self.y0)

    def to_plain(self) -> list[float]:
        """[x0, y0, x1, y1]."""
        return [self.x0, self.y0, self.x1, self.y1]

    @classmethod
    def from_plain(cls, value: list[float]) -> Self:
        """The box that ``to_plain`` wrote."""
        return cls(*value)
