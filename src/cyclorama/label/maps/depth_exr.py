"""Depth of any range."""

import tempfile
from pathlib import Path

import numpy as np
import OpenEXR

from cyclorama.core.arrays import FloatArray
from cyclorama.core.errors import InputError
from cyclorama.core.frame import Frame


class DepthExr:
    """Depth along the optical axis as 32-bit EXR, channel Z, metres; inf where nothing is."""

    suffix = ".exr"

    @staticmethod
    def measure(frame: Frame) -> FloatArray:
        """(H, W) float32 metres, inf where nothing is."""
        return frame.geometry.depth_m

    @staticmethod
    def encode(depth_m: FloatArray) -> bytes:
        """The file's content."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "depth.exr"
            header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
            with OpenEXR.File(header, {"Z": np.ascontiguousarray(depth_m, np.float32)}) as file:
                file.write(str(path))
            return path.read_bytes()

    @staticmethod
    def read(path: Path) -> FloatArray:
        """(H, W) float32 metres, inf where nothing is.

        Raises:
            InputError: The file is missing or is no EXR with a channel Z.
        """
        try:
            with OpenEXR.File(str(path)) as file:
                return np.array(file.channels()["Z"].pixels, np.float32)
        except (RuntimeError, OSError, KeyError) as error:
            raise InputError(f"{path}: expected an EXR with a channel Z ({error})") from error
