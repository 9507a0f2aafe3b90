"""Numbers that describe images and the objects on them; the same for renders and photographs."""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from cyclorama.core.arrays import BoolArray, ByteArray, FloatArray, IntArray
from cyclorama.detect.results import ImageResult

# Second derivatives along both axes of a flat or sloped surface are 0: what is left is noise.
NOISE_KERNEL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
# Of the kernel's answer to noise of deviation 1.
NOISE_GAIN = 6.0
# Median of the distance from 0 of a normal distribution of deviation 1.
MEDIAN_DISTANCE = 0.6745
LEAST_VARIANCE = 1e-6


@dataclass(frozen=True, eq=False)
class Values:
    """One statistic over a set of images.

    Attributes:
        values: (V,) of images, or of objects.
        images: (V,) number of the image that each is of.
    """

    values: FloatArray
    images: IntArray


def image_statistics(image: ByteArray) -> dict[str, float]:
    """Of the pixels, in the size that the detector sees.

    Brightness, contrast and colours are in CIELAB (lightness 0 to 100). Sharpness is the logarithm (base 10) of the
    Laplacian's variance over the picture's own, so that contrast has no part in it. Noise is Immerkaer's estimate, by
    the median, in levels of 255.

    Source: Immerkaer, Fast Noise Variance Estimation, 1996.

    Args:
        image: (H, W, 3) uint8.
    """
    lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    lightness, red_green, yellow_blue = (lab[..., i] for i in range(3))
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    edges = float(cv2.Laplacian(grey, cv2.CV_32F).var())
    noise = np.median(np.abs(cv2.filter2D(grey, cv2.CV_32F, NOISE_KERNEL)))
    return {
        "brightness": float(lightness.mean()),
        "contrast": float(lightness.std()),
        "saturation": float(np.hypot(red_green, yellow_blue).mean()),
        "red_cast": float(red_green.mean()),
        "yellow_cast": float(yellow_blue.mean()),
        "sharpness": float(np.log10((edges + LEAST_VARIANCE) / (float(grey.var()) + LEAST_VARIANCE))),
        "noise": float(noise / (NOISE_GAIN * MEDIAN_DISTANCE)),
    }


def object_statistics(result: ImageResult) -> dict[str, FloatArray]:
    """(N,) each, of the objects that count: size, position, shape, overlap, and visible share where it is known.

    Size is the root of the box's share of the picture; the aspect is the logarithm (base 2) of width over height;
    overlap is the largest share of its box that another object's box covers.
    """
    real = ~result.truth_ignored
    boxes = result.truth_boxes[real].astype(float)
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 1e-6)
    centres = (boxes[:, 2:] + boxes[:, :2]) / 2 / (result.width, result.height)
    found = {
        "size": np.sqrt(sides.prod(axis=1) / (result.width * result.height)),
        "across": centres[:, 0],
        "down": centres[:, 1],
        "aspect": np.log2(sides[:, 0] / sides[:, 1]),
        "overlap": _overlaps(boxes),
    }
    visible = result.visible[real]
    return found if np.isnan(visible).any() else {**found, "visible": visible}


def gathered(results: tuple[ImageResult, ...], pixels: tuple[Mapping[str, float], ...]) -> dict[str, Values]:
    """All statistics over a set of images.

    Args:
        results: Truth of each image.
        pixels: What ``image_statistics`` gave of each.
    """
    objects = [object_statistics(r) for r in results]
    numbers = np.arange(len(results))
    counts = np.array([int((~r.truth_ignored).sum()) for r in results])
    found = {"count": Values(counts.astype(float), numbers)}
    found |= {name: Values(np.array([p[name] for p in pixels]), numbers) for name in pixels[0]}
    shared = set.intersection(*(set(o) for o, n in zip(objects, counts, strict=True) if n)) if counts.any() else set()
    owners = np.repeat(numbers, counts)
    for name in (n for n in object_statistics(results[0]) if n in shared):
        found[name] = Values(np.concatenate([o[name] for o, n in zip(objects, counts, strict=True) if n]), owners)
    return found


def _overlaps(boxes: FloatArray) -> FloatArray:
    if len(boxes) < 2:
        return np.zeros(len(boxes))
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    others: BoolArray = ~np.eye(len(boxes), dtype=bool)
    own = np.maximum((boxes[:, 2:] - boxes[:, :2]).prod(axis=1), 1e-12)
    return np.where(others, shared, 0).max(axis=1) / own
