"""A network on images."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import torch
from torch import Tensor, nn

from cyclorama.core.arrays import BoolArray, ByteArray, FloatArray, IntArray
from cyclorama.core.detections import Detections
from cyclorama.detect.keypoints import Channels, scaled_keypoints
from cyclorama.detect.masks import scaled_masks
from cyclorama.detect.sizes import resized


def detect(
    network: nn.Module,
    images: Iterable[ByteArray],
    image_size: int,
    device: torch.device,
    *,
    masks: bool = False,
    channels: Channels | None = None,
) -> Iterator[Detections]:
    """What the network finds in each image, boxes in the image's own pixels.

    Args:
        network: In evaluation mode.
        images: (H, W, 3) uint8 each, of any size.
        image_size: Shorter side that the network works in.
        device: Where the network is.
        masks: Whether masks are wanted, too, where the network gives some; they take time in large images.
        channels: Of its keypoints, where they are wanted, too, and it gives some.
    """
    for image in images:
        small, factors = resized(image, image_size)
        with torch.inference_mode():
            found = network([tensor(small).to(device)])[0]
        boxes, scores, labels = (found[key].float().cpu().numpy() for key in ("boxes", "scores", "labels"))
        height, width = image.shape[:2]
        boxes = np.clip(boxes / factors, 0, [width, height, width, height])
        # torchvision's detectors of one stage know the background as class 0, and may find what has no area.
        kept = (labels > 0) & (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
        pixels = None
        if masks and "masks" in found:
            shares = found["masks"][torch.from_numpy(kept).to(device), 0].float().cpu().numpy()
            pixels = scaled_masks(shares, boxes[kept], factors, (height, width))
        classes = labels[kept].astype(np.int64) - 1
        points = None
        if channels and "keypoints" in found:
            points = _keypoints(found, kept, classes, channels, factors)
        yield Detections(boxes[kept], scores[kept], classes, pixels, points)


def _keypoints(
    found: Mapping[str, Tensor], kept: BoolArray, classes: IntArray, channels: Channels, factors: FloatArray
) -> tuple[FloatArray, ...]:
    points = found["keypoints"].float().cpu().numpy()[kept]
    # Of a softmax over places, so that they are no probabilities, but grow with how sure it is.
    scores = found["keypoints_scores"].float().sigmoid().cpu().numpy()[kept]
    rows = zip(points, scores, classes, strict=True)
    return tuple(scaled_keypoints(own, sure, channels.of_class[c], factors) for own, sure, c in rows)


def tensor(image: ByteArray) -> Tensor:
    """(3, H, W) float32 in 0..1."""
    return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))).float() / 255
