"""What happens between the lens and the file."""

import io

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from cyclorama.core.arrays import ByteArray, FloatArray
from cyclorama.core.scene import Sensor


def exposed(sensor: Sensor, encoded: FloatArray) -> ByteArray:
    """The camera's picture of an ideal one.

    Args:
        sensor: Blur, noise and compression; exposure and white balance are done in linear light, before.
        encoded: (H, W, 3) sRGB-encoded, 0..1.

    Returns:
        (H, W, 3) uint8.
    """
    image = np.asarray(encoded, np.float32)
    if sensor.blur_sigma_px > 0:
        image = gaussian_filter(image, (sensor.blur_sigma_px, sensor.blur_sigma_px, 0), mode="nearest")
    if sensor.noise_sigma > 0:
        noise = np.random.default_rng(sensor.noise_seed).standard_normal(image.shape, np.float32)
        image = image + np.float32(sensor.noise_sigma) * noise
    levels = np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)
    return levels if sensor.jpeg_quality is None else _compressed(levels, sensor.jpeg_quality)


def _compressed(levels: ByteArray, quality: int) -> ByteArray:
    buffer = io.BytesIO()
    Image.fromarray(levels).save(buffer, "JPEG", quality=quality)
    return np.array(Image.open(buffer).convert("RGB"))
