"""Pictures as textures."""

import cv2
import moderngl
import numpy as np

from cyclorama.core.arrays import ByteArray, FloatArray

SRGB = {3: 0x8C41, 4: 0x8C43}


def new_texture(
    context: moderngl.Context, pixels: ByteArray, *, is_color: bool, largest_px: int
) -> tuple[moderngl.Texture, int]:
    """A texture of (H, W, 3 or 4) uint8 with all its levels, and its size in bytes.

    An alpha that hides nothing is left out.

    Args:
        context: OpenGL.
        pixels: Row 0 on top.
        is_color: Whether the pixels are sRGB; otherwise they are data.
        largest_px: A longer edge is scaled down to this.
    """
    if pixels.shape[2] == 4 and pixels[..., 3].min() == 255:
        pixels = pixels[..., :3]
    height, width, channels = pixels.shape
    if max(height, width) > largest_px:
        factor = largest_px / max(height, width)
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        smaller = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        pixels = np.asarray(smaller, np.uint8).reshape(size[1], size[0], channels)
    size = (pixels.shape[1], pixels.shape[0])
    flipped = np.ascontiguousarray(pixels[::-1])  # v is up.
    format = SRGB[channels] if is_color else None
    texture = context.texture(size, channels, flipped.tobytes(), alignment=1, internal_format=format)
    texture.build_mipmaps()
    texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
    return texture, flipped.nbytes * 4 // 3


def data_texture(context: moderngl.Context, values: FloatArray) -> moderngl.Texture:
    """A texture of (H, W, 4) float32 that shaders read texel by texel."""
    rows = np.ascontiguousarray(values, np.float32)
    texture = context.texture((rows.shape[1], rows.shape[0]), 4, rows.tobytes(), dtype="f4")
    texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
    return texture
