"""The looks of what is not to be found."""

from dataclasses import replace
from typing import Annotated

from cyclorama.core.scene import Instance, Scene, Surface
from cyclorama.scene.chance import Dice
from cyclorama.scene.distributions import Distribution, number, whole_number
from cyclorama.scene.fields import Models, Section, Textures, between, builtin_files, count_between, share
from cyclorama.scene.gathered import Assets

TILE_M = (0.1, 0.1, 0.1)


class DistractorsOptions(Section):
    """Things that are not to be found: built-in shapes and models from files or folders."""

    count: Annotated[Distribution, whole_number(0, 500)] = count_between(0, 8)
    models: Models = builtin_files()
    unit: str = "m"
    relative_size: Annotated[Distribution, number(0.01, 100)] = between(0.4, 1.4)
    textures: Textures = builtin_files()
    textured: float = share(0.5)
    own_material: float = share(0.5)

    def unused_files(self) -> tuple[str, ...]:
        """Models, if there are to be no distractors."""
        return () if self.count.range[1] > 0 else ("models",)


class Distractors:
    """Models keep their own material or, as built-in shapes always do, take a colour, a texture, metal or glass."""

    @staticmethod
    def apply(scene: Scene, options: DistractorsOptions, assets: Assets, dice: Dice) -> Scene:
        """The scene with its distractors' surfaces decided."""
        changed = (_changed(i, options, assets, dice) if i.layer == "distractor" else i for i in scene.instances)
        return replace(scene, instances=tuple(changed))


def _changed(instance: Instance, options: DistractorsOptions, assets: Assets, dice: Dice) -> Instance:
    plain = assets.library.resources[instance.model].source.startswith("builtin:")
    if not plain and dice.happens("own_material", options.own_material):
        return instance
    surface = Surface(roughness=float(dice.rng.uniform(0.05, 0.95)))
    if dice.happens("textured", options.textured):
        surface = replace(surface, texture=dice.pick("texture", assets.files["distractors.textures"]), tile_m=TILE_M)
    else:
        surface = replace(surface, base_color=dice.color("color"))
    kind = dice.pick("kind", ("paint",) * 6 + ("metal", "glass"))
    if kind == "metal":
        surface = replace(surface, metallic=1.0, roughness=float(dice.rng.uniform(0.02, 0.5)))
    if kind == "glass":
        surface = replace(surface, transmission=1.0, roughness=float(dice.rng.uniform(0.0, 0.2)))
    return replace(instance, surface=surface)
