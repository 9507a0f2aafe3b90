"""Detections as COCO's results format has them (https://cocodataset.org/#format-results)."""

from typing import Any

from cyclorama.core.arrays import FloatArray
from cyclorama.core.detections import Detections


def coco_detections(found: Detections) -> list[dict[str, Any]]:
    """Each detection of an image, with mask and keypoints (x, y and score in turn) if there are some.

    Category ids are from 1.
    """
    none: list[dict[str, Any]] = [{}] * len(found.boxes)
    masks = none if found.masks is None else [{"segmentation": dict(mask)} for mask in found.masks]
    points = none if found.keypoints is None else [{"keypoints": own.ravel().tolist()} for own in found.keypoints]
    rows = zip(found.boxes, found.scores, found.classes, masks, points, strict=True)
    return [
        {"category_id": int(c) + 1, "bbox": xywh(box), "score": float(score), **mask, **own}
        for box, score, c, mask, own in rows
    ]


def xywh(box: FloatArray) -> list[float]:
    """A box as COCO has it, of (4,) xyxy."""
    x0, y0, x1, y1 = (float(n) for n in box)
    return [x0, y0, x1 - x0, y1 - y0]
