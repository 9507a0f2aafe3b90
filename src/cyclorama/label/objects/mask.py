"""The pixels in which an object is seen."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from pycocotools import mask as coco_mask

from cyclorama.core.arrays import BoolArray
from cyclorama.core.errors import InputError
from cyclorama.core.frame import Frame
from cyclorama.core.scene import Instance


def encoded(mask: BoolArray) -> dict[str, Any]:
    """COCO's run-length encoding of a (H, W) mask, compressed, JSON-able."""
    rle = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))
    return {"size": [int(n) for n in rle["size"]], "counts": rle["counts"].decode("ascii")}


def decoded(rle: dict[str, Any]) -> BoolArray:
    """(H, W) mask of COCO's compressed run-length encoding."""
    return coco_mask.decode({"size": rle["size"], "counts": rle["counts"].encode("ascii")}).astype(bool)


def mask_from_segmentation(segmentation: Any, shape: tuple[int, int]) -> BoolArray:
    """(H, W) mask of a COCO segmentation: polygons, or run lengths, compressed or not.

    Args:
        segmentation: [[x, y, x, y, ...], ...] or {"size": [h, w], "counts": ...}.
        shape: Height and width of the image.

    Raises:
        InputError: It is neither.
    """
    height, width = shape
    try:
        if isinstance(segmentation, dict) and isinstance(segmentation["counts"], str):
            return decoded(segmentation)
        runs = coco_mask.frPyObjects(segmentation, height, width)
        merged = coco_mask.merge(runs) if isinstance(runs, list) else runs
        return coco_mask.decode(merged).astype(bool)
    except Exception as error:
        raise InputError(f"a segmentation is neither COCO polygons nor run lengths ({error})") from error


@dataclass(frozen=True, eq=False)
class Mask:
    """Visible pixels.

    Attributes:
        pixels: (H, W) bool, of the whole image.
    """

    pixels: BoolArray

    @classmethod
    def measure(cls, frame: Frame, instance: Instance) -> Self | None:
        """The instance's visible pixels; None where there is none."""
        pixels = frame.geometry.instance_ids == instance.id
        return cls(pixels) if pixels.any() else None

    def to_plain(self) -> dict[str, Any]:
        """COCO's compressed run-length encoding: {"size": [h, w], "counts": text}."""
        return encoded(self.pixels)

    @classmethod
    def from_plain(cls, value: dict[str, Any]) -> Self:
        """The mask that ``to_plain`` wrote."""
        return cls(decoded(value))
