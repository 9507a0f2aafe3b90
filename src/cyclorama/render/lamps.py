"""Irradiance of lamps, for engines without path tracing."""

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.scene import Lamp


def lamp_irradiance(lamp: Lamp, points_m: FloatArray, normals: FloatArray, *, least_m: float = 1e-3) -> FloatArray:
    """(N, 3) W/m^2 on surfaces at (N, 3) points with unit normals, both in the world; nothing casts a shadow.

    Lamps are points, however large: an area lamp is one that shines by Lambert's law to one side. One nearer than
    ``least_m`` is no stronger than at that distance.
    """
    if lamp.kind == "sun":
        towards = np.broadcast_to(-np.asarray(lamp.direction, float), points_m.shape)
        strength = np.ones(len(points_m))
    else:
        towards = np.asarray(lamp.position_m, float) - points_m
        strength = _intensity(lamp, towards) / np.maximum(np.sum(towards**2, axis=-1), least_m**2)
    cosine = np.sum(towards * normals, axis=-1) / np.maximum(np.linalg.norm(towards, axis=-1), 1e-9)
    return np.outer(np.maximum(cosine, 0) * strength * lamp.power_w, lamp.color)


def _intensity(lamp: Lamp, towards: FloatArray) -> FloatArray:
    """(N,) radiant intensity per watt, 1/sr, opposite to (N, 3) directions to the lamp."""
    axis = np.asarray(lamp.direction, float) / max(float(np.linalg.norm(lamp.direction)), 1e-9)
    cosine = -(towards @ axis) / np.maximum(np.linalg.norm(towards, axis=-1), 1e-9)
    if lamp.kind == "area":
        return np.maximum(cosine, 0) / np.pi
    if lamp.kind == "spot":
        return np.where(cosine > np.cos(lamp.spot_angle_rad / 2), 1 / (4 * np.pi), 0.0)
    return np.full(len(towards), 1 / (4 * np.pi))
