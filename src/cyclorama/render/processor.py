"""From the tone curve to the file: what a camera's processor does to a picture, in sRGB."""

import io
from typing import Any

import cv2
import numpy as np
from PIL import Image

from cyclorama.core.arrays import ByteArray, FloatArray
from cyclorama.core.sensor import Sensor

# What is sharpened differs from a Gaussian blur of this.
SHARPENED_SIGMA_PX = 1.0
# Half of the time that Pillow's own choice takes, for files that are little larger.
WEBP_METHOD = 1


def recorded(sensor: Sensor, encoded: FloatArray) -> ByteArray:
    """What the camera's processor and file make of a picture.

    Args:
        sensor: Noise, sharpening, resolution and compression.
        encoded: (H, W, 3) sRGB-encoded, 0..1.

    Returns:
        (H, W, 3) uint8.
    """
    image = _noisy(np.asarray(encoded, np.float32), sensor)
    image = coarsened(sharpened(image, sensor.sharpening), sensor.resolution)
    levels = np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)
    levels = levels if sensor.jpeg_quality is None else _compressed(levels, "JPEG", quality=sensor.jpeg_quality)
    if sensor.webp_quality is None:
        return levels
    return _compressed(levels, "WEBP", quality=sensor.webp_quality, method=WEBP_METHOD)


def sharpened(image: FloatArray, amount: float) -> FloatArray:
    """(H, W, 3) image with its difference from a blurred one added so many times ("unsharp mask")."""
    if amount == 0:
        return image
    soft = cv2.GaussianBlur(image, (0, 0), SHARPENED_SIGMA_PX, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.addWeighted(image, 1 + amount, soft, -amount, 0))


def coarsened(image: FloatArray, share: float) -> FloatArray:
    """(H, W, 3) image shrunk to a share of its width and height, and enlarged again."""
    height, width = image.shape[:2]
    small = max(1, round(share * width)), max(1, round(share * height))
    if small == (width, height):
        return image
    shrunk = cv2.resize(image, small, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(shrunk, (width, height), interpolation=cv2.INTER_CUBIC))


def _noisy(image: FloatArray, sensor: Sensor) -> FloatArray:
    if sensor.noise_sigma <= 0:
        return image
    shape = (*image.shape[:2], 1) if sensor.infrared else image.shape
    noise = np.random.default_rng(sensor.noise_seed).standard_normal(shape, np.float32)
    return image + np.float32(sensor.noise_sigma) * noise


def _compressed(levels: ByteArray, form: str, **options: Any) -> ByteArray:
    buffer = io.BytesIO()
    Image.fromarray(levels).save(buffer, form, **options)
    return np.array(Image.open(buffer).convert("RGB"))
