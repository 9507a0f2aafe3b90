"""Changes to the targets' materials."""

from dataclasses import replace
from typing import Annotated

import numpy as np
from pydantic import Field

from cyclorama.core.scene import Instance, Scene, Surface
from cyclorama.scene.chance import Dice
from cyclorama.scene.decals import DecalOptions, sample_decals
from cyclorama.scene.distributions import Distribution, number
from cyclorama.scene.fields import Labels, Patterns, Textures, builtin_files, fixed, share
from cyclorama.scene.gathered import Assets
from cyclorama.scene.labels import label_materials
from cyclorama.scene.looks import LooksOptions, sample_material, sample_wear, unscaled
from cyclorama.scene.parts import surfaces_by_part


class MaterialOptions(DecalOptions, LooksOptions):
    """Changes to the targets' own materials; each happens with its probability.

    Attributes:
        hue_shift_deg: By which the hue of their textures and colours is turned.
        saturation: Factor on that of their colours.
        value: Factor on the brightness of their colours.
        roughness: In place of the model's; left out, its own.
        metallic: In place of the model's; left out, its own.
        transmission: Share of the light that passes through, 1 for glass; left out, the model's own.
        probability: Share whose roughness, metallic and transmission change.
        texture_probability: Share that is covered with one of ``textures``.
        textures: What may replace the model's colours.
        label_probability: Share whose labels are others: pictures in place of those of a material of the model's own,
            on its own texture coordinates. What is covered with a texture or of a family shows no label.
        labels: Pictures for labels.
        label_parts: Which are labels: names of the model's materials or textures, or patterns of them ("label*");
            may be left out where a model has one texture.
    """

    hue_shift_deg: Annotated[Distribution, number(-180, 180)] = fixed(0.0)
    saturation: Annotated[Distribution, number(0, 4)] = fixed(1.0)
    value: Annotated[Distribution, number(0, 4)] = fixed(1.0)
    roughness: Annotated[Distribution, number(0, 1)] | None = None
    metallic: Annotated[Distribution, number(0, 1)] | None = None
    transmission: Annotated[Distribution, number(0, 1)] | None = None
    probability: float = share(0.5)
    texture_probability: float = share(0.0)
    textures: Textures = builtin_files()
    label_probability: float = share(0.0)
    labels: Labels = builtin_files()
    label_parts: Patterns = Field(default=[])

    def unused_files(self) -> tuple[str, ...]:
        """Labels, if none are to be swapped; decals, if there are none."""
        labels = () if self.label_probability else ("labels",)
        return (*super().unused_files(), *labels, *(() if self.has_decals else ("decals",)))


class Material:
    """Hue, roughness and metallic shifts, or another texture, for each target by itself; all of one part look alike."""

    @staticmethod
    def apply(scene: Scene, options: MaterialOptions, assets: Assets, dice: Dice) -> Scene:
        """The scene with its targets' surfaces decided."""
        mine = [i for i in scene.instances if i.layer == "target"]
        surfaces = surfaces_by_part(mine, lambda i: _surface(i, options, assets, dice))
        # What lies on a model of its own; after all else, so that it moves nothing.
        surfaces |= {i.id: _labelled(surfaces[i.id], i, options, assets, dice) for i in mine}
        surfaces |= {i.id: _stuck_on(surfaces[i.id], i, options, assets, dice) for i in mine}
        return replace(
            scene, instances=tuple(replace(i, surface=surfaces.get(i.id, i.surface)) for i in scene.instances)
        )


def _labelled(surface: Surface, instance: Instance, options: MaterialOptions, assets: Assets, dice: Dice) -> Surface:
    if not options.label_probability:
        return surface
    slots = label_materials(assets.library.model(instance.model), options.label_parts)
    if not slots or not dice.happens("labelled", options.label_probability):
        return surface
    return replace(surface, label=dice.pick("label", assets.files["material.labels"]), label_materials=slots)


def _stuck_on(surface: Surface, instance: Instance, options: MaterialOptions, assets: Assets, dice: Dice) -> Surface:
    model, ids = assets.library.model(instance.model), assets.files["material.decals"]
    return replace(surface, decals=sample_decals(model, options, ids, assets, dice))


def _surface(instance: Instance, options: MaterialOptions, assets: Assets, dice: Dice) -> Surface:
    hue = np.radians(dice.draw("hue_shift_deg", options.hue_shift_deg))
    saturation, value = dice.draw("saturation", options.saturation), dice.draw("value", options.value)
    surface = Surface(hue_shift_rad=float(hue), saturation=saturation, value=value)
    if dice.happens("changed", options.probability):
        roughness = None if options.roughness is None else dice.draw("roughness", options.roughness)
        metallic = None if options.metallic is None else dice.draw("metallic", options.metallic)
        transmission = None if options.transmission is None else dice.draw("transmission", options.transmission)
        surface = replace(surface, roughness=roughness, metallic=metallic, transmission=transmission)
    if dice.happens("textured", options.texture_probability):
        surface = replace(surface, texture=dice.pick("texture", assets.files["material.textures"]))
    made = sample_material(options, assets.files["material.families"], assets, dice)
    if made is not None:
        made = unscaled(made, instance)
        surface = replace(made, hue_shift_rad=float(hue), saturation=saturation, value=value)
    return sample_wear(surface, options, assets, dice)
