"""What things rest on."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from cyclorama.core.scene import Instance, Scene, Surface
from cyclorama.scene.chance import Dice
from cyclorama.scene.distributions import Distribution, number
from cyclorama.scene.fields import Photos, Textures, between, builtin_files, share
from cyclorama.scene.gathered import Assets
from cyclorama.scene.looks import LooksOptions, sample_material, sample_wear, unscaled

LAYERS = ("ground", "setting")


class GroundOptions(LooksOptions):
    """What things rest on, where the layout has a ground.

    Attributes:
        color_probability: Chance of one plain colour.
        photo_probability: Chance of a photograph, if there are any; else a texture.
        textures: What may cover it.
        photos: Pictures of floors and tables.
        texture_size_m: Edge of one tile.
        roughness: From 0, a mirror, to 1, matt.
        size_m: Edge of the ground.
    """

    color_probability: float = share(0.15)
    photo_probability: float = share(0.2)
    textures: Textures = builtin_files()
    photos: Photos = Field(default=[])
    texture_size_m: Annotated[Distribution, number(0.01, 100)] = between(0.2, 1.2)
    roughness: Annotated[Distribution, number(0, 1)] = between(0.2, 0.9)
    size_m: float = Field(default=8.0, gt=0)


class Ground:
    """Colour, texture or photograph of the ground, and of every other part of the setting."""

    @staticmethod
    def apply(scene: Scene, options: GroundOptions, assets: Assets, dice: Dice) -> Scene:
        """The scene with the surfaces of its setting decided; all of one part have the same."""
        parts = dict.fromkeys(i.part for i in scene.instances if i.layer in LAYERS)
        surfaces = {part: sample_wear(_surface(options, assets, dice), options, assets, dice) for part in parts}
        changed = (_covered(i, surfaces[i.part]) if i.layer in LAYERS else i for i in scene.instances)
        return replace(scene, instances=tuple(changed))


def _covered(instance: Instance, surface: Surface) -> Instance:
    """With tiles as large as they are on a thing that has not been scaled; what glows keeps glowing."""
    emission = instance.surface.emission
    return replace(instance, surface=replace(unscaled(surface, instance), emission=emission))


def _surface(options: GroundOptions, assets: Assets, dice: Dice) -> Surface:
    made = sample_material(options, assets.files["ground.families"], assets, dice)
    if made is not None:
        return made
    roughness = dice.draw("roughness", options.roughness)
    if dice.happens("plain", options.color_probability):
        return Surface(base_color=dice.color("color"), roughness=roughness, metallic=0.0)
    photo = bool(assets.files["ground.photos"]) and dice.happens("photo", options.photo_probability)
    image = dice.pick("texture", assets.files["ground.photos"] if photo else assets.files["ground.textures"])
    tile = dice.draw("texture_size_m", options.texture_size_m)
    return Surface(texture=image, tile_m=(tile, tile, tile), roughness=roughness, metallic=0.0)
