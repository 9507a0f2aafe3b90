"""Light from all around."""

from dataclasses import replace

import numpy as np

from cyclorama.core.scene import Environment as SceneEnvironment
from cyclorama.core.scene import Scene
from cyclorama.scene.chance import Dice
from cyclorama.scene.gather import Assets
from cyclorama.scene.recipe import Recipe


class Environment:
    """One of the recipe's maps, turned, dimmed and tinted."""

    @staticmethod
    def apply(scene: Scene, recipe: Recipe, assets: Assets, dice: Dice) -> Scene:
        """The scene with an environment."""
        section = recipe.environment
        environment = SceneEnvironment(
            map=dice.pick("map", assets.environments),
            rotation_rad=float(np.radians(dice.draw("rotation_deg", section.rotation_deg))),
            strength=dice.draw("strength", section.strength),
            tint=dice.tint("tint", section.tint),
        )
        return replace(scene, environment=environment)
