"""The box of an object's whole silhouette."""

from dataclasses import dataclass
from typing import Self

from cyclorama.core.frame import Frame
from cyclorama.core.scene import Instance


@dataclass(frozen=True)
class AmodalBox:
    """Box around the whole silhouette, hidden parts and those beyond the image's border included.

    Attributes:
        x0: Left edge in pixels; may be negative.
        y0: Top edge; may be negative.
        x1: Right edge, exclusive; may be beyond the width.
        y1: Bottom edge, exclusive; may be beyond the height.
    """

    x0: int
    y0: int
    x1: int
    y1: int

    @classmethod
    def measure(cls, frame: Frame, instance: Instance) -> Self | None:
        """The box of the instance's silhouette; None where it covers no pixel centre."""
        silhouette = frame.geometry.silhouettes[instance.id]
        return cls(*silhouette.extent_xyxy) if silhouette.total_px else None

    def to_plain(self) -> list[int]:
        """[x0, y0, x1, y1]."""
        return [self.x0, self.y0, self.x1, self.y1]

    @classmethod
    def from_plain(cls, value: list[int]) -> Self:
        """The box that ``to_plain`` wrote."""
        return cls(*value)
