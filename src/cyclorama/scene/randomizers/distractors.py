"""The looks of what is not to be found."""

from dataclasses import replace

from cyclorama.core.scene import Instance, Scene, Surface
from cyclorama.scene.chance import Dice
from cyclorama.scene.gather import Assets
from cyclorama.scene.recipe import Recipe


class Distractors:
    """Models keep their own material or, as built-in shapes always do, take a colour, a texture, metal or glass."""

    @staticmethod
    def apply(scene: Scene, recipe: Recipe, assets: Assets, dice: Dice) -> Scene:
        """The scene with its distractors' surfaces decided."""
        changed = (_changed(i, recipe, assets, dice) if i.layer == "distractor" else i for i in scene.instances)
        return replace(scene, instances=tuple(changed))


def _changed(instance: Instance, recipe: Recipe, assets: Assets, dice: Dice) -> Instance:
    section = recipe.distractors
    plain = assets.library.resources[instance.model].source.startswith("builtin:")
    if not plain and dice.happens("own_material", section.own_material):
        return instance
    surface = Surface(roughness=float(dice.rng.uniform(0.05, 0.95)))
    if dice.happens("textured", section.textured):
        surface = replace(surface, texture=dice.pick("texture", assets.distractor_textures), texture_scale_m=0.1)
    else:
        surface = replace(surface, base_color=dice.color("color"))
    kind = dice.pick("kind", ("paint",) * 6 + ("metal", "glass"))
    if kind == "metal":
        surface = replace(surface, metallic=1.0, roughness=float(dice.rng.uniform(0.02, 0.5)))
    if kind == "glass":
        surface = replace(surface, transmission=1.0, roughness=float(dice.rng.uniform(0.0, 0.2)))
    return replace(instance, surface=surface)
