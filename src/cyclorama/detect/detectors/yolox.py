"""YOLOX (Ge et al., arXiv 2107.08430) as LibreYOLO has it (MIT): the quickest to train without a GPU."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.ops import box_convert

from cyclorama.detect.detector import About, Detector, Stage
from cyclorama.detect.libreyolo_detector import (
    STRIDES,
    LibreyoloDetector,
    LibreyoloNetwork,
    detections,
    padded,
    rows_of,
)


@dataclass(frozen=True)
class YoloxDetector(LibreyoloDetector):
    """One size."""

    family = "LibreYOLOX"

    def build(self, *, classes: int, image_size: int, pretrained: bool) -> nn.Module:
        """Of any image size; statistics of batches go on being counted, they are of many pixels."""
        from libreyolo.models.yolox.nn import LibreYOLOXModel

        del image_size, pretrained
        network = LibreYOLOXModel(config=self.size, nb_classes=classes)
        network.init_weights()
        return YoloxNetwork(network)

    def stages(self, network: nn.Module) -> Sequence[Stage]:
        """The stem and four parts, each of which halves the picture."""
        del network
        return [(f"{self.backbone}backbone.{part}.",) for part in ("stem", "dark2", "dark3", "dark4", "dark5")]


class YoloxNetwork(LibreyoloNetwork):
    """YOLOX behind torchvision's interface: pictures come blue first, in 0..255."""

    def forward(self, images: Sequence[Tensor], targets: Sequence[dict[str, Tensor]] | None = None) -> Any:
        """Losses in training, else detections."""
        batch = padded(images).flip(1) * 255
        if self.training:
            assert targets is not None
            rows = rows_of(targets, batch)
            rows[..., 1:] = box_convert(rows[..., 1:], "xyxy", "cxcywh")
            losses = self._losses(batch, rows)
            return {name: losses[f"{name}_loss"] for name in ("iou", "obj", "cls")}
        outputs = self.network(batch)
        return [_detections(row, image) for row, image in zip(_decoded(outputs), images, strict=True)]

    def _losses(self, batch: Tensor, rows: Tensor) -> dict[str, Tensor]:
        """The head in whole precision: it adds places to what it says, and bfloat16 knows 400 and 402, but not 401."""
        features = self.network.backbone(batch)
        with torch.autocast(batch.device.type, enabled=False):
            losses: dict[str, Tensor] = self.network.head([f.float() for f in features], rows, batch)
        return losses


def _decoded(outputs: Sequence[Tensor]) -> Tensor:
    """(B, places, 4 + 1 + classes) boxes as cx, cy, w, h in pixels, and probabilities."""
    made = []
    for output, stride in zip(outputs, STRIDES, strict=True):
        height, width = output.shape[-2:]
        y, x = (torch.arange(n, device=output.device, dtype=output.dtype) for n in (height, width))
        grid = torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1).reshape(1, -1, 2)
        rows = output.flatten(2).permute(0, 2, 1)
        centres, sizes = (rows[..., :2] + grid) * stride, rows[..., 2:4].exp() * stride
        made.append(torch.cat([centres, sizes, rows[..., 4:]], dim=-1))
    return torch.cat(made, dim=1)


def _detections(rows: Tensor, image: Tensor) -> dict[str, Tensor]:
    """With all classes that a place could be, not the likeliest alone: the second guess is often the right one."""
    return detections(box_convert(rows[:, :4], "cxcywh", "xyxy"), rows[:, 4:5] * rows[:, 5:], image)


def _about(parameters_m: float, coco_ap: float, image_size: int) -> About:
    """AdamW, because with so few steps it is far ahead of SGD (docs/training.md); tried with the smallest size."""
    return About(
        parameters_m,
        coco_ap,
        "MIT (code), Apache-2.0 (weights)",
        "libreyolo",
        image_size,
        learning_rate=0.001 if image_size < 640 else 0.0005,
        batch=8,
        optimizer="adamw",
    )


class Yolox:
    """One stage without anchors; objects choose the places that answer for them by cost (SimOTA)."""

    variants: Mapping[str, Detector] = MappingProxyType(
        {
            "nano": YoloxDetector(_about(0.9, 25.8, 416), "n"),
            "tiny": YoloxDetector(_about(5.1, 32.8, 416), "t"),
            "s": YoloxDetector(_about(9.0, 40.5, 640), "s"),
            "m": YoloxDetector(_about(25.3, 46.9, 640), "m"),
            "l": YoloxDetector(_about(54.2, 49.7, 640), "l"),
            "x": YoloxDetector(_about(99.1, 51.1, 640), "x"),
        }
    )
