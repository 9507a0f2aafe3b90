"""What LibreYOLO's detectors have in common: padded pictures, the best of what overlaps, and where weights are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import pad
from torchvision.ops import batched_nms

from cyclorama.detect.constants import keep_constants
from cyclorama.detect.detector import About, State
from cyclorama.detect.torchvision_detector import LEAST_SCORE

NETWORK = "network."
STRIDES = (8, 16, 32)
# Beyond a picture's edges, in 0..1.
GREY = 114 / 255
# Of detections of a class that overlap more than this only the best is given.
NMS_IOU = 0.65
MOST_DETECTIONS = 100
HUB = "https://huggingface.co/LibreYOLO/{name}/resolve/main/{name}.pt"


class LibreyoloNetwork(nn.Module):
    """One of LibreYOLO's networks, whose tensors are all under one name."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network
        keep_constants(network)


@dataclass(frozen=True)
class LibreyoloDetector:
    """What a size of any family has.

    Attributes:
        size: LibreYOLO's letter.
    """

    family: ClassVar[str]
    about: About
    size: str
    backbone: str = f"{NETWORK}backbone."

    def hub_state(self) -> State:
        """Weights that were trained on COCO, downloaded and kept."""
        url = HUB.format(name=f"{self.family}{self.size}")
        state: Any = torch.hub.load_state_dict_from_url(url, map_location="cpu", weights_only=True)
        return state.get("model", state)

    def renamed(self, state: State) -> State:
        """LibreYOLO's own names, which are YOLOX's authors' as well, under ours."""
        return {key if key.startswith(NETWORK) else NETWORK + key: v for key, v in state.items()}


def padded(images: Sequence[Tensor]) -> Tensor:
    """(B, 3, H, W) pictures in 0..1 in the upper left corner, sides a multiple of the largest stride."""
    largest = STRIDES[-1]
    height, width = (-(-max(i.shape[axis] for i in images) // largest) * largest for axis in (1, 2))
    # Not written into a batch of grey, which an export to ONNX would lose.
    return torch.stack([pad(i, (0, width - i.shape[2], 0, height - i.shape[1]), value=GREY) for i in images])


def rows_of(targets: Sequence[dict[str, Tensor]], batch: Tensor) -> Tensor:
    """(B, most objects, 5) of class from 0 and x0, y0, x1, y1 in pixels; rows of zeros are none."""
    rows = batch.new_zeros((len(targets), max(1, *(len(t["boxes"]) for t in targets)), 5))
    for row, target in zip(rows, targets, strict=True):
        row[: len(target["boxes"])] = torch.cat([target["labels"][:, None] - 1, target["boxes"]], dim=1)
    return rows


def detections(boxes: Tensor, scores: Tensor, image: Tensor) -> dict[str, Tensor]:
    """The best of each class, of places that find the same.

    Args:
        boxes: (places, 4) xyxy in pixels.
        scores: (places, classes) in 0..1; a place may find several classes.
        image: (3, H, W) that they were found in.
    """
    places, classes = (scores >= LEAST_SCORE).nonzero(as_tuple=True)
    found, sure = boxes[places].float(), scores[places, classes].float()
    limits = found.new_tensor([image.shape[2], image.shape[1]] * 2)
    found = torch.minimum(found.clamp(min=0), limits)
    whole = (found[:, 2:] > found[:, :2]).all(dim=1)
    found, sure, classes = found[whole], sure[whole], classes[whole]
    best = batched_nms(found, sure, classes, NMS_IOU)[:MOST_DETECTIONS]
    return {"boxes": found[best], "scores": sure[best], "labels": classes[best] + 1}
