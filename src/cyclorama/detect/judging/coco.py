"""COCO's figures by faster-coco-eval, which equal pycocotools'; of boxes, or of masks."""

import contextlib
import io
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from cyclorama.core.arrays import FloatArray
from cyclorama.detect.results import FIGURES, ImageResult

Kind = Literal["bbox", "segm"]


def figures(results: Sequence[ImageResult], categories: Sequence[str], kind: Kind) -> dict[str, float]:
    """AP, AP50, AP75 and AR@100; of masks, all results must have them on both sides."""
    from faster_coco_eval import COCO, COCOeval_faster

    truth = _coco_truth(results, categories)
    found = [_of_kind(d, kind) for i, r in enumerate(results) for d in coco_results(r, i + 1)]
    if not found or not any(not a["iscrowd"] for a in truth["annotations"]):
        return dict.fromkeys(FIGURES, 0.0)
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(truth)
        evaluation = COCOeval_faster(coco, coco.loadRes(found), kind, print_function=lambda *_: None)
        evaluation.run()
    values = evaluation.stats
    return {"ap": float(values[0]), "ap50": float(values[1]), "ap75": float(values[2]), "ar100": float(values[8])}


def coco_results(result: ImageResult, image_id: int) -> list[dict[str, Any]]:
    """Detections as COCO's results format has them, with masks and keypoints if there are some; category ids from 1."""
    found, count = result.detections, len(result.detections.boxes)
    shapes, points = _segmentations(found.masks, count), _keypoints(found.keypoints, count)
    return [
        {"image_id": image_id, "category_id": int(c) + 1, "bbox": _xywh(box), "score": float(score), **shape, **own}
        for box, score, c, shape, own in zip(found.boxes, found.scores, found.classes, shapes, points, strict=True)
    ]


def _of_kind(detection: dict[str, Any], kind: Kind) -> dict[str, Any]:
    """The boxes of masks are those around them."""
    others = ("segmentation" if kind == "bbox" else "bbox", "keypoints")
    return {key: value for key, value in detection.items() if key not in others}


def _coco_truth(results: Sequence[ImageResult], categories: Sequence[str]) -> dict[str, Any]:
    annotations: list[dict[str, Any]] = []
    for i, r in enumerate(results):
        masks = _segmentations(r.truth_masks, len(r.truth_boxes))
        truths = zip(r.truth_boxes, r.truth_classes, r.truth_ignored, r.areas_px, masks, strict=True)
        for box, c, ignored, area, segmentation in truths:
            annotations.append(
                {"id": len(annotations) + 1, "image_id": i + 1, "category_id": int(c) + 1, "iscrowd": int(ignored),
                 "bbox": _xywh(box), "area": float(area), **segmentation}
            )  # fmt: skip
    images = [{"id": i + 1, "width": r.width, "height": r.height} for i, r in enumerate(results)]
    named = [{"id": i + 1, "name": name} for i, name in enumerate(categories)]
    return {"images": images, "annotations": annotations, "categories": named}


def _segmentations(masks: Sequence[Mapping[str, Any]] | None, count: int) -> list[dict[str, Any]]:
    return [{}] * count if masks is None else [{"segmentation": dict(mask)} for mask in masks]


def _keypoints(points: Sequence[FloatArray] | None, count: int) -> list[dict[str, Any]]:
    """x, y and score of one after the other."""
    return [{}] * count if points is None else [{"keypoints": own.ravel().tolist()} for own in points]


def _xywh(box: FloatArray) -> list[float]:
    x0, y0, x1, y1 = (float(n) for n in box)
    return [x0, y0, x1 - x0, y1 - y0]
