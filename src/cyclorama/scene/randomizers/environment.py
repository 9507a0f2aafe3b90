"""Light from all around."""

from dataclasses import replace
from typing import Annotated

import numpy as np

from cyclorama.core.scene import Environment as SceneEnvironment
from cyclorama.core.scene import Scene
from cyclorama.scene.chance import Dice
from cyclorama.scene.distributions import Distribution, number
from cyclorama.scene.fields import EnvironmentMaps, Section, between, builtin_files
from cyclorama.scene.gathered import Assets


class EnvironmentOptions(Section):
    """Light from all around: files, folders or "builtin"."""

    maps: EnvironmentMaps = builtin_files()
    rotation_deg: Annotated[Distribution, number()] = between(0, 360)
    strength: Annotated[Distribution, number(0, 1000)] = between(0.5, 1.5)
    tint: Annotated[Distribution, number(0, 1)] = between(0, 0.25)


class Environment:
    """One of the recipe's maps, turned, dimmed and tinted."""

    @staticmethod
    def apply(scene: Scene, options: EnvironmentOptions, assets: Assets, dice: Dice) -> Scene:
        """The scene with an environment."""
        environment = SceneEnvironment(
            map=dice.pick("map", assets.files["environment.maps"]),
            rotation_rad=float(np.radians(dice.draw("rotation_deg", options.rotation_deg))),
            strength=dice.draw("strength", options.strength),
            tint=dice.tint("tint", options.tint),
        )
        return replace(scene, environment=environment)
