"""How far away the surface behind a pixel is."""

from pathlib import Path

import cv2
import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.frame import Frame
from cyclorama.label.maps.instances import read_png

UNIT_M = 1e-4
FARTHEST = 65535


class Depth:
    """Depth along the optical axis as a 16-bit PNG in units of 0.1 mm; 0 where nothing is.

    What is farther than 6.5535 m is stored as that; ``depth_exr`` keeps all.
    """

    suffix = ".png"

    @staticmethod
    def measure(frame: Frame) -> FloatArray:
        """(H, W) float32 metres, inf where nothing is."""
        return frame.geometry.depth_m

    @staticmethod
    def encode(depth_m: FloatArray) -> bytes:
        """The file's content."""
        steps = np.clip(np.rint(np.nan_to_num(depth_m, posinf=0.0) / UNIT_M), 0, FARTHEST)
        return cv2.imencode(".png", steps.astype(np.uint16))[1].tobytes()

    @staticmethod
    def read(path: Path) -> FloatArray:
        """(H, W) float32 metres, inf where nothing is.

        Raises:
            InputError: The file is missing or can't be decoded.
        """
        steps = read_png(path, channels=1).astype(np.float32)
        return np.where(steps == 0, np.float32(np.inf), steps * np.float32(UNIT_M))
