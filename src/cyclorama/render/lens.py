"""The picture through a lens that distorts or a shutter that rolls, from a pinhole's light: engines know no other."""

from dataclasses import replace

import cv2
import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.errors import InputError
from cyclorama.core.lens import NO_DISTORTION
from cyclorama.core.scene import Camera
from cyclorama.render.rays import picture_rays

# A pinhole's picture may have so many times the pixels of the one that is made from it.
MOST_TIMES = 4.0
# A fisheye's, since its edges take many.
MOST_FISHEYE_TIMES = 10.0
# OpenCV looks up no wider picture.
MOST_EDGE_PX = 32_000
# Around what the camera sees, so that every lookup has pixels on all sides.
BORDER_PX = 2


def pinhole(camera: Camera) -> Camera:
    """A camera that neither distorts nor rolls, with a picture of all that this one sees, in pixels of the same size.

    Raises:
        InputError: That picture would be many times as large.
    """
    if camera.is_straight:
        return camera
    seen = _pinhole_pixels(camera, camera.k)
    low = np.floor(seen.min(axis=(0, 1))).astype(int) - BORDER_PX
    width, height = (int(n) for n in np.ceil(seen.max(axis=(0, 1))).astype(int) + BORDER_PX - low)
    most = MOST_TIMES if camera.fisheye is None else MOST_FISHEYE_TIMES
    if width * height > most * camera.width * camera.height or max(width, height) > MOST_EDGE_PX:
        raise InputError(_too_wide(camera, width, height, most))
    k = camera.k - [[0, 0, low[0]], [0, 0, low[1]], [0, 0, 0]]
    return replace(camera, width=width, height=height, k=k, distortion=NO_DISTORTION, fisheye=None, readout_s=0.0)


def _too_wide(camera: Camera, width: int, height: int, most_times: float) -> str:
    bends = {"distortion": any(camera.distortion), "fisheye": camera.fisheye, "readout_s": camera.readout_s}
    named = ", ".join(f"{name} {getattr(camera, name)}" for name, there in bends.items() if there)
    return (
        f"camera.{named}: a picture of {camera.width} x {camera.height} pixels needs "
        f"one of {width} x {height} without distortion; expected at most {most_times:g} times as many pixels, "
        "so lower the coefficients, the field of view or the turn"
    )


def bent(light: FloatArray, camera: Camera, straight: Camera) -> FloatArray:
    """(H, W, 4) the light that the camera makes of (h, w, 4) light of its ``pinhole``, bilinear; float32.

    What is not finite is black. Where nothing is bent it is the light itself.
    """
    if camera.is_straight:
        return light
    x, y = np.moveaxis(_pinhole_pixels(camera, straight.k) - 0.5, -1, 0).astype(np.float32)
    whole = np.nan_to_num(light, nan=0.0, posinf=0.0, neginf=0.0)
    return np.asarray(cv2.remap(whole, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def _pinhole_pixels(camera: Camera, k: FloatArray) -> FloatArray:
    """(H, W, 2) where a pinhole with intrinsics ``k`` sees what the camera's pixels see."""
    return np.asarray(cv2.transform(np.asarray(picture_rays(camera)), k[:2]))
