"""What the camera sees, as matrices; and in which part of the picture."""

from dataclasses import dataclass

import numpy as np

from cyclorama.core.arrays import ArrayLike, FloatArray
from cyclorama.core.geometry import inverse, rigid
from cyclorama.core.model import Model
from cyclorama.core.scene import Camera, Instance
from cyclorama.render.window import NEAR_M, Window

# Points on the way to a plane this far are told apart.
LEAST_FAR_M = 1.0


def columns(matrix: ArrayLike) -> bytes:
    """A matrix as OpenGL reads it: float32 by columns."""
    return np.ascontiguousarray(np.asarray(matrix, np.float32).T).tobytes()


@dataclass(frozen=True, eq=False)
class View:
    """A window of a camera's picture.

    "Relative" is the world's axes with the camera at the origin.

    Attributes:
        near_m: Nothing is nearer along the optical axis.
        far_m: Nor farther.
    """

    camera: Camera
    window: Window
    near_m: float
    far_m: float

    @property
    def clip_from_relative(self) -> FloatArray:
        """(4, 4); row 0 of the picture becomes row 0 of the target."""
        rows, columns_ = self.window.shape
        near, far = self.near_m, self.far_m
        (fx, skew, cx), (_, fy, cy) = self.camera.k[0], self.camera.k[1]
        across, down = cx - self.window.x0, cy - self.window.y0
        clip_from_camera = np.array(
            [
                [2 * fx / columns_, 2 * skew / columns_, 2 * across / columns_ - 1, 0],
                [0, 2 * fy / rows, 2 * down / rows - 1, 0],
                [0, 0, (far + near) / (far - near), -2 * far * near / (far - near)],
                [0, 0, 1, 0],
            ]
        )
        return clip_from_camera @ rigid(self.camera.world_from_camera[:3, :3].T, [0, 0, 0])

    def ray_from_sample(self, side: int) -> FloatArray:
        """(3, 3) relative direction, of depth 1, of the place (x, y, 1) counted in samples, ``side`` to a pixel."""
        pixel_from_sample = np.array([[1 / side, 0, self.window.x0], [0, 1 / side, self.window.y0], [0, 0, 1.0]])
        return self.camera.world_from_camera[:3, :3] @ np.linalg.inv(self.camera.k) @ pixel_from_sample


def depth_range_m(camera: Camera, placed: list[tuple[Instance, Model]]) -> tuple[float, float]:
    """Depths between which all instances lie that the camera can see, as tight as their boxes tell."""
    near, far = np.inf, LEAST_FAR_M
    cosine = _least_cosine(camera)
    for instance, model in placed:
        to_eye = inverse(instance.world_from_model) @ camera.world_from_camera[:, 3]
        closest = np.clip(to_eye[:3], *model.bounds_m) - to_eye[:3]
        scale = np.asarray(instance.scale)
        near = min(near, float(np.linalg.norm(closest * scale)) * cosine)
        farthest = np.maximum(np.abs(model.bounds_m - to_eye[:3]).max(axis=0) * np.abs(scale), 0)
        far = max(far, float(np.linalg.norm(farthest)))
    near = max(NEAR_M, 0.99 * near) if np.isfinite(near) else NEAR_M
    return near, max(1.01 * far, 2 * near)


def _least_cosine(camera: Camera) -> float:
    """Of the angle between the optical axis and a corner of the picture."""
    corners = np.array([[x, y, 1.0] for x in (0, camera.width) for y in (0, camera.height)])
    rays = corners @ np.linalg.inv(camera.k).T
    return float(1 / np.linalg.norm(rays, axis=1).max())
