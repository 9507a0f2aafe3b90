"""Ultralytics' YOLOs, of a package that we don't depend on: it is AGPL-3.0, and so is what is trained with it.

Nothing of the package's own trainer is used, which would vary pictures and measure in ways of its own.
AP: docs.ultralytics.com/models; parameters as they are trained, before the package leaves out what finds nothing.
YOLOv5 is the one without anchors, "u".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.ops import box_convert

from cyclorama.detect.constants import keep_constants
from cyclorama.detect.detector import About, Detector, Stage, State
from cyclorama.detect.libreyolo_detector import detections, padded

HUB = "https://github.com/ultralytics/assets/releases/download/v8.4.0/{name}.pt"
BACKBONE, REST = "backbone.", "rest."
# Each but the first begins where the picture is halved; what follows them is of the backbone, too.
STARTS = (0, 1, 3, 5, 7)
LOSSES = ("box", "cls", "dfl")


@dataclass(frozen=True)
class UltralyticsDetector:
    """One size.

    Attributes:
        configuration: Name of its configuration in the package.
        weights: Name of its weights.
        depth: Layers of the backbone; the package counts on from there.
    """

    about: About
    configuration: str
    weights: str
    depth: int
    backbone: str = BACKBONE

    def build(self, *, classes: int, image_size: int, pretrained: bool) -> nn.Module:
        """Of any image size."""
        from ultralytics.cfg import get_cfg
        from ultralytics.nn.tasks import DetectionModel, yaml_model_load

        del image_size, pretrained
        # It measures its own strides, which takes tensors with data.
        with torch.device("cpu"):
            layers = {**yaml_model_load(f"{self.configuration}.yaml"), "nc": classes}
            model = DetectionModel(layers, verbose=False)
        model.args = get_cfg()
        return UltralyticsNetwork(model, self.depth)

    def hub_state(self) -> State:
        """Trained on COCO. The package's own file holds code, which it alone can read."""
        from ultralytics import YOLO

        path = Path(torch.hub.get_dir()) / "checkpoints" / f"{self.weights}.pt"
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            torch.hub.download_url_to_file(HUB.format(name=self.weights), str(path), progress=False)
        state: State = YOLO(path).model.float().state_dict()
        return state

    def renamed(self, state: State) -> State:
        """The package numbers all layers in one row."""
        if any(key.startswith(BACKBONE) for key in state):
            return state
        return {_own(key.removeprefix("model."), self.depth): v for key, v in state.items()}

    def stages(self, network: nn.Module) -> Sequence[Stage]:
        """Five parts, each of which halves the picture."""
        del network
        ends = (*STARTS[1:], self.depth)
        return [
            tuple(f"{BACKBONE}{layer}." for layer in range(first, end)) for first, end in zip(STARTS, ends, strict=True)
        ]


class UltralyticsNetwork(nn.Module):
    """One of the package's networks behind torchvision's interface."""

    def __init__(self, model: Any, depth: int) -> None:
        super().__init__()
        keep_constants(model)
        self.backbone = nn.ModuleList(model.model[:depth])
        self.rest = nn.ModuleList(model.model[depth:])
        # No module of ours, or its layers would be there twice.
        self._whole = (model,)

    def forward(self, images: Sequence[Tensor], targets: Sequence[dict[str, Tensor]] | None = None) -> Any:
        """Losses in training, else detections."""
        batch, model = padded(images), self._whole[0]
        if self.training:
            assert targets is not None
            losses = model.loss({"img": batch, **_rows(targets, batch)})[0] / len(images)
            return dict(zip(LOSSES, losses, strict=True))
        found = model(batch)
        found = found[0] if isinstance(found, tuple) else found
        read = _chosen if model.end2end else _places
        return [detections(*read(row, len(model.names)), image) for row, image in zip(found, images, strict=True)]


def _own(key: str, depth: int) -> str:
    """Our name of "12.conv.weight"."""
    number, _, name = key.partition(".")
    layer = int(number)
    return f"{BACKBONE}{layer}.{name}" if layer < depth else f"{REST}{layer - depth}.{name}"


def _rows(targets: Sequence[dict[str, Tensor]], batch: Tensor) -> dict[str, Tensor]:
    """All objects of a batch in one row each; boxes as cx, cy, w, h in shares of the batch's size."""
    boxes = torch.cat([t["boxes"] for t in targets])
    numbers = torch.cat([t["labels"].new_full((len(t["labels"]),), i) for i, t in enumerate(targets)])
    size = boxes.new_tensor([batch.shape[3], batch.shape[2]] * 2)
    return {
        "batch_idx": numbers.float(),
        "cls": torch.cat([t["labels"] for t in targets]).float()[:, None] - 1,
        "bboxes": box_convert(boxes, "xyxy", "cxcywh") / size,
    }


def _places(row: Tensor, classes: int) -> tuple[Tensor, Tensor]:
    """Boxes and scores from (4 + classes, places)."""
    del classes
    return box_convert(row[:4].T, "cxcywh", "xyxy"), row[4:].T


def _chosen(row: Tensor, classes: int) -> tuple[Tensor, Tensor]:
    """Boxes and scores from (detections, box, score and class), which the newest networks choose themselves."""
    scores = row.new_zeros((len(row), classes))
    return row[:, :4], scores.scatter(1, row[:, 5:6].long(), row[:, 4:5])


def _detector(family: str, size: str, parameters_m: float, coco_ap: float) -> Detector:
    about = About(
        parameters_m,
        coco_ap,
        "AGPL-3.0",
        "ultralytics",
        640,
        learning_rate=1e-3,
        batch=8,
        optimizer="adamw",
        note="AGPL-3.0, and so is what is trained: train needs --accept-agpl",
    )
    depth = 11 if family in ("yolo11", "yolo26") else 10
    return UltralyticsDetector(about, f"{family}{size}", f"{family}{size}{'u' if family == 'yolov5' else ''}", depth)


# Millions of parameters and AP, from n to x.
FACTS = {
    "yolov5": ((2.7, 34.3), (9.1, 43.0), (25.1, 49.0), (53.2, 52.2), (97.2, 53.2)),
    "yolov8": ((3.2, 37.3), (11.2, 44.9), (25.9, 50.2), (43.7, 52.9), (68.2, 53.9)),
    "yolo11": ((2.6, 39.5), (9.4, 47.0), (20.1, 51.5), (25.3, 53.4), (56.9, 54.7)),
    "yolo26": ((2.6, 40.9), (10.0, 48.6), (21.9, 53.1), (26.3, 55.0), (59.0, 57.5)),
}


class Ultralytics:
    """One stage without anchors, trained here as the others are."""

    variants: Mapping[str, Detector] = MappingProxyType(
        {
            f"{family}{size}": _detector(family, size, *known)
            for family, sizes in FACTS.items()
            for size, known in zip("nsmlx", sizes, strict=True)
        }
    )
