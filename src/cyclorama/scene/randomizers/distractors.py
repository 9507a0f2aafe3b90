"""The looks of what is not to be found."""

from dataclasses import replace
from typing import Annotated

import numpy as np
from pydantic import Field, model_validator

from cyclorama.core.scene import Instance, Scene, Surface
from cyclorama.scene.chance import Dice
from cyclorama.scene.distributions import Distribution, number, whole_number
from cyclorama.scene.fields import Models, Photos, Textures, between, builtin_files, count_between, fixed, share
from cyclorama.scene.gathered import Assets
from cyclorama.scene.looks import LooksOptions, sample_material, sample_wear, unscaled
from cyclorama.scene.parts import surfaces_by_part

TILE_M = (0.1, 0.1, 0.1)
# The built-in model of a flying card, and its edges.
CARD = "card"
CARD_M = (0.1, 0.1, 0.1)


class DistractorsOptions(LooksOptions):
    """Things that are not to be found: built-in shapes and models from files or folders.

    Attributes:
        count: Distractors in a scene.
        models: "builtin" are a dozen simple shapes, "builtin:procedural" 236 more: supershapes, assemblies of
            primitives, letters and digits, or one family of them ("builtin:supershape", "builtin:assembly",
            "builtin:letter"). Where things fall, each new supershape or letter takes physics some ten seconds, once.
        unit: Of the files' numbers.
        relative_size: Radius of a model or card in that of a target.
        textures: What may cover them.
        textured: Chance of a texture; else a colour, of which an eighth each are metal and glass.
        own_material: Chance that a model from a file keeps its own.
        hue_shift_deg: By which the hue of their textures and colours is turned.
        hard_negatives: Models that look like a target but are none; they keep their own size and material.
        hard_negative_share: Share of distractors that are of ``hard_negatives``, if there are any.
        of_targets: Share of distractors that have a target's shape and size, but never its material, and no label
            (``geometry.distractors`` deforms them). Right only if colour and texture tell a target from what is none:
            where the detector is to know a target by its shape, or material.families, textures or hue shifts give
            targets other looks too, this teaches it to overlook targets.
        cards: Share of distractors that are thin cards with a picture.
        photos: Pictures of cards.
    """

    count: Annotated[Distribution, whole_number(0, 500)] = count_between(0, 8)
    models: Models = builtin_files()
    unit: str = "m"
    relative_size: Annotated[Distribution, number(0.01, 100)] = between(0.4, 1.4)
    textures: Textures = builtin_files()
    textured: float = share(0.5)
    own_material: float = share(0.5)
    hue_shift_deg: Annotated[Distribution, number(-180, 180)] = fixed(0.0)
    hard_negatives: Models = Field(default=[])
    hard_negative_share: float = share(0.3)
    of_targets: float = share(0.0)
    cards: float = share(0.0)
    photos: Photos = builtin_files()

    @model_validator(mode="after")
    def _shares_fit(self) -> "DistractorsOptions":
        if min(self.roles.values()) < 0:
            raise ValueError("hard_negative_share, of_targets and cards add up to more than 1")
        return self

    @property
    def roles(self) -> dict[str, float]:
        """Shares of what distractors can be; "model" is always among them."""
        shares = {
            "hard_negative": self.hard_negative_share if self.hard_negatives else 0.0,
            "target": self.of_targets,
            "card": self.cards,
        }
        used = {role: share for role, share in shares.items() if share}
        return {"model": round(1 - sum(used.values()), 9), **used}

    def unused_files(self) -> tuple[str, ...]:
        """Models, if there are to be no distractors; pictures, if no cards."""
        unused = (*super().unused_files(), *(() if self.cards else ("photos",)))
        return unused if self.count.range[1] > 0 else (*unused, "models", "hard_negatives")


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
    resource = assets.library.resource(instance.model)
    if resource.id in assets.files["distractors.hard_negatives"]:
        return Surface(hue_shift_rad=hue)
    if resource.id == assets.fixtures.get(CARD):
        return _card(assets, dice)
    plain = resource.source.startswith("builtin:") or resource.id in assets.targets
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


def _card(assets: Assets, dice: Dice) -> Surface:
    """With a picture that covers it once."""
    photo, roughness = dice.pick("photo", assets.files["distractors.photos"]), float(dice.rng.uniform(0.1, 0.9))
    return Surface(texture=photo, tile_m=CARD_M, roughness=roughness, metallic=0.0)
