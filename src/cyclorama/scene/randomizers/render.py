"""Which engine renders."""

from cyclorama.core.render import DRAWN_ENGINE
from cyclorama.core.scene import Scene
from cyclorama.scene.chance import Dice
from cyclorama.scene.gather import Assets
from cyclorama.scene.recipe import Recipe


class Engine:
    """Where the recipe mixes engines, the one for this image; it is recorded as ``render.engine``."""

    @staticmethod
    def apply(scene: Scene, recipe: Recipe, assets: Assets, dice: Dice) -> Scene:  # noqa: ARG004
        """The scene as it is; the engine is among the draws."""
        if recipe.render.engine == "mixed":
            dice.draws[DRAWN_ENGINE] = "cycles" if dice.rng.random() < recipe.render.cycles_share else "raster"
        return scene
