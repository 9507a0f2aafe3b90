"""Shapes that differ from the model's: opened, stretched, bent, twisted, dented, crumpled."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated

import numpy as np
from pydantic import AfterValidator, Field

from cyclorama.assets.liquids import LIQUIDS
from cyclorama.assets.rest import rests_of
from cyclorama.core.articulation import posed_id
from cyclorama.core.deformation import Deformation, deformed_id
from cyclorama.core.errors import InputError, did_you_mean
from cyclorama.core.joints import Shares
from cyclorama.core.library import Library
from cyclorama.core.model import Model
from cyclorama.scene.chance import Dice
from cyclorama.scene.distributions import Distribution, number, whole_number
from cyclorama.scene.fields import ONE_AS_LIST, Section, between, fixed, share
from cyclorama.scene.layout import Thing

# Exclusive; a deformation's dents and noise are drawn by seeds up to this.
MOST_SEEDS = 2**31
# Models that a message names.
SHOWN = 3


def _known_liquid(name: str) -> str:
    if name not in LIQUIDS:
        raise ValueError(f"no liquid '{name}'.{did_you_mean(name, LIQUIDS)}")
    return name


Liquids = Annotated[list[Annotated[str, AfterValidator(_known_liquid)]], ONE_AS_LIST]


class GeometryOptions(Section):
    """By how much shapes differ from their models; labels are those of the shape that is shown.

    Lengths are shares of the diameter of the model's bounding sphere. A deformed model takes a tenth of a second
    longer than its model, which is prepared once.

    Attributes:
        probability: Share of targets that differ.
        distractors: Share of distractors that differ.
        aspect: Factor on the size along each of the model's axes, drawn for each.
        bend_deg: Angle between the two ends of the longest edge of the model's box, towards its shortest.
        twist_deg: Of one end of the longest edge against the other.
        taper: By how much wider one end is than the other, in the middle's width.
        dents: Number of them.
        dent_depth: Of each.
        crumple: Root mean square of a smooth noise that moves the surface.
        joints: How far each joint of a robot file (.urdf) is open, as a share of its way from 0 in the file to the
            farther one of its limits, below 0 to the other one; of what turns without limits 1 is a full turn.
        fill: Share of a vessel's inner height that holds liquid, level as the vessel stands: of a cup up to where it
            would run over, so none if it lies on its side; of a closed bottle of glass always. Left out, none.
        liquids: What it is: water, coffee, tea, cola, juice, milk, wine or oil.
    """

    probability: float = share(1.0)
    distractors: float = share(0.0)
    aspect: Annotated[Distribution, number(0.2, 5)] = fixed(1.0)
    bend_deg: Annotated[Distribution, number(-90, 90)] = fixed(0.0)
    twist_deg: Annotated[Distribution, number(-180, 180)] = fixed(0.0)
    taper: Annotated[Distribution, number(-1, 1)] = fixed(0.0)
    dents: Annotated[Distribution, whole_number(0, 20)] = fixed(0.0)
    dent_depth: Annotated[Distribution, number(0, 0.1)] = between(0.02, 0.06)
    crumple: Annotated[Distribution, number(0, 0.04)] = fixed(0.0)
    joints: Annotated[Distribution, number(-1, 1)] = fixed(0.0)
    fill: Annotated[Distribution, number(0, 1)] | None = None
    liquids: Liquids = Field(default=list(LIQUIDS), min_length=1)

    @property
    def changes_anything(self) -> bool:
        """Whether a shape could differ at all."""
        amounts = (self.bend_deg, self.twist_deg, self.taper, self.dents, self.crumple, self.joints)
        return self.aspect.range != (1.0, 1.0) or any(amount.range != (0.0, 0.0) for amount in amounts)


def shaped(thing: Thing, options: GeometryOptions, library: Library, dice: Dice) -> Thing:
    """The thing, or one that differs from it in shape: of a model of its own, whose id tells how it is deformed."""
    probability = options.distractors if thing.layer == "distractor" else options.probability
    if not options.changes_anything or not dice.happens("changed", probability):
        return thing
    deformation = sample_deformation(options, dice)
    model = library.model(deformed_id(posed_id(thing.model.id, sample_shares(thing.model, options, dice)), deformation))
    aspect = np.array([dice.draw(f"aspect.{axis}", options.aspect) for axis in "xyz"])
    made = replace(thing, model=model, scale=thing.scale * aspect)
    return made if thing.rests is None else replace(made, rests=rests_of(made.outline_m()))


def sample_shares(model: Model, options: GeometryOptions, dice: Dice) -> Shares:
    """How far each joint of a model that moves by itself is open; none is drawn where all stay at rest."""
    if options.joints.range == (0.0, 0.0):
        return {}
    return {i: dice.draw("joints", options.joints) for i, joint in enumerate(model.joints) if joint.leader < 0}


def check_joints(options: GeometryOptions, targets: Iterable[Model], distractors: Iterable[Model]) -> None:
    """See that what the recipe asks of joints can be done.

    Raises:
        InputError: No model that may differ has one.
    """
    if options.joints.range == (0.0, 0.0):
        return
    may_differ = [*(targets if options.probability else ()), *(distractors if options.distractors else ())]
    if may_differ and not any(model.joints for model in may_differ):
        names = ", ".join(dict.fromkeys(model.name for model in may_differ[:SHOWN]))
        raise InputError(f"no joint to open in {names}; name a .urdf file among the models, or leave joints out")


def sample_deformation(options: GeometryOptions, dice: Dice) -> Deformation:
    """By how much one model is deformed."""
    return Deformation(
        dents=dice.count("dents", options.dents),
        dent_depth=dice.draw("dent_depth", options.dent_depth),
        crumple=dice.draw("crumple", options.crumple),
        taper=dice.draw("taper", options.taper),
        twist_rad=float(np.radians(dice.draw("twist_deg", options.twist_deg))),
        bend_rad=float(np.radians(dice.draw("bend_deg", options.bend_deg))),
        seed=int(dice.rng.integers(MOST_SEEDS)),
    )
