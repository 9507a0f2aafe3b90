"""Light from infinitely far away, by direction."""

import numpy as np

from cyclorama.assets.environment_maps import texel_directions
from cyclorama.core.arrays import FloatArray
from cyclorama.core.library import Library
from cyclorama.core.scene import Environment
from cyclorama.render.color import bilinear

# Radiance of an environment without a map.
GREY = 0.5


def environment_light(environment: Environment, directions: FloatArray, library: Library) -> FloatArray:
    """(..., 3) linear radiance that comes from (..., 3) world ``directions`` of any length."""
    factor = environment.strength * np.asarray(environment.tint, np.float32)
    if environment.map is None:
        return np.broadcast_to(GREY * factor, directions.shape)
    return environment_radiance(library.environment(environment.map), directions, environment.rotation_rad) * factor


def environment_radiance(radiance: FloatArray, directions: FloatArray, rotation_rad: float) -> FloatArray:
    """Bilinear lookup in an equirectangular map.

    Args:
        radiance: (H, W, 3) linear; see docs/conventions.md for its orientation.
        directions: (..., 3) in the world, any length.
        rotation_rad: Turn of the map about the world's z.

    Returns:
        (..., 3) float32 radiance.
    """
    height, width = radiance.shape[:2]
    azimuth = np.arctan2(directions[..., 1], directions[..., 0]) - rotation_rad
    polar = np.arctan2(np.hypot(directions[..., 0], directions[..., 1]), directions[..., 2])
    x, y = (0.5 - azimuth / (2 * np.pi)) * width, polar / np.pi * height
    return bilinear(radiance, x, y, tiled_rows=False).astype(np.float32)


def irradiance_map(radiance: FloatArray, rows: int = 16) -> FloatArray:
    """(rows, 2 rows, 3) irradiance on surfaces that face each direction of a map, W/m^2, itself a map.

    The map is first averaged down to this size: irradiance is smooth, so little is lost.
    """
    # Each texel of the small map is the mean of the large one's over its solid angle.
    directions, solid_angle = texel_directions(rows)
    fine_rows = max(rows, radiance.shape[0] // rows * rows)
    repeats = fine_rows // rows
    fine, fine_angle = texel_directions(fine_rows)
    light = environment_radiance(radiance, fine, 0.0) * fine_angle[..., None]
    power = light.reshape(rows, repeats, 2 * rows, repeats, 3).sum(axis=(1, 3)).reshape(-1, 3)
    flat = directions.reshape(-1, 3)
    cosines = np.maximum(flat @ flat.T, 0)
    # The coarse sum is made exact for uniform light, whose irradiance is pi times its radiance.
    cosines *= (np.pi / (cosines @ solid_angle.reshape(-1)))[:, None]
    return (cosines @ power).reshape(rows, 2 * rows, 3)
