"""The looks of what is not to be found."""

from dataclasses import replace
from typing import Annotated

import numpy as np

from cyclorama.core.scene import Instance, Scene, Surface
from cyclorama.scene.chance import Dice
from cyclorama.scene.distributions import Distribution, number, whole_number
from cyclorama.scene.fields import Models, Textures, between, builtin_files, count_between, fixed, share
from cyclorama.scene.gathered import Assets
from cyclorama.scene.looks import LooksOptions, sample_material, sample_wear, unscaled
from cyclorama.scene.parts import surfaces_by_part

TILE_M = (0.1, 0.1, 0.1)


class DistractorsOptions(LooksOptions):
    """Things that are not to be found: built-in shapes and models from files or folders.

    Attributes:
        hue_shift_deg: By which the hue of their textures and colours is turned.
    """

    count: Annotated[Distribution, whole_number(0, 500)] = count_between(0, 8)
    models: Models = builtin_files()
    unit: str = "m"
    relative_size: Annotated[Distribution, number(0.01, 100)] = between(0.4, 1.4)
    textures: Textures = builtin_files()
    textured: float = share(0.5)
    own_material: float = share(0.5)
    hue_shift_deg: Annotated[Distribution, number(-180, 180)] = fixed(0.0)

    def unused_files(self) -> tuple[str, ...]:
        """Models, if there are to be no distractors."""
        return (*super().unused_files(), *(() if self.count.range[1] > 0 else ("models",)))


class Distractors:
    """Models keep their own material or, as built-in shapes always do, take a colour, a texture, metal or glass.

    All of one part look alike.
    """

    @staticmethod
    def apply(scene: Scene, options: DistractorsOptions, assets: Assets, dice: Dice) -> Scene:
        """The scene with its distractors' surfaces decided."""
        mine = [i for i in scene.instances if i.layer == "distractor"]
        surfaces = surfaces_by_part(
            mine, lambda i: sample_wear(_surface(i, options, assets, dice), options, assets, dice)
        )
        return replace(
            scene, instances=tuple(replace(i, surface=surfaces.get(i.id, i.surface)) for i in scene.instances)
        )


def _surface(instance: Instance, options: DistractorsOptions, assets: Assets, dice: Dice) -> Surface:
    hue = float(np.radians(dice.draw("hue_shift_deg", options.hue_shift_deg)))
    plain = assets.library.resource(instance.model).source.startswith("builtin:")
    if not plain and dice.happens("own_material", options.own_material):
        return Surface(hue_shift_rad=hue)
    made = sample_material(options, assets.files["distractors.families"], assets, dice)
    if made is not None:
        return replace(unscaled(made, instance), hue_shift_rad=hue)
    surface = Surface(hue_shift_rad=hue, roughness=float(dice.rng.uniform(0.05, 0.95)))
    if dice.happens("textured", options.textured):
        surface = replace(surface, texture=dice.pick("texture", assets.files["distractors.textures"]), tile_m=TILE_M)
    else:
        surface = replace(surface, base_color=dice.color("color"))
    kind = dice.pick("kind", ("paint",) * 6 + ("metal", "glass"))
    if kind == "metal":
        surface = replace(surface, metallic=1.0, roughness=float(dice.rng.uniform(0.02, 0.5)))
    if kind == "glass":
        surface = replace(surface, transmission=1.0, roughness=float(dice.rng.uniform(0.0, 0.2)))
    return surface
