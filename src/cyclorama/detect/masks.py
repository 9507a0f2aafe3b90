"""Masks in the photograph's own pixels, of what a network gives in its own size."""

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

from cyclorama.core.arrays import BoolArray, FloatArray
from cyclorama.label.objects.mask import decoded, encoded

# A pixel is the object's from this probability on, as torchvision has it.
LEAST_SHARE = 0.5
# Sampled between pixels, at places that the warp turns from the result's into the source's.
BILINEAR = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP


def scaled_masks(
    shares: FloatArray, boxes: FloatArray, factors: FloatArray, shape: tuple[int, int]
) -> tuple[Mapping[str, Any], ...]:
    """Each mask as COCO's run lengths, nothing of it outside its box; one at a time is held as pixels.

    Args:
        shares: (N, h, w) probabilities in the network's image.
        boxes: (N, 4) xyxy in the photograph.
        factors: (4,) that turn boxes of the photograph into the network's.
        shape: Height and width of the photograph.
    """
    return tuple(encoded(_scaled(s, b, factors, shape)) for s, b in zip(shares, boxes, strict=True))


def _scaled(share: FloatArray, box: FloatArray, factors: FloatArray, shape: tuple[int, int]) -> BoolArray:
    x0, y0 = np.floor(box[:2]).astype(int)
    x1, y1 = np.minimum(np.ceil(box[2:]).astype(int), shape[::-1])
    (fx, fy), mask = factors[:2], np.zeros(shape, bool)
    # Pixel i's centre is at i + .5 in both images.
    matrix = np.array([[fx, 0, (x0 + 0.5) * fx - 0.5], [0, fy, (y0 + 0.5) * fy - 0.5]])
    size = (int(x1 - x0), int(y1 - y0))
    part = cv2.warpAffine(share.astype(np.float32), matrix, size, flags=BILINEAR, borderMode=cv2.BORDER_REPLICATE)
    mask[y0:y1, x0:x1] = part > LEAST_SHARE
    return mask


def moved_mask(rle: Mapping[str, Any], corner: tuple[int, int], shape: tuple[int, int]) -> Mapping[str, Any]:
    """The mask of a part of a photograph as one of the whole.

    Args:
        rle: Of the part.
        corner: x and y of the part's upper left pixel.
        shape: Height and width of the photograph.
    """
    if tuple(rle["size"]) == shape:
        return rle
    part, (x, y) = decoded(dict(rle)), corner
    mask = np.zeros(shape, bool)
    mask[y : y + part.shape[0], x : x + part.shape[1]] = part
    return encoded(mask)
