"""Pixels in memory as Blender's images."""

from typing import Any

import numpy as np

from cyclorama.core.arrays import ByteArray, FloatArray


def byte_image(bpy: Any, name: str, pixels: ByteArray, *, is_color: bool) -> Any:
    """An image of (H, W, 3 or 4) uint8; colours are sRGB, all else is data."""
    height, width, channels = pixels.shape
    rgba = np.ones((height, width, 4), np.float32)
    rgba[..., :channels] = pixels[::-1].astype(np.float32) / 255
    image = bpy.data.images.new(name, width, height, alpha=channels == 4)
    image.colorspace_settings.name = "sRGB" if is_color else "Non-Color"
    image.alpha_mode = "CHANNEL_PACKED"
    image.pixels.foreach_set(rgba.reshape(-1))
    image.update()
    return image


def light_image(bpy: Any, name: str, radiance: FloatArray) -> Any:
    """A float image of (H, W, 3) linear radiance."""
    height, width = radiance.shape[:2]
    rgba = np.ones((height, width, 4), np.float32)
    rgba[..., :3] = radiance[::-1]
    image = bpy.data.images.new(name, width, height, float_buffer=True)
    image.colorspace_settings.name = "Linear Rec.709"
    image.pixels.foreach_set(rgba.reshape(-1))
    image.update()
    return image
