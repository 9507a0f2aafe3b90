"""Pixels in memory as Blender's images."""

from typing import Any

import cv2
import numpy as np

from cyclorama.core.arrays import ByteArray, FloatArray

# Numbers that fit into the memory that is used again and again, those of 2048 x 2048 pixels.
SCRATCH = 4 * 2048 * 2048


class ImageMaker:
    """Hands pixels to Blender, which takes them as floats.

    The floats lie in the same memory each time: for a process to get new memory costs more than to fill it.
    """

    def __init__(self, bpy: Any) -> None:
        self._bpy = bpy
        self._scratch = np.empty(SCRATCH, np.float32)

    def of_bytes(self, name: str, pixels: ByteArray, *, is_color: bool) -> Any:
        """An image of (H, W, 3 or 4) uint8; colours are sRGB, all else is data."""
        height, width, channels = pixels.shape
        image = self._bpy.data.images.new(name, width, height, alpha=channels == 4)
        image.colorspace_settings.name = "sRGB" if is_color else "Non-Color"
        image.alpha_mode = "CHANNEL_PACKED"
        # Whole pixels are copied and scaled several times as fast as three of each four numbers.
        rgba = pixels if channels == 4 else cv2.cvtColor(pixels, cv2.COLOR_RGB2RGBA)
        floats = self._floats(height, width)
        np.multiply(rgba[::-1], np.float32(1 / 255), out=floats)
        return _filled(image, floats)

    def of_light(self, name: str, radiance: FloatArray) -> Any:
        """A float image of (H, W, 3) linear radiance."""
        height, width = radiance.shape[:2]
        image = self._bpy.data.images.new(name, width, height, float_buffer=True)
        image.colorspace_settings.name = "Linear Rec.709"
        floats = self._floats(height, width)
        floats[..., :3], floats[..., 3] = radiance[::-1], 1
        return _filled(image, floats)

    def _floats(self, height: int, width: int) -> FloatArray:
        """(H, W, 4) with anything in it."""
        count = 4 * height * width
        floats = self._scratch[:count] if count <= SCRATCH else np.empty(count, np.float32)
        return floats.reshape(height, width, 4)


def _filled(image: Any, rgba: FloatArray) -> Any:
    image.pixels.foreach_set(rgba.reshape(-1))
    image.update()
    return image


def image_bytes(image: Any) -> int:
    """What an image takes in Blender's memory."""
    width, height = image.size
    return int(width * height * (16 if image.is_float else 4))
