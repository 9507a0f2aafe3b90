"""Liquid in vessels, once they are at their places: its surface is level there."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from cyclorama.assets.fill import shows_liquid
from cyclorama.assets.vessels import CLEAR
from cyclorama.core.errors import InputError
from cyclorama.core.filling import Filling, filled_id
from cyclorama.core.library import Library
from cyclorama.core.model import Model
from cyclorama.scene.chance import Dice
from cyclorama.scene.distributions import Distribution
from cyclorama.scene.geometry import GeometryOptions
from cyclorama.scene.layout import Placed
from cyclorama.scene.randomizers.material import MaterialOptions

# Models that a message names.
SHOWN = 3
EXPECTED = (
    "expected a hollow that is open at the top, or a closed surface that is clear (material.transmission); "
    "repair a mesh with holes, or leave fill out"
)


@dataclass(frozen=True)
class Pouring:
    """What a recipe says of liquids.

    Attributes:
        share: Of the inner height; None for none.
        liquids: Names.
        probability: Of targets that hold some, if they can.
        distractors: Of distractors.
        makes_glass: Whether targets' materials may become clear.
    """

    share: Distribution | None
    liquids: tuple[str, ...]
    probability: float
    distractors: float
    makes_glass: bool

    @classmethod
    def of(cls, geometry: GeometryOptions, material: MaterialOptions) -> "Pouring":
        """Of the sections of a recipe."""
        clearest = 0.0 if material.transmission is None else material.transmission.range[1]
        makes_glass = bool(material.probability) and clearest > CLEAR
        return cls(geometry.fill, tuple(geometry.liquids), geometry.probability, geometry.distractors, makes_glass)

    def check(self, targets: Iterable[Model], distractors: Iterable[Model]) -> None:
        """See that there is a vessel, if there is to be liquid.

        Raises:
            InputError: No model that may hold liquid can.
        """
        if self.share is None:
            return
        may_hold = [(model, self.makes_glass) for model in targets] if self.probability else []
        may_hold += [(model, False) for model in distractors] if self.distractors else []
        if may_hold and not any(shows_liquid(model, is_glass=is_glass) for model, is_glass in may_hold):
            names = ", ".join(dict.fromkeys(model.name for model, _ in may_hold[:SHOWN]))
            raise InputError(f"{names} can't hold liquid that is seen; {EXPECTED}")

    def into(self, placed: Placed, library: Library, dice: Dice) -> Placed:
        """The thing at its place, with liquid if it happens to get some and can hold it."""
        thing = placed.thing
        if self.share is None or thing.layer not in ("target", "distractor"):
            return placed
        is_target = thing.layer == "target"
        if not dice.happens("filled", self.probability if is_target else self.distractors):
            return placed
        filling = Filling(dice.draw("fill", self.share), dice.pick("liquid", self.liquids), _up_in(placed))
        if not filling or not shows_liquid(thing.model, filling.up, is_glass=is_target and self.makes_glass):
            return placed
        return replace(placed, thing=replace(thing, model=library.model(filled_id(thing.model.id, filling))))


def _up_in(placed: Placed) -> tuple[float, float, float]:
    """Normal of level planes in the frame of the thing's model, which is scaled after."""
    normal = placed.world_from_object[2, :3] * placed.thing.scale
    x, y, z = (float(value) for value in normal / np.linalg.norm(normal))
    return x, y, z
