"""Heights from normal maps: Blender bends normals on box-projected coordinates by heights only."""

import numpy as np

from cyclorama.core.arrays import ByteArray, FloatArray

# Less than this cosine to the surface is taken for it.
LEAST_UPRIGHT = 0.1


def heights_of(normals: ByteArray) -> FloatArray:
    """(H, W) heights, in tiles, whose slopes are nearest to those of a seamless normal map, y up.

    Frankot and Chellappa, "A method for enforcing integrability in shape from shading algorithms" (1988), equation 21.

    Args:
        normals: (H, W, 3) uint8, tangent space.
    """
    x, y, z = np.moveaxis(normals[..., :3] / 127.5 - 1, -1, 0)
    z = np.maximum(z, LEAST_UPRIGHT)
    # Rows run against y.
    along, down = np.fft.fft2(-x / z), np.fft.fft2(y / z)
    rows, columns = (2 * np.pi * np.fft.fftfreq(n, 1 / n) for n in normals.shape[:2])
    square = rows[:, None] ** 2 + columns**2
    square[0, 0] = 1
    spectrum = -1j * (columns * along + rows[:, None] * down) / square
    spectrum[0, 0] = 0
    return np.asarray(np.fft.ifft2(spectrum).real, np.float32)
