"""What an environment map holds: where its texels look, and its sun, if it has one."""

from dataclasses import dataclass

import cv2
import numpy as np

from cyclorama.core.arrays import FloatArray

# Of the map in which the sun is sought, and from which lights are made.
WIDTH_PX, LEAST_WIDTH_PX = 512, 64
# What half floats hold.
BRIGHTEST = 6e4
# The sun is what is within this angle of the brightest place and this many times brighter than the mean, if it makes
# this share of all light.
SUN_REACH_RAD, SUN_CONTRAST, SUN_SHARE = 0.25, 12.0, 0.1


@dataclass(frozen=True, eq=False)
class Sun:
    """The part of an environment that casts a shadow.

    Attributes:
        towards_it: (3,) unit direction in the map's frame.
        irradiance: (3,) W/m^2 on a surface that faces it.
        angle_rad: Half of the angle under which it is seen.
    """

    towards_it: FloatArray
    irradiance: FloatArray
    angle_rad: float


def split_sun(radiance: FloatArray) -> tuple[Sun | None, FloatArray]:
    """A map's sun, or None, and the (H, W, 3) map without it."""
    directions, solid_angles = texel_directions(radiance.shape[0])
    luminance = radiance.mean(axis=-1)
    mean = float((luminance * solid_angles).sum() / (4 * np.pi))
    peak = directions[np.unravel_index(np.argmax(cv2.GaussianBlur(luminance, (0, 0), 2)), luminance.shape)]
    is_sun = (directions @ peak > np.cos(SUN_REACH_RAD)) & (luminance > SUN_CONTRAST * mean)
    if mean <= 0 or not is_sun.any():
        return None, radiance
    kept = np.where(is_sun, SUN_CONTRAST * mean / np.maximum(luminance, 1e-9), 1.0).astype(np.float32)[..., None]
    lost = radiance * (1 - kept) * solid_angles[..., None]
    irradiance = lost.sum(axis=(0, 1))
    if irradiance.mean() < SUN_SHARE * np.pi * mean:
        return None, radiance
    weights = lost.mean(axis=-1)
    middle = (weights[..., None] * directions).sum(axis=(0, 1))
    middle /= np.linalg.norm(middle)
    # A disc of even radiance has half of its squared half angle as mean square.
    spread = float((weights * (1 - (directions @ middle).clip(-1, 1))).sum() / weights.sum())
    return Sun(middle, irradiance, max(float(np.sqrt(4 * spread)), 0.005)), radiance * kept


def sun_of(radiance: FloatArray) -> Sun | None:
    """The sun of an equirectangular (H, W, 3) map of linear radiance, or None."""
    return split_sun(reduced(radiance))[0]


def reduced(radiance: FloatArray) -> FloatArray:
    """A map at a width that all its lights can be made of, at most WIDTH_PX; finite, exactly twice as wide as high."""
    return np.asarray(np.clip(np.nan_to_num(_resized(radiance), posinf=BRIGHTEST), 0, None))


def _resized(radiance: FloatArray) -> FloatArray:
    width = min(max(radiance.shape[1], LEAST_WIDTH_PX), WIDTH_PX) // 2 * 2
    if radiance.shape[:2] == (width // 2, width):
        return np.asarray(radiance, np.float32)
    filtering = cv2.INTER_AREA if width < radiance.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(radiance, (width, width // 2), interpolation=filtering), np.float32)


def texel_directions(rows: int) -> tuple[FloatArray, FloatArray]:
    """(rows, 2 rows, 3) unit directions of a map's texels and (rows, 2 rows) their solid angles."""
    edges = np.linspace(0, np.pi, rows + 1)
    polar = (edges[:-1] + edges[1:]) / 2
    azimuth = np.pi * (1 - (np.arange(2 * rows) + 0.5) / rows)
    level = np.ones_like(azimuth)
    directions = np.stack(
        [
            np.outer(np.sin(polar), np.cos(azimuth)),
            np.outer(np.sin(polar), np.sin(azimuth)),
            np.outer(np.cos(polar), level),
        ],
        axis=-1,
    )
    return directions, np.outer(np.cos(edges[:-1]) - np.cos(edges[1:]), level * np.pi / rows)
