"""Images in the size that a detector works in."""

import cv2
import numpy as np

from cyclorama.core.arrays import ByteArray, FloatArray

LONGEST = 5 / 3


def longest_side(image_size: int) -> int:
    """Pixels that the longer side may have where the shorter has ``image_size``."""
    return round(image_size * LONGEST)


def resized(image: ByteArray, image_size: int) -> tuple[ByteArray, FloatArray]:
    """The image with a shorter side of ``image_size``, less where it is too long.

    Averages pixels where it gets smaller; torchvision's own resizing skips pixels, and renders and photographs
    of different sizes then look different to a detector.

    Args:
        image: (H, W, 3) uint8.
        image_size: Pixels.

    Returns:
        The image, and (4,) factors that turn boxes (xyxy) of the original into its own.
    """
    height, width = image.shape[:2]
    scale = min(image_size / min(height, width), longest_side(image_size) / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    factors: FloatArray = np.array([size[0] / width, size[1] / height] * 2)
    if size == (width, height):
        return image, factors
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.resize(image, size, interpolation=method).astype(np.uint8, copy=False), factors
