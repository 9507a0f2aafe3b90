"""What a lens does to light besides bending it."""

import cv2
import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.sensor import Sensor


def through_lens(light: FloatArray, sensor: Sensor) -> FloatArray:
    """(H, W, 3) float32 linear light: vignetting, chromatic aberration and blur of (H, W, 3) light."""
    light = vignetted(light, sensor.vignetting)
    # Infrared is of one colour.
    light = light if sensor.infrared else fringed(light, sensor.chromatic_aberration_px)
    return blurred(light, sensor.blur_sigma_px)


def vignetted(light: FloatArray, share: float) -> FloatArray:
    """(H, W, 3) light that falls off from the middle as cos^4 of an angle, by ``share`` at the picture's corners."""
    if share == 0:
        return light
    height, width = light.shape[:2]
    x, y = (np.arange(size, dtype=np.float32) + 0.5 - size / 2 for size in (width, height))
    # cos^2 is 1 / (1 + tan^2), and tan^2 grows as the squared distance from the middle.
    corner = ((1 - share) ** -0.5 - 1) / (0.25 * (width**2 + height**2))
    falloff = (1 + np.float32(corner) * (x**2 + y[:, None] ** 2)) ** -2
    return np.asarray(light * falloff[..., None], np.float32)


def fringed(light: FloatArray, aberration_px: float) -> FloatArray:
    """(H, W, 3) light whose red is enlarged about the middle, by so many pixels at the corners, and blue shrunk."""
    if aberration_px == 0:
        return light
    height, width = light.shape[:2]
    growth = aberration_px / (0.5 * float(np.hypot(width, height)))
    red, blue = (_enlarged(light[..., c], 1 + g) for c, g in ((0, growth), (2, -growth)))
    return np.dstack([red, light[..., 1], blue])


def blurred(light: FloatArray, sigma_px: float) -> FloatArray:
    """(H, W, 3) linear light through a lens whose point spread is a Gaussian."""
    if sigma_px <= 0:
        return light
    return np.asarray(cv2.GaussianBlur(light, (0, 0), sigma_px, borderType=cv2.BORDER_REPLICATE))


def _enlarged(plane: FloatArray, factor: float) -> FloatArray:
    """(H, W) about the middle, bilinear; the border goes on."""
    height, width = plane.shape
    middle = np.array([width - 1, height - 1]) / 2
    seen_from = np.c_[np.eye(2) / factor, middle * (1 - 1 / factor)]
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(plane, seen_from, (width, height), flags=how, borderMode=cv2.BORDER_REPLICATE))
