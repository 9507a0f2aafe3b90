"""What every randomizer can do."""

from typing import Protocol

from cyclorama.core.scene import Scene
from cyclorama.scene.chance import Dice
from cyclorama.scene.gather import Assets
from cyclorama.scene.recipe import Recipe


class Randomizer(Protocol):
    """Decides one part of a scene by chance; a file of ``scene/randomizers`` holds one. Pure: same in, same out."""

    @staticmethod
    def apply(scene: Scene, recipe: Recipe, assets: Assets, dice: Dice) -> Scene:
        """The scene with this part decided."""
