"""Which object a pixel shows."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from cyclorama.core.arrays import IntArray
from cyclorama.core.errors import InputError
from cyclorama.core.frame import Frame


class Instances:
    """Instance ids as a 16-bit PNG; 0 is everything that has no category."""

    suffix = ".png"

    @staticmethod
    def measure(frame: Frame) -> IntArray:
        """(H, W) uint16."""
        ids = frame.geometry.instance_ids
        labelled = [instance.id for instance in frame.scene.labelled]
        return np.where(np.isin(ids, labelled), ids, 0).astype(np.uint16)

    @staticmethod
    def encode(ids: IntArray) -> bytes:
        """The file's content."""
        return cv2.imencode(".png", ids.astype(np.uint16))[1].tobytes()

    @staticmethod
    def read(path: Path) -> IntArray:
        """(H, W) uint16.

        Raises:
            InputError: The file is missing or is no 16-bit PNG.
        """
        image = read_png(path)
        if image.ndim != 2:
            raise InputError(f"{path}: expected a PNG of one channel with instance ids, found {image.shape}")
        return image.astype(np.uint16)


def read_png(path: Path) -> npt.NDArray[Any]:
    """The image as it is stored, any depth and number of channels.

    Raises:
        InputError: The file is missing or can't be decoded.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    image = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise InputError(f"{path}: can't be decoded as a PNG")
    return image
