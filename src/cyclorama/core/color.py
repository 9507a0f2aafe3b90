"""The primaries and the transfer curve of sRGB (IEC 61966-2-1)."""

import numpy as np

from cyclorama.core.arrays import FloatArray

# Linear, from CIE XYZ.
RGB_FROM_XYZ = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])
RGB_FROM_XYZ.flags.writeable = False


def srgb_encoded(linear: FloatArray) -> FloatArray:
    """SRGB of linear values, clipped to 0..1."""
    clipped = np.clip(linear, 0, 1)
    return np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * clipped ** (1 / 2.4) - 0.055)


def srgb_decoded(encoded: FloatArray) -> FloatArray:
    """Inverse of ``srgb_encoded`` on 0..1."""
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
