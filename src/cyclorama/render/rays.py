"""Where rays are made from pixels: the only place that knows how the lens bends them."""

import cv2
import numpy as np

from cyclorama.core.arrays import FloatArray, IntArray
from cyclorama.core.scene import Camera


def camera_rays(camera: Camera, columns: IntArray, rows: IntArray) -> FloatArray:
    """Directions (x, y, 1) through the centres of pixels, in the image or beyond its border.

    Args:
        camera: Gives the intrinsics.
        columns: (C,) pixels, from left to right.
        rows: (R,) pixels, from top to bottom.

    Returns:
        (R, C, 3) float64, camera's frame; z is 1, so that a ray's parameter is the depth along the optical axis.
    """
    k = camera.k
    y = (rows + 0.5 - k[1, 2]) / k[1, 1]
    rays = np.empty((len(rows), len(columns), 3))
    rays[..., 0] = (columns + 0.5 - k[0, 2]) / k[0, 0]
    if k[0, 1]:
        rays[..., 0] -= (k[0, 1] / k[0, 0] * y)[:, None]
    rays[..., 1] = y[:, None]
    rays[..., 2] = 1.0
    return rays


def turned(vectors: FloatArray, matrix: FloatArray) -> FloatArray:
    """(R, C, 3) ``matrix @ vector`` for a (3, 3) matrix, or a (3, 4) one that shifts too; dtype as the vectors'.

    OpenCV takes a tenth of the time that ``einsum`` does, and unlike NumPy's ``@`` starts no threads.
    """
    return np.asarray(cv2.transform(vectors, matrix), vectors.dtype) if vectors.size else vectors
