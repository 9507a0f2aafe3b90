"""Changes to the targets' materials."""

from dataclasses import replace
from typing import Annotated

import numpy as np

from cyclorama.core.scene import Scene, Surface
from cyclorama.scene.chance import Dice
from cyclorama.scene.distributions import Distribution, number
from cyclorama.scene.fields import Section, Textures, builtin_files, fixed, share
from cyclorama.scene.gathered import Assets
from cyclorama.scene.parts import surfaces_by_part


class MaterialOptions(Section):
    """Changes to the targets' own materials; each happens with its probability."""

    hue_shift_deg: Annotated[Distribution, number(-180, 180)] = fixed(0.0)
    roughness: Annotated[Distribution, number(0, 1)] | None = None
    metallic: Annotated[Distribution, number(0, 1)] | None = None
    probability: float = share(0.5)
    texture_probability: float = share(0.0)
    textures: Textures = builtin_files()


class Material:
    """Hue, roughness and metallic shifts, or another texture, for each target by itself; all of one part look alike."""

    @staticmethod
    def apply(scene: Scene, options: MaterialOptions, assets: Assets, dice: Dice) -> Scene:
        """The scene with its targets' surfaces decided."""
        mine = [i for i in scene.instances if i.layer == "target"]
        surfaces = surfaces_by_part(mine, lambda _: _surface(options, assets, dice))
        return replace(
            scene, instances=tuple(replace(i, surface=surfaces.get(i.id, i.surface)) for i in scene.instances)
        )


def _surface(options: MaterialOptions, assets: Assets, dice: Dice) -> Surface:
    hue = np.radians(dice.draw("hue_shift_deg", options.hue_shift_deg))
    surface = Surface(hue_shift_rad=float(hue))
    if dice.happens("changed", options.probability):
        roughness = None if options.roughness is None else dice.draw("roughness", options.roughness)
        metallic = None if options.metallic is None else dice.draw("metallic", options.metallic)
        surface = replace(surface, roughness=roughness, metallic=metallic)
    if dice.happens("textured", options.texture_probability):
        surface = replace(surface, texture=dice.pick("texture", assets.files["material.textures"]))
    return surface
