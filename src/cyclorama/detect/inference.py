"""A network on images."""

from collections.abc import Iterable, Iterator

import numpy as np
import torch
from torch import nn

from cyclorama.core.arrays import ByteArray
from cyclorama.core.detections import Detections
from cyclorama.detect.batches import tensor
from cyclorama.detect.sizes import resized


def detect(
    network: nn.Module, images: Iterable[ByteArray], image_size: int, device: torch.device
) -> Iterator[Detections]:
    """What the network finds in each image, boxes in the image's own pixels.

    Args:
        network: In evaluation mode.
        images: (H, W, 3) uint8 each, of any size.
        image_size: Shorter side that the network works in.
        device: Where the network is.
    """
    for image in images:
        small, factors = resized(image, image_size)
        with torch.inference_mode():
            found = network([tensor(small).to(device)])[0]
        boxes = found["boxes"].float().cpu().numpy() / factors
        height, width = image.shape[:2]
        yield Detections(
            np.clip(boxes, 0, [width, height, width, height]),
            found["scores"].float().cpu().numpy(),
            found["labels"].cpu().numpy() - 1,
        )
