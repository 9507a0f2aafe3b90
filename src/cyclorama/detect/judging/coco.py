"""COCO's figures by faster-coco-eval, which equal pycocotools'; of boxes, or of masks."""

import contextlib
import io
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from cyclorama.detect.coco_detections import coco_detections, xywh
from cyclorama.detect.results import FIGURES, ImageResult

Kind = Literal["bbox", "segm"]


def figures(results: Sequence[ImageResult], categories: Sequence[str], kind: Kind) -> dict[str, float]:
    """AP, AP50, AP75 and AR@100; of masks, all results must have them on both sides."""
    from faster_coco_eval import COCO, COCOeval_faster

    truth = _coco_truth(results, categories)
    every = [(i + 1, d) for i, r in enumerate(results) for d in coco_detections(r.detections)]
    found = [{"image_id": image_id, **_of_kind(d, kind)} for image_id, d in every]
    if not found or not any(not a["iscrowd"] for a in truth["annotations"]):
        return dict.fromkeys(FIGURES, 0.0)
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(truth)
        evaluation = COCOeval_faster(coco, coco.loadRes(found), kind, print_function=lambda *_: None)
        evaluation.run()
    values = evaluation.stats
    return {"ap": float(values[0]), "ap50": float(values[1]), "ap75": float(values[2]), "ar100": float(values[8])}


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
                 "bbox": xywh(box), "area": float(area), **segmentation}
            )  # fmt: skip
    images = [{"id": i + 1, "width": r.width, "height": r.height} for i, r in enumerate(results)]
    named = [{"id": i + 1, "name": name} for i, name in enumerate(categories)]
    return {"images": images, "annotations": annotations, "categories": named}


def _segmentations(masks: Sequence[Mapping[str, Any]] | None, count: int) -> list[dict[str, Any]]:
    return [{}] * count if masks is None else [{"segmentation": dict(mask)} for mask in masks]
