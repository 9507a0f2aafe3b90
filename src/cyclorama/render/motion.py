"""Motion blur of a moving camera, from sharp light and its depth.

To first order a point's way over the picture, while the shutter is open, is b + a / z: b is the way of what is
infinitely far away and comes of turning, a is the parallax of moving (Longuet-Higgins and Prazdny, "The Interpretation
of a Moving Retinal Image", 1980). Both change slowly over the picture. Light is spread evenly along the way.

Things are shared between two sheets: those in front of an edge at which the ways differ, as far as they pass over it,
and all else. The sheet behind is guessed where that in front hides it; the one in front is laid over it.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from cyclorama.core.arrays import BoolArray, FloatArray
from cyclorama.core.geometry import rotation_about
from cyclorama.core.scene import Camera
from cyclorama.render.hidden import LEAST_SHARE, coarser, finer, guessed
from cyclorama.render.window import Window

# Ways are computed for points so many pixels apart, and interpolated.
STRIDE_PX = 16
# Ways that differ by less belong to one surface.
LEAST_PX = 1.0
# What is hidden is guessed in a picture so many times coarser.
GUESS_PX = 4
# A way that is longer, or leads behind the camera, smears everything.
MOST_PX = 1e5
# Of depth, metres, at which the parallax is measured.
FAR_M = 1e3
# The sheet behind, while it is guessed: RGBA, the share that is known, and its inverse depth.
KNOWN = 4


@dataclass(frozen=True, eq=False)
class Ways:
    """How far things move over the picture, from the exposure's begin to its end.

    Attributes:
        far_px: (2, H, W) float32 columns and rows, of what is infinitely far away.
        parallax_px_m: (2, H, W) float32 what is added to that, times depth.
    """

    far_px: FloatArray
    parallax_px_m: FloatArray

    @classmethod
    def of(cls, camera: Camera, exposure_s: float) -> "Ways":
        """Of the camera's velocities."""
        columns, rows = (
            STRIDE_PX * (np.arange(-(-size // STRIDE_PX) + 2) - 0.5) for size in (camera.width, camera.height)
        )
        pixels = np.stack(np.meshgrid(columns, rows), axis=-1)
        rays = np.insert(camera.unprojected(pixels.reshape(-1, 2)), 2, 1.0, axis=1)
        far, near = (_moved(camera, rays, exposure_s, inverse_m).reshape(pixels.shape) for inverse_m in (0, 1 / FAR_M))
        both = np.nan_to_num(np.concatenate([far, FAR_M * (near - far)], axis=-1))
        coarse = np.clip(both, -MOST_PX, MOST_PX).astype(np.float32)
        whole = cv2.resize(coarse, None, fx=STRIDE_PX, fy=STRIDE_PX)[STRIDE_PX:, STRIDE_PX:]
        planes = np.ascontiguousarray(np.moveaxis(whole[: camera.height, : camera.width], -1, 0))
        return cls(planes[:2], planes[2:])

    def at(self, inverse_m: FloatArray) -> FloatArray:
        """(2, H, W) columns and rows at (H, W) inverse depths."""
        return np.asarray(self.far_px + self.parallax_px_m * inverse_m)


def smeared(light: FloatArray, depth_m: FloatArray, camera: Camera, exposure_s: float) -> FloatArray:
    """Light as it is gathered while the camera moves.

    Args:
        light: (H, W, 4) linear premultiplied RGBA of the middle of the exposure; what is not finite is black.
        depth_m: (H, W) along the optical axis, inf where nothing is.
        camera: Says how it moves.
        exposure_s: How long the shutter is open.

    Returns:
        (H, W, 4) float32; of a camera that stands still, the light itself.
    """
    if exposure_s <= 0 or not camera.is_moving:
        return light
    light = np.nan_to_num(light, nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32, copy=False)
    ways, inverse_m = Ways.of(camera, exposure_s), (1 / depth_m).astype(np.float32)
    front, front_inverse_m = _front(inverse_m, ways)
    if not front.any():
        return streaked(light, ways.at(inverse_m))
    ways_px = ways.at(front_inverse_m)
    near = _reach(front, ways_px)
    behind, behind_inverse_m = light.copy(), inverse_m.copy()
    behind[near], behind_inverse_m[near] = _behind(light[near], inverse_m[near], front[near])
    behind = streaked(behind, ways.at(behind_inverse_m))
    share = front[near].astype(np.float32)[..., None]
    passing = streaked(np.dstack([share, light[near] * share]), ways_px[:, *near])
    behind[near] = passing[..., 1:] + (1 - passing[..., :1]) * behind[near]
    return behind


def _reach(front: BoolArray, ways_px: FloatArray) -> tuple[slice, slice]:
    """Rows and columns of all that passes over something."""
    reach_px = 1 + int(np.ceil(np.abs(ways_px[:, front]).max() / 2))
    height, width = front.shape
    around = Window.of(front, np.arange(width), np.arange(height)) or Window(0, 0, 0, 0)
    wide = Window(around.x0 - reach_px, around.y0 - reach_px, around.x1 + reach_px, around.y1 + reach_px)
    return wide.clipped(width, height).slices


def smeared_backdrop(light: FloatArray, camera: Camera, exposure_s: float) -> FloatArray:
    """(H, W, 3) light from infinitely far away as it is gathered while the camera turns."""
    if not is_turning(camera, exposure_s):
        return light
    return streaked(light.astype(np.float32, copy=False), Ways.of(camera, exposure_s).far_px)


def is_turning(camera: Camera, exposure_s: float) -> bool:
    """Whether what is infinitely far away moves over the picture."""
    return exposure_s > 0 and any(camera.angular_velocity_rad_s)


def streaked(picture: FloatArray, ways_px: FloatArray) -> FloatArray:
    """(H, W, C) picture whose light is spread evenly along (2, H, W) ways about each pixel; its border goes on.

    Twice as many places on the way with each step, from the nearest two on.
    """
    longest_px = float(np.hypot(*ways_px).max())
    steps = max(0, int(np.ceil(np.log2(max(longest_px, 1)))))
    columns, rows = (np.arange(size, dtype=np.float32) for size in picture.shape[1::-1])
    one, other, both = (np.empty_like(picture) for _ in range(3))
    for step in range(steps):
        x, y = ways_px * np.float32(0.5 ** (steps + 1 - step))
        for side, (u, v) in ((one, (columns + x, rows[:, None] + y)), (other, (columns - x, rows[:, None] - y))):
            cv2.remap(picture, u, v, cv2.INTER_LINEAR, dst=side, borderMode=cv2.BORDER_REPLICATE)
        cv2.addWeighted(one, 0.5, other, 0.5, 0, dst=both)
        picture = both
    return picture


def _moved(camera: Camera, rays: FloatArray, exposure_s: float, inverse_m: float) -> FloatArray:
    """(N, 2) pixels that points on (N, 3) rays move by, at one inverse depth."""
    turn = np.asarray(camera.angular_velocity_rad_s) * exposure_s / 2
    shift = np.asarray(camera.velocity_m_s) * exposure_s / 2 * inverse_m
    rotation = rotation_about(turn, float(np.linalg.norm(turn))) if turn.any() else np.eye(3)
    # At the end the camera is there, and a point is seen from there; at the begin the other way round.
    return camera.projected((rays - shift) @ rotation) - camera.projected((rays + shift) @ rotation.T)


def _front(inverse_m: FloatArray, ways: Ways) -> tuple[BoolArray, FloatArray]:
    """(H, W) what is in front of an edge and may pass over it, and (H, W) inverse depths of its nearest pixel.

    An engine's smooth edges reach a pixel further than the geometry's.
    """
    around = cv2.BORDER_REPLICATE
    parallax = np.hypot(*ways.parallax_px_m)
    nearest, farthest = (
        np.asarray(f(inverse_m, np.ones((3, 3), np.uint8), borderType=around), np.float32)
        for f in (cv2.dilate, cv2.erode)
    )
    is_edge = parallax * (nearest - farthest) > LEAST_PX
    if not is_edge.any():
        return is_edge, inverse_m
    reach_px = min(1 + int(np.ceil(np.hypot(*ways.at(nearest)[:, is_edge]).max())), max(is_edge.shape))
    disc = np.ones((2 * reach_px + 1, 2 * reach_px + 1), np.uint8)
    beyond = cv2.erode(np.where(is_edge, farthest, np.float32(np.inf)), disc, borderType=around)
    front = parallax * (nearest - beyond) > LEAST_PX
    _, labels = cv2.distanceTransformWithLabels((~front).view(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL)
    of_label = np.zeros(int(labels.max()) + 1, np.float32)
    of_label[labels[front]] = nearest[front]
    return front, of_label[labels]


def _behind(light: FloatArray, inverse_m: FloatArray, front: BoolArray) -> tuple[FloatArray, FloatArray]:
    """(H, W, 4) light and (H, W) inverse depths without what is in front, guessed where that hides them."""
    known = np.dstack([light, np.ones_like(inverse_m), inverse_m])
    known *= (~front).astype(np.float32)[..., None]
    guess = finer(guessed(coarser(known, GUESS_PX), (KNOWN,)), GUESS_PX, known.shape)
    known[front] = guess[front] / np.maximum(guess[front][:, KNOWN, None], LEAST_SHARE)
    return known[..., :KNOWN], known[..., KNOWN + 1]
