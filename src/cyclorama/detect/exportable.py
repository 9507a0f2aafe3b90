"""A detector as one function of one picture of one size, which other programs can run."""

from typing import Any, Protocol

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torchvision.models.detection.roi_heads import RoIHeads
from torchvision.models.detection.transform import GeneralizedRCNNTransform

from cyclorama.core.arrays import ByteArray
from cyclorama.core.errors import InputError
from cyclorama.detect.transformers_detector import DetrNetwork

LETTERBOX, STRETCH = "letterbox", "stretch"
# Beside a picture of another shape: as near to every detector's own as a grey can be.
GREY = 114
MULTIPLE = 32
# Longer side of most cameras' pictures over the shorter.
USUAL = 4 / 3

# Height and width in pixels.
Size = tuple[int, int]


class Exportable(nn.Module):
    """(1, 3, H, W) in 0..1 -> boxes (N, 4) xyxy in its pixels, scores (N,), labels (N,) from 0."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Best first; torchvision's detectors of one stage know the background as class 0, which is left out."""
        found = self.network([image[0]])[0]
        kept = found["labels"] > 0
        return found["boxes"][kept], found["scores"][kept], found["labels"][kept] - 1


class Model(Protocol):
    """What is compared: torch's, or ONNX Runtime's."""

    def __call__(self, image: ByteArray) -> tuple[Any, Any, Any]:
        """Boxes, scores and labels of a (H, W, 3) image of the right size."""


def exportable(network: nn.Module, image_size: int, wanted: Size | None) -> tuple[Exportable, Size, str]:
    """The network for pictures of one size, that size, and how pictures come to it: "letterbox" or "stretch".

    Left out, the size is a square in which photographs of 4:3, lying or upright, are as large as in training.

    Args:
        network: In evaluation mode; is changed.
        image_size: Shorter side in training, pixels.
        wanted: Of the pictures.

    Raises:
        InputError: No multiples of 32 are wanted, or another size than the detector stretches pictures to.
    """
    _drop_heads_of_masks_and_keypoints(network)
    own = _own_size(network)
    if own is None:
        if wanted and any(side % MULTIPLE for side in wanted):
            raise InputError(f"--image-size {wanted[0]}x{wanted[1]}: expected multiples of {MULTIPLE}")
        side = -(-round(image_size * USUAL) // MULTIPLE) * MULTIPLE
        return Exportable(_unresized(network)).eval(), wanted or (side, side), LETTERBOX
    if wanted not in (None, own):
        raise InputError(f"--image-size: this detector stretches pictures to {own[0]}x{own[1]}; leave the option out")
    return Exportable(network).eval(), own, STRETCH


def fitted(image: ByteArray, size: Size, resize: str) -> ByteArray:
    """An image in the size of an exported model: in the upper left corner on grey, or stretched.

    Args:
        image: (H, W, 3) uint8.
        size: Height and width.
        resize: "letterbox" or "stretch".
    """
    height, width = image.shape[:2]
    scale = min(size[0] / height, size[1] / width)
    inner = (max(1, round(height * scale)), max(1, round(width * scale))) if resize == LETTERBOX else size
    method = cv2.INTER_AREA if inner[0] < height else cv2.INTER_LINEAR
    picture = np.full((*size, 3), GREY, np.uint8)
    picture[: inner[0], : inner[1]] = cv2.resize(image, inner[::-1], interpolation=method)
    return picture


def batch_of_one(image: ByteArray) -> np.ndarray[Any, np.dtype[np.float32]]:
    """(1, 3, H, W) in 0..1."""
    return np.ascontiguousarray(image.transpose(2, 0, 1)[None], np.float32) / np.float32(255)


def torch_model(model: Exportable) -> Model:
    """The network itself."""

    def found(image: ByteArray) -> tuple[Any, Any, Any]:
        with torch.inference_mode():
            boxes, scores, labels = model(torch.from_numpy(batch_of_one(image)))
        return boxes.numpy(), scores.numpy(), labels.numpy()

    return found


def _own_size(network: nn.Module) -> Size | None:
    """Of detectors that see every picture as a square, whatever its shape."""
    if isinstance(network, DetrNetwork):
        return network.side, network.side
    transform = getattr(network, "transform", None)
    if isinstance(transform, GeneralizedRCNNTransform) and transform.fixed_size is not None:
        width, height = transform.fixed_size
        return height, width
    return None


def _drop_heads_of_masks_and_keypoints(network: nn.Module) -> None:
    """A trace would keep them, and run them for nothing."""
    heads = getattr(network, "roi_heads", None)
    if isinstance(heads, RoIHeads):
        heads.mask_head = heads.keypoint_head = None


def _unresized(network: nn.Module) -> nn.Module:
    """Pictures come in the size in which torchvision's detectors are to see them."""
    transform = getattr(network, "transform", None)
    if isinstance(transform, GeneralizedRCNNTransform):
        transform._skip_resize = True
    return network
