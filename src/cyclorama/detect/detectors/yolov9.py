"""YOLOv9 (Wang et al., arXiv 2402.13616) as LibreYOLO has it, after MultimediaTechLab/YOLO.

AP and parameters: github.com/WongKinYiu/yolov9. Code and weights are MIT, as LibreYOLO's notices have it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn

from cyclorama.detect.detector import About, Detector, Stage
from cyclorama.detect.libreyolo_detector import (
    LibreyoloDetector,
    LibreyoloNetwork,
    detections,
    padded,
    rows_of,
)

BODY = (("conv0",), ("conv1", "elan1"), ("down2", "elan2"), ("down3", "elan3"), ("down4", "elan4", "spp"))
COCO_CLASSES = 80
LOSSES = ("box", "dfl", "cls")
# LibreYOLO's first guess of every class, as a logit.
UNLIKELY = -10.0


@dataclass(frozen=True)
class Yolov9Detector(LibreyoloDetector):
    """One size."""

    family = "LibreYOLO9"

    def build(self, *, classes: int, image_size: int, pretrained: bool) -> nn.Module:
        """Of any image size; all but the last layers as wide as for COCO, so that its weights fit."""
        from libreyolo.models.yolo9.nn import LibreYOLO9Model

        del image_size, pretrained
        # It reads its strides out of a tensor, which one without data has not.
        with torch.device("cpu"):
            network = LibreYOLO9Model(config=self.size, nb_classes=COCO_CLASSES)
        _set_classes(network.head, classes)
        network.nc = classes
        return Yolov9Network(network)

    def stages(self, network: nn.Module) -> Sequence[Stage]:
        """Five parts, each of which halves the picture."""
        del network
        return [tuple(f"{self.backbone}{name}." for name in names) for names in BODY]


class Yolov9Network(LibreyoloNetwork):
    """YOLOv9 behind torchvision's interface."""

    def forward(self, images: Sequence[Tensor], targets: Sequence[dict[str, Tensor]] | None = None) -> Any:
        """Losses in training, else detections."""
        batch = padded(images)
        if self.training:
            assert targets is not None
            height, width = batch.shape[-2:]
            rows = rows_of(targets, batch) / batch.new_tensor([1, width, height, width, height])
            losses = self.network(batch, targets=rows)
            return {name: losses[f"{name}_loss"] for name in LOSSES}
        found = self.network(batch)["predictions"].transpose(1, 2)
        return [detections(row[:, :4], row[:, 4:], image) for row, image in zip(found, images, strict=True)]


def _set_classes(head: Any, classes: int) -> None:
    """New last layers, which begin by believing in nothing."""
    for tower in head.cv3:
        tower[-1] = nn.Conv2d(tower[-1].in_channels, classes, 1)
        nn.init.constant_(tower[-1].bias, UNLIKELY)
    head.nc, head.no = classes, classes + 4 * head.reg_max


def _about(parameters_m: float, coco_ap: float) -> About:
    return About(parameters_m, coco_ap, "MIT", "libreyolo", 640, batch=8)


class Yolov9:
    """One stage; each place tells its box's edges as distributions, and takes the objects that it fits best."""

    variants: Mapping[str, Detector] = MappingProxyType(
        {
            "t": Yolov9Detector(_about(2.0, 38.3), "t"),
            "s": Yolov9Detector(_about(7.1, 46.8), "s"),
            "m": Yolov9Detector(_about(20.0, 51.4), "m"),
            "c": Yolov9Detector(_about(25.3, 53.0), "c"),
        }
    )
