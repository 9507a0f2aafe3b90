"""What photographs do to colours and sharpness.

Each step happens with a probability, as in the detectors that won BOP's challenge of 2022 (Sundermeyer et al.,
arXiv 2302.13075, and the training code of GDRNPP).
"""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from cyclorama.core.arrays import ByteArray

Pixels = npt.NDArray[Any]
Step = Callable[[ByteArray, np.random.Generator], Pixels]


def varied(image: ByteArray, rng: np.random.Generator, *, strength: float = 1.0) -> ByteArray:
    """A picture of the same size, changed in colour and sharpness.

    Args:
        image: (H, W, 3) uint8.
        rng: Chance.
        strength: Factor on the probabilities.
    """
    for probability, step in STEPS:
        if rng.random() < strength * probability:
            image = step(image, rng).astype(np.uint8, copy=False)
    return image


def _contrast(image: ByteArray, rng: np.random.Generator) -> Pixels:
    gain, gamma = rng.uniform(0.6, 1.4), np.exp(rng.uniform(-0.35, 0.35))
    levels = np.clip((np.linspace(0, 1, 256) - 0.5) * gain + 0.5, 0, 1) ** gamma
    return cv2.LUT(image, np.rint(levels * 255).astype(np.uint8))


def _channels(image: ByteArray, rng: np.random.Generator) -> Pixels:
    gains, shifts = rng.uniform(0.8, 1.2, 3), rng.uniform(-20, 20) + rng.uniform(-10, 10, 3)
    return np.clip(image * gains + shifts, 0, 255).astype(np.uint8)


def _saturation(image: ByteArray, rng: np.random.Generator) -> Pixels:
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None].astype(np.float32)
    return np.clip(gray + (image - gray) * rng.uniform(0.3, 1.6), 0, 255).astype(np.uint8)


def _hue(image: ByteArray, rng: np.random.Generator) -> Pixels:
    hsv = cv2.cvtColor(image, cv2.COLOR_RGB2HSV).astype(np.int16)
    hsv[..., 0] = (hsv[..., 0] + round(rng.uniform(-8, 8))) % 180
    return cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB)


def _blur(image: ByteArray, rng: np.random.Generator) -> Pixels:
    return cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.6))


def _motion_blur(image: ByteArray, rng: np.random.Generator) -> Pixels:
    length, angle = rng.uniform(2, 6), rng.uniform(0, np.pi)
    size = 2 * int(np.ceil(length)) + 1
    kernel = np.zeros((size, size), np.float32)
    reach = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    start, end = (tuple(int(n) for n in np.rint(size // 2 + sign * reach)) for sign in (-1, 1))
    cv2.line(kernel, start, end, (1.0,))
    return cv2.filter2D(image, -1, kernel / kernel.sum())


def _sharpen(image: ByteArray, rng: np.random.Generator) -> Pixels:
    return cv2.addWeighted(image, 1 + (amount := rng.uniform(0.3, 1.5)), cv2.GaussianBlur(image, (0, 0), 1), -amount, 0)


def _noise(image: ByteArray, rng: np.random.Generator) -> Pixels:
    noise = rng.normal(0, rng.uniform(2, 14), image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def _jpeg(image: ByteArray, rng: np.random.Generator) -> Pixels:
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 90))]
    return cv2.imdecode(cv2.imencode(".jpg", image, quality)[1], cv2.IMREAD_COLOR).astype(np.uint8)


def _dropout(image: ByteArray, rng: np.random.Generator) -> Pixels:
    """Small patches of one colour: objects have to be known by any part of them."""
    image = image.copy()
    height, width = image.shape[:2]
    for _ in range(rng.integers(1, 8)):
        h, w = rng.uniform(0.02, 0.12, 2) * (height, width)
        y, x = rng.uniform(0, height - h), rng.uniform(0, width - w)
        image[int(y) : int(y + h), int(x) : int(x + w)] = rng.integers(0, 256, 3)
    return image


STEPS: tuple[tuple[float, Step], ...] = (
    (0.5, _contrast),
    (0.5, _channels),
    (0.3, _saturation),
    (0.3, _hue),
    (0.25, _blur),
    (0.1, _motion_blur),
    (0.2, _sharpen),
    (0.3, _noise),
    (0.3, _jpeg),
    (0.3, _dropout),
)
