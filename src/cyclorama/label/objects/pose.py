"""Where an object is, and how it is turned."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.frame import Frame
from cyclorama.core.geometry import inverse
from cyclorama.core.scene import Instance


@dataclass(frozen=True, eq=False)
class Pose:
    """6D pose.

    Attributes:
        camera_from_object: (4, 4) rotation and translation, metres; the object's scale is apart.
        scale: (3,) factors along the object's axes, applied first.
    """

    camera_from_object: FloatArray
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)

    @classmethod
    def measure(cls, frame: Frame, instance: Instance) -> Self:
        """The pose in the camera's frame."""
        camera_from_world = inverse(frame.scene.camera.world_from_camera)
        return cls(camera_from_world @ instance.world_from_object, instance.scale)

    def to_plain(self) -> dict[str, Any]:
        """Row-major lists."""
        return {"camera_from_object": self.camera_from_object.tolist(), "scale": list(self.scale)}

    @classmethod
    def from_plain(cls, value: dict[str, Any]) -> Self:
        """The pose that ``to_plain`` wrote."""
        x, y, z = value["scale"]
        return cls(np.asarray(value["camera_from_object"], float), (x, y, z))
