"""What the ground does to light: it sends some back, and hides what is below it."""

from collections.abc import Sequence

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.scene import Lamp
from cyclorama.render.engines.raster.lamps import Shining
from cyclorama.render.engines.raster.things import Thing
from cyclorama.render.lamps import lamp_irradiance

# Around each thing the ground is asked for its light in a disc of this many of the thing's radii, at so many points.
FOOTPRINT, POINTS = 3.0, 16
GOLDEN_ANGLE_RAD = np.pi * (3 - 5**0.5)
# What lies on the ground may be rounded to below it.
BELOW_M = 1e-6


def ground_of(things: Sequence[Thing]) -> Thing | None:
    """The first ground, if there is one."""
    return next((thing for thing in things if thing.is_ground), None)


def is_below(lamp: Shining, ground: Thing) -> bool:
    """Whether the ground, which casts no shadow and is taken to be endless, hides a lamp."""
    if lamp.kind == "sun":
        return bool(lamp.towards[2] > 0)
    return bool(lamp.position[2] < ground.relative_from_object[2, 3] - BELOW_M)


def lamps_irradiance(
    ground: Thing, things: Sequence[Thing], lamps: Sequence[Lamp], eye: FloatArray, reach_m: float
) -> FloatArray:
    """(3,) W/m^2 that the ground gets of lamps, on average around what stands on it.

    Args:
        ground: Says how high it lies.
        things: All; the ground itself counts where there is nothing else.
        lamps: The scene's.
        eye: (3,) the camera in the world.
        reach_m: A lamp nearer to the ground than this counts as if it were this far off.
    """
    discs = [_disc(t.center, FOOTPRINT * t.radius_m) for t in things if not t.is_ground] or [_disc(ground.center, 0.0)]
    points = np.concatenate(discs)
    points[:, 2] = ground.relative_from_object[2, 3]
    up = np.broadcast_to([0.0, 0.0, 1.0], points.shape)
    each = [lamp_irradiance(lamp, points + eye, up, least_m=reach_m).mean(axis=0) for lamp in lamps]
    return np.asarray(np.sum(each, axis=0)) if each else np.zeros(3)


def _disc(center: FloatArray, radius_m: float) -> FloatArray:
    """(POINTS, 3) points evenly over a level disc (Vogel, "A better way to construct the sunflower head", 1979)."""
    steps = np.arange(POINTS)
    radii, angles = radius_m * np.sqrt((steps + 0.5) / POINTS), GOLDEN_ANGLE_RAD * steps
    return center + np.stack([radii * np.cos(angles), radii * np.sin(angles), 0 * radii], axis=-1)
