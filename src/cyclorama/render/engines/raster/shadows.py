"""From where lamps look at the scene: the views of the shadow map."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cyclorama.core.arrays import FloatArray

# Farther behind what casts shadows than this many times its radius, light is not followed.
BEYOND = 30.0
# A lamp at least this many radii from the middle of what casts shadows sees all of it in one view.
OUTSIDE = 1.25
AXES = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], float)
FACE_ANGLE_RAD = np.radians(92)


@dataclass(frozen=True, eq=False)
class ShadowView:
    """A square view from a lamp; coordinates are relative to the camera.

    Attributes:
        clip_from_relative: (4, 4).
        near_m: Depth at which the view begins.
        far_m: Where it ends.
        width: Of the view, metres; at a depth of 1 m, where it is a perspective.
        is_parallel: A sun's.
    """

    clip_from_relative: FloatArray
    near_m: float
    far_m: float
    width: float
    is_parallel: bool

    @cached_property
    def planes(self) -> FloatArray:
        """(4, 4) left, right, bottom, top; a point p is inside where plane @ (p, 1) > 0. Normals are of length 1."""
        m = self.clip_from_relative
        planes = np.stack([m[3] + m[0], m[3] - m[0], m[3] + m[1], m[3] - m[1]])
        return planes / np.linalg.norm(planes[:, :3], axis=1, keepdims=True)

    def sees(self, center: FloatArray, radius_m: float) -> bool:
        """Whether a ball may be in view."""
        return bool((self.planes @ [*center, 1.0] > -radius_m).all())

    def row(self, tile: tuple[float, float, float, float], tile_px: int) -> FloatArray:
        """(6, 4) what ``shadows.glsl`` needs to know, with the tile's place in the map as shares of it."""
        spread = (-1 if self.is_parallel else 1) / self.width
        lens = [self.near_m, self.far_m, spread, self.width / tile_px]
        return np.array([*self.clip_from_relative, tile, lens])


def sun_view(towards: FloatArray, center: FloatArray, radius_m: float) -> ShadowView:
    """Along the (3,) direction ``towards`` which a sun shines, around a ball."""
    rotation = _looking(towards)
    width, near, far = 2.02 * radius_m, -1.01 * radius_m, BEYOND * radius_m
    eye = rotation @ center
    clip = np.eye(4)
    clip[:2, :3] = 2 / width * rotation[:2]
    clip[:2, 3] = -2 / width * eye[:2]
    clip[2, :3] = 2 / (far - near) * rotation[2]
    clip[2, 3] = -2 / (far - near) * eye[2] - (far + near) / (far - near)
    # Depths count from where the view begins.
    return ShadowView(clip, 0.0, far - near, width, is_parallel=True)


def lamp_views(position: FloatArray, center: FloatArray, radius_m: float) -> list[ShadowView]:
    """One view from a lamp at a (3,) position outside of a ball, six from one within."""
    offset = center - position
    distance_m = float(np.linalg.norm(offset))
    far = distance_m + BEYOND * radius_m
    if distance_m > OUTSIDE * radius_m:
        angle = 2 * np.arcsin(radius_m / distance_m) * 1.01
        return [_perspective(position, offset, angle, distance_m - radius_m, far)]
    return [_perspective(position, axis, FACE_ANGLE_RAD, 0.01 * radius_m, far) for axis in AXES]


def _perspective(position: FloatArray, towards: FloatArray, angle_rad: float, near: float, far: float) -> ShadowView:
    rotation = _looking(towards)
    focal = 1 / np.tan(angle_rad / 2)
    near = max(near * 0.98, 1e-4)
    lens = np.array(
        [
            [focal, 0, 0, 0],
            [0, focal, 0, 0],
            [0, 0, (far + near) / (far - near), -2 * far * near / (far - near)],
            [0, 0, 1, 0],
        ]
    )
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = rotation, -rotation @ position
    return ShadowView(lens @ pose, near, far, 2 / focal, is_parallel=False)


def _looking(towards: FloatArray) -> FloatArray:
    """(3, 3) rotation whose third row is the direction ``towards``."""
    forward = np.asarray(towards, float) / np.linalg.norm(towards)
    right = np.cross(np.eye(3)[np.argmin(np.abs(forward))], forward)
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(forward, right), forward])
