"""Linear light and sRGB, and lookups in textures."""

import numpy as np

from cyclorama.core.arrays import ByteArray, FloatArray, IntArray
from cyclorama.core.color import srgb_decoded, srgb_encoded

__all__ = ["LINEAR_OF_BYTE", "LUMINANCE", "bilinear", "srgb_decoded", "srgb_encoded", "texture_alpha", "texture_color"]

# What each of the 256 levels of an sRGB byte is in linear light.
LINEAR_OF_BYTE = srgb_decoded(np.arange(256) / 255).astype(np.float32)
LINEAR_OF_BYTE.flags.writeable = False
# Of linear red, green and blue (Rec. 709).
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
LUMINANCE.flags.writeable = False


def bilinear(
    image: FloatArray | IntArray, x_px: FloatArray, y_px: FloatArray, *, tiled_rows: bool = True
) -> FloatArray:
    """Bilinear lookup; columns always repeat.

    Args:
        image: (H, W, C), any dtype.
        x_px: (...) columns; the centre of the first is 0.5.
        y_px: (...) rows likewise.
        tiled_rows: Rows repeat too; otherwise the edge's go on.

    Returns:
        (..., C) float32.
    """
    height, width = image.shape[:2]
    x, y = np.asarray(x_px) - 0.5, np.asarray(y_px) - 0.5
    column, row = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    fx, fy = ((x - column)[..., None]).astype(np.float32), ((y - row)[..., None]).astype(np.float32)
    left, right = column % width, (column + 1) % width
    top, bottom = (row % height, (row + 1) % height) if tiled_rows else np.clip([row, row + 1], 0, height - 1)
    upper = image[top, left] * (1 - fx) + image[top, right] * fx
    lower = image[bottom, left] * (1 - fx) + image[bottom, right] * fx
    return upper * (1 - fy) + lower * fy


def texture_color(texture: ByteArray, uv: FloatArray) -> FloatArray:
    """(N, 3) linear colour of an sRGB texture (H, W, 3 or 4) at (N, 2) coordinates with v up."""
    height, width = texture.shape[:2]
    encoded = bilinear(texture[..., :3], uv[:, 0] * width, (1 - uv[:, 1]) * height)
    return LINEAR_OF_BYTE[np.rint(encoded).astype(np.uint8)]


def texture_alpha(texture: ByteArray, uv: FloatArray) -> FloatArray:
    """(N,) alpha 0..1 of a texture (H, W, 4) at (N, 2) coordinates with v up."""
    height, width = texture.shape[:2]
    return bilinear(texture[..., 3:], uv[:, 0] * width, (1 - uv[:, 1]) * height)[:, 0] / 255
