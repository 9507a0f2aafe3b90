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
        """(H, W) uint16.

        Raises:
            ValueError: An id is beyond 65535, which the file can't hold.
        """
        ids = frame.geometry.instance_ids
        labelled = [instance.id for instance in frame.scene.labelled]
        if max(labelled, default=0) > np.iinfo(np.uint16).max:
            raise ValueError(f"instance id {max(labelled)} is beyond 65535, which a 16-bit PNG can't hold")
        return np.where(np.isin(ids, labelled), ids, 0).astype(np.uint16)

    @staticmethod
    def encode(ids: IntArray) -> bytes:
        """The file's content."""
        return cv2.imencode(".png", ids.astype(np.uint16))[1].tobytes()

    @staticmethod
    def read(path: Path) -> IntArray:
        """(H, W) uint16.

        Raises:
            InputError: The file is missing or is no PNG of one channel.
        """
        return read_png(path, channels=1).astype(np.uint16)


def read_png(path: Path, *, channels: int) -> npt.NDArray[Any]:
    """The image as it is stored, of any depth: (H, W), or (H, W, 3) in the order blue, green, red.

    Raises:
        InputError: The file is missing, can't be decoded or has other ``channels``.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    content = np.frombuffer(path.read_bytes(), np.uint8)
    image = cv2.imdecode(content, cv2.IMREAD_UNCHANGED) if len(content) else None
    if image is None:
        raise InputError(f"{path}: can't be decoded as a PNG; the file is damaged, generate or copy it again")
    found = 1 if image.ndim == 2 else image.shape[2]
    if found != channels:
        raise InputError(f"{path}: has {found} channels, expected a PNG of {channels}")
    return image
