"""A rolling shutter: the rows of a picture see one after the other, while the camera turns.

Turning needs no depth: what a row sees at its own time is a rotation away from what it would see at the camera's pose.
Points are (x / z, y / z) in the camera's frame; y is a row as a pixel coordinate.
"""

from dataclasses import dataclass

import numpy as np

from cyclorama.core.arrays import FloatArray

# What turns further to the side than this z of a unit ray stays there: no picture shows it.
LEAST_Z = 1e-3


@dataclass(frozen=True)
class Shutter:
    """When each row sees, and how the camera has turned by then.

    The pose is that of the picture's middle; what lies beyond the picture is seen when its nearest row is.

    Attributes:
        angular_velocity_rad_s: Right-handed about the camera's own axes.
        readout_s: From the picture's upper edge to its lower one.
        height: Of the picture, pixels.
    """

    angular_velocity_rad_s: tuple[float, float, float]
    readout_s: float
    height: int

    @property
    def turn_rad(self) -> float:
        """From the first row to the last."""
        return float(np.linalg.norm(self.angular_velocity_rad_s)) * self.readout_s

    def at_pose(self, points: FloatArray, y: FloatArray) -> FloatArray:
        """(N, 2) points, in the frame of the pose, of what (N,) rows see at (N, 2) points."""
        return self.turned(points, self.angles_rad(y))

    def at_rows(self, points: FloatArray, y: FloatArray) -> FloatArray:
        """(N, 2) points at which (N,) rows see what is at (N, 2) points of the frame of the pose."""
        return self.turned(points, -self.angles_rad(y))

    def angles_rad(self, y: FloatArray) -> FloatArray:
        """(N,) by how much the camera has turned since the middle when (N,) rows see."""
        return np.asarray(self.turn_rad * (np.clip(y / self.height, 0, 1) - 0.5))

    def turned(self, points: FloatArray, angles_rad: FloatArray) -> FloatArray:
        """(N, 2) points whose rays are turned by (N,) angles about the axis (Rodrigues' formula)."""
        (x, y), (a, b, c) = (
            points.T,
            np.asarray(self.angular_velocity_rad_s) / np.linalg.norm(self.angular_velocity_rad_s),
        )
        sine, cosine = np.sin(angles_rad), np.cos(angles_rad)
        along = (a * x + b * y + c) * (1 - cosine)
        z = cosine + (a * y - b * x) * sine + c * along
        z = np.maximum(z, LEAST_Z * np.sqrt(1 + x * x + y * y))
        turned_x = (x * cosine + (b - c * y) * sine + a * along) / z
        return np.stack([turned_x, (y * cosine + (c * x - a) * sine + b * along) / z], axis=-1)
