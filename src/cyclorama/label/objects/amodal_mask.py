"""The pixels that an object would cover if it were alone."""

from dataclasses import dataclass
from typing import Any, Self

from cyclorama.core.arrays import BoolArray
from cyclorama.core.frame import Frame
from cyclorama.core.scene import Instance
from cyclorama.label.objects.mask import decoded, encoded, pasted


@dataclass(frozen=True, eq=False)
class AmodalMask:
    """The whole silhouette inside the image, hidden parts included.

    Attributes:
        pixels: (H, W) bool, of the whole image.
    """

    pixels: BoolArray

    @classmethod
    def measure(cls, frame: Frame, instance: Instance) -> Self | None:
        """The instance's silhouette; None where it lies outside the image."""
        silhouette = frame.geometry.silhouettes[instance.id]
        if not silhouette.mask.any():
            return None
        return cls(pasted(silhouette.mask, frame.geometry, instance.id))

    def to_plain(self) -> dict[str, Any]:
        """COCO's compressed run-length encoding: {"size": [h, w], "counts": text}."""
        return encoded(self.pixels)

    @classmethod
    def from_plain(cls, value: dict[str, Any]) -> Self:
        """The mask that ``to_plain`` wrote."""
        return cls(decoded(value))
