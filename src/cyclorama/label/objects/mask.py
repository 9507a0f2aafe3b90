"""The pixels in which an object is seen."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from pycocotools import mask as coco_mask

from cyclorama.core.arrays import BoolArray, IntArray
from cyclorama.core.errors import InputError
from cyclorama.core.frame import Frame, Geometry
from cyclorama.core.scene import Instance
from cyclorama.label.objects.box import bounds


def encoded(mask: BoolArray) -> dict[str, Any]:
    """COCO's run-length encoding of a (H, W) mask, compressed, JSON-able."""
    height, width = mask.shape
    rle = coco_mask.frPyObjects({"size": [height, width], "counts": run_lengths(mask).tolist()}, height, width)
    return {"size": [height, width], "counts": rle["counts"].decode("ascii")}


def run_lengths(mask: BoolArray) -> IntArray:
    """(N,) lengths of the runs of false and true pixels in turn, column by column; the first is of false ones.

    pycocotools' ``encode`` takes ten times as long, because it reads the image; here only the box around the true
    pixels is read.
    """
    box = bounds(mask)
    if box is None:
        return np.array([mask.size])
    x0, y0, x1, y1 = box
    height, below = mask.shape[0], y1 - y0
    # A false pixel below every column ends its run.
    columns = np.zeros((x1 - x0, below + 1), bool)
    columns[:, :below] = mask[y0:y1, x0:x1].T
    column, row = np.divmod(np.flatnonzero(np.diff(columns.reshape(-1), prepend=False)), below + 1)
    turns = (x0 + column) * height + y0 + row
    lengths = np.diff(turns, prepend=0, append=mask.size)
    return _without_empty_runs(lengths)


def _without_empty_runs(lengths: IntArray) -> IntArray:
    """Runs that touch across the end of a column become one; an empty first run stays, as COCO has it."""
    inner = np.flatnonzero(lengths[1:-1] == 0) + 1
    lengths = lengths if lengths[-1] else lengths[:-1]
    if not len(inner):
        return lengths
    kept = np.ones(len(lengths), bool)
    kept[inner] = kept[inner + 1] = False
    return np.add.reduceat(lengths, np.flatnonzero(kept))


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


def pasted(part: BoolArray, geometry: Geometry, instance_id: int) -> BoolArray:
    """(H, W) mask of the image from the (h, w) mask of the part that an instance's silhouette covers."""
    silhouette, (height, width) = geometry.silhouettes[instance_id], part.shape
    pixels = np.zeros(geometry.instance_ids.shape, bool)
    pixels[silhouette.y0 : silhouette.y0 + height, silhouette.x0 : silhouette.x0 + width] = part
    return pixels


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
        visible = frame.geometry.visible(instance.id)
        return cls(pasted(visible, frame.geometry, instance.id)) if visible.any() else None

    def to_plain(self) -> dict[str, Any]:
        """COCO's compressed run-length encoding: {"size": [h, w], "counts": text}."""
        return encoded(self.pixels)

    @classmethod
    def from_plain(cls, value: dict[str, Any]) -> Self:
        """The mask that ``to_plain`` wrote."""
        return cls(decoded(value))
