"""Things stand or float inside an environment map."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

import numpy as np

from cyclorama.core.geometry import rigid
from cyclorama.core.scene import CATCHER
from cyclorama.scene.distributions import Distribution, number
from cyclorama.scene.fields import fixed
from cyclorama.scene.layout import Placed, Stage, Thing
from cyclorama.scene.layouts.tabletop import Tabletop, TabletopOptions
from cyclorama.scene.placing.dropping import seen_ones


class HdriOptions(TabletopOptions):
    """Keys of ``kind: hdri``: those of a tabletop, and one.

    Attributes:
        lift_m: How high above where it would stand each thing floats.
    """

    ground_layer: ClassVar = CATCHER
    backdrop: ClassVar = "environment"

    kind: Literal["hdri"] = "hdri"  # type: ignore[assignment]
    lift_m: Annotated[Distribution, number(0, 100)] = fixed(0.0)


class Hdri:
    """As on a tabletop, or above it; of the ground nothing is seen save the shadow that falls on the environment."""

    options: ClassVar = HdriOptions

    @staticmethod
    def place(things: Sequence[Thing], stage: Stage, options: HdriOptions, rng: np.random.Generator) -> list[Placed]:
        """Places of those things that find one within the limits, also when they are lifted."""
        placed = Tabletop.place(things, stage, options, rng)
        lifted = [_lifted(p, options.lift_m.draw(rng)) for p in placed]
        return seen_ones(lifted, stage.camera, options)


def _lifted(placed: Placed, height_m: float) -> Placed:
    return Placed(placed.thing, rigid(np.eye(3), [0, 0, height_m]) @ placed.world_from_object)
