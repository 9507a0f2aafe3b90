"""What happens between the lens and the file."""

import io

import cv2
import numpy as np
from PIL import Image

from cyclorama.core.arrays import ByteArray, FloatArray
from cyclorama.core.scene import Sensor


def blurred(light: FloatArray, sigma_px: float) -> FloatArray:
    """(H, W, 3) linear light through a lens whose point spread is a Gaussian."""
    if sigma_px <= 0:
        return light
    return np.asarray(cv2.GaussianBlur(light, (0, 0), sigma_px, borderType=cv2.BORDER_REPLICATE))


def recorded(sensor: Sensor, encoded: FloatArray) -> ByteArray:
    """What the camera's chip and file make of a picture.

    Args:
        sensor: Noise and compression.
        encoded: (H, W, 3) sRGB-encoded, 0..1.

    Returns:
        (H, W, 3) uint8.
    """
    image = np.asarray(encoded, np.float32)
    if sensor.noise_sigma > 0:
        noise = np.random.default_rng(sensor.noise_seed).standard_normal(image.shape, np.float32)
        image = image + np.float32(sensor.noise_sigma) * noise
    levels = np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)
    return levels if sensor.jpeg_quality is None else _compressed(levels, sensor.jpeg_quality)


def _compressed(levels: ByteArray, quality: int) -> ByteArray:
    buffer = io.BytesIO()
    Image.fromarray(levels).save(buffer, "JPEG", quality=quality)
    return np.array(Image.open(buffer).convert("RGB"))
