"""Which way the surface behind a pixel faces."""

from pathlib import Path

import cv2
import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.frame import Frame
from cyclorama.label.maps.instances import read_png


class Normals:
    """Unit normals in the camera's frame as an 8-bit PNG: (n + 1) / 2 * 255 in red, green, blue; 0 is nothing."""

    suffix = ".png"

    @staticmethod
    def measure(frame: Frame) -> FloatArray:
        """(H, W, 3) float32; zeros where nothing is."""
        return frame.geometry.normal_camera

    @staticmethod
    def encode(normals: FloatArray) -> bytes:
        """The file's content."""
        x, y, z = np.moveaxis(normals, -1, 0)
        levels = np.rint((normals + 1) * 127.5).astype(np.uint8)
        levels[(x == 0) & (y == 0) & (z == 0)] = 0
        return cv2.imencode(".png", cv2.cvtColor(levels, cv2.COLOR_RGB2BGR))[1].tobytes()

    @staticmethod
    def read(path: Path) -> FloatArray:
        """(H, W, 3) float32, within 1/127 of what was written.

        Raises:
            InputError: The file is missing or can't be decoded.
        """
        levels = read_png(path, channels=3)[..., ::-1].astype(np.float32)
        return np.where(levels.any(axis=-1, keepdims=True), levels / 127.5 - 1, 0).astype(np.float32)
