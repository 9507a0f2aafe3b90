"""How much of an object is seen."""

from dataclasses import asdict, dataclass
from typing import Self

import numpy as np

from cyclorama.core.frame import Frame
from cyclorama.core.scene import Instance


@dataclass(frozen=True)
class Visibility:
    """Visible and amodal pixels, and what the image's border cuts off.

    Attributes:
        visible_px: Pixels seen.
        amodal_px: Pixels of the silhouette inside the image.
        truncation: Share of the whole silhouette that lies beyond the border, 0..1.
    """

    visible_px: int
    amodal_px: int
    truncation: float

    @classmethod
    def measure(cls, frame: Frame, instance: Instance) -> Self:
        """Always there, also for an instance outside the image."""
        silhouette = frame.geometry.silhouettes[instance.id]
        inside = int(np.count_nonzero(silhouette.mask))
        return cls(
            visible_px=int(np.count_nonzero(frame.geometry.visible(instance.id))),
            amodal_px=inside,
            truncation=1 - inside / silhouette.total_px if silhouette.total_px else 1.0,
        )

    @property
    def fraction(self) -> float:
        """Visible over amodal pixels, 0..1; 0 outside the image. BOP's ``visib_fract`` counts truncation too."""
        return self.visible_px / self.amodal_px if self.amodal_px else 0.0

    def to_plain(self) -> dict[str, float]:
        """The fields, and the fraction for readers that don't compute."""
        return {**asdict(self), "fraction": self.fraction}

    @classmethod
    def from_plain(cls, value: dict[str, float]) -> Self:
        """The visibility that ``to_plain`` wrote."""
        return cls(int(value["visible_px"]), int(value["amodal_px"]), float(value["truncation"]))
