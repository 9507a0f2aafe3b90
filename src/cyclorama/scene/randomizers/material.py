"""Changes to the targets' materials."""

from dataclasses import replace

import numpy as np

from cyclorama.core.scene import Instance, Scene, Surface
from cyclorama.scene.chance import Dice
from cyclorama.scene.gather import Assets
from cyclorama.scene.recipe import Recipe


class Material:
    """Hue, roughness and metallic shifts, or another texture, for each target by itself."""

    @staticmethod
    def apply(scene: Scene, recipe: Recipe, assets: Assets, dice: Dice) -> Scene:
        """The scene with its targets' surfaces decided."""
        changed = (
            replace(i, surface=_surface(recipe, assets, dice)) if i.layer == "target" else i for i in scene.instances
        )
        return replace(scene, instances=tuple[Instance, ...](changed))


def _surface(recipe: Recipe, assets: Assets, dice: Dice) -> Surface:
    section = recipe.material
    hue = np.radians(dice.draw("hue_shift_deg", section.hue_shift_deg))
    surface = Surface(hue_shift_rad=float(hue))
    if dice.happens("changed", section.probability):
        roughness = None if section.roughness is None else dice.draw("roughness", section.roughness)
        metallic = None if section.metallic is None else dice.draw("metallic", section.metallic)
        surface = replace(surface, roughness=roughness, metallic=metallic)
    if dice.happens("textured", section.texture_probability):
        surface = replace(surface, texture=dice.pick("texture", assets.material_textures))
    return surface
