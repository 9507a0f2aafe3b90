"""Materials and wear, which targets, distractors and the setting draw alike."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from cyclorama.assets.material_sets import surface_of
from cyclorama.core.scene import Instance, Surface
from cyclorama.scene.chance import Dice
from cyclorama.scene.distributions import Distribution, number
from cyclorama.scene.fields import Materials, Section, between, fixed, share
from cyclorama.scene.gathered import Assets


class LooksOptions(Section):
    """Keys of all parts that can be of another material, or worn.

    Attributes:
        families: Materials: "builtin", "builtin:FAMILY" (brushed_metal, cast_metal, wood, cardboard, paper, fabric,
            ceramic, rubber, plastic), or folders of sets of maps as ambientCG and Poly Haven name them.
        family_probability: Share that is of one of these materials.
        family_size: Factor on the real size of a built-in material's tile, and on 1 m for sets of maps.
        wear: How strongly scratches, smudges, fingerprints or dust show: dull, and a little dusty.
        wear_edges: How far paint is worn off along sharp edges: lighter and rough, in patches up to 1 % of the diameter
            wide on average. What has no edges but rounded ones shows none.
    """

    families: Materials = Field(default=["builtin"], min_length=1)
    family_probability: float = share(0.0)
    family_size: Annotated[Distribution, number(0.01, 100)] = between(0.7, 1.5)
    wear: Annotated[Distribution, number(0, 1)] = fixed(0.0)
    wear_edges: Annotated[Distribution, number(0, 1)] = fixed(0.0)

    @property
    def shows_wear(self) -> bool:
        """Whether anything could be worn."""
        return max(self.wear.range[1], self.wear_edges.range[1]) > 0

    def unused_files(self) -> tuple[str, ...]:
        """Families, if nothing is to be of them."""
        return () if self.family_probability else ("families",)


def sample_material(options: LooksOptions, ids: tuple[str, ...], assets: Assets, dice: Dice) -> Surface | None:
    """One of the materials of those ids, or None for another look; for a thing that is not scaled."""
    if not options.family_probability or not dice.happens("of_family", options.family_probability):
        return None
    surface = surface_of(assets.library.resources[dice.pick("family", ids)])
    edge = dice.draw("family_size", options.family_size) * surface.tile_m[0]
    return replace(surface, tile_m=(edge, edge, edge))


def sample_wear(surface: Surface, options: LooksOptions, assets: Assets, dice: Dice) -> Surface:
    """The surface, worn if the options say so."""
    if not options.shows_wear:
        return surface
    strength = dice.draw("wear", options.wear)
    worn = replace(surface, wear=dice.pick("wear_kind", assets.files["wear"]), wear_strength=strength)
    if not options.wear_edges.range[1]:
        return worn
    return replace(worn, edge_wear=dice.draw("wear_edges", options.wear_edges))


def unscaled(surface: Surface, instance: Instance) -> Surface:
    """With tiles as large as they are on a thing that is not scaled."""
    x, y, z = (tile / abs(scale) for tile, scale in zip(surface.tile_m, instance.scale, strict=True))
    return replace(surface, tile_m=(x, y, z))
