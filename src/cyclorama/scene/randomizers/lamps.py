"""Lights nearer than the environment."""

from dataclasses import replace

import numpy as np

from cyclorama.core.scene import Lamp, Scene
from cyclorama.scene.chance import Dice
from cyclorama.scene.gather import Assets
from cyclorama.scene.recipe import Recipe

# A sun's irradiance for one watt of a lamp's power, so that one range serves all kinds.
SUN_W_M2_PER_W = 0.08


class Lamps:
    """On a shell around the origin, shining at it."""

    @staticmethod
    def apply(scene: Scene, recipe: Recipe, assets: Assets, dice: Dice) -> Scene:  # noqa: ARG004
        """The scene with lamps."""
        count = dice.count("count", recipe.lamps.count)
        return replace(scene, lamps=tuple(_lamp(recipe, dice) for _ in range(count)))


def _lamp(recipe: Recipe, dice: Dice) -> Lamp:
    section = recipe.lamps
    kind = dice.pick("kind", tuple(section.kinds))
    elevation = np.radians(dice.draw("elevation_deg", section.elevation_deg))
    azimuth = dice.rng.uniform(0, 2 * np.pi)
    x, y = np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth)
    outward = (float(x), float(y), float(np.sin(elevation)))
    distance = dice.draw("distance_m", section.distance_m)
    power = dice.draw("power_w", section.power_w)
    return Lamp(
        kind=kind,
        position_m=(outward[0] * distance, outward[1] * distance, outward[2] * distance),
        direction=(-outward[0], -outward[1], -outward[2]),
        color=dice.tint("color", section.color),
        power_w=power * SUN_W_M2_PER_W if kind == "sun" else power,
        size_m=dice.draw("size_m", section.size_m),
    )
