"""Things rest in a photograph."""

from collections.abc import Sequence
from typing import ClassVar, Literal

import numpy as np

from cyclorama.core.scene import CATCHER
from cyclorama.scene.layout import Placed, Stage, Thing
from cyclorama.scene.layouts.tabletop import Tabletop, TabletopOptions


class PhotoOptions(TabletopOptions):
    """Keys of ``kind: photo``, which are those of a tabletop."""

    ground_layer: ClassVar = CATCHER
    backdrop: ClassVar = "photo"

    kind: Literal["photo"] = "photo"  # type: ignore[assignment]


class Photo:
    """As on a tabletop, but of the ground nothing is seen save the shadow that falls on the backdrop."""

    options: ClassVar = PhotoOptions
    has_ground: ClassVar = True
    fixtures: ClassVar = ()

    @staticmethod
    def place(things: Sequence[Thing], stage: Stage, options: PhotoOptions, rng: np.random.Generator) -> list[Placed]:
        """Places of those things that find one within the limits."""
        return Tabletop.place(things, stage, options, rng)
