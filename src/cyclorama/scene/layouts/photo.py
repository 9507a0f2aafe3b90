"""Things rest in a photograph."""

from typing import ClassVar, Literal

from cyclorama.core.scene import CATCHER
from cyclorama.scene.layouts.tabletop import Tabletop, TabletopOptions


class PhotoOptions(TabletopOptions):
    """Keys of ``kind: photo``, which are those of a tabletop."""

    ground_layer: ClassVar = CATCHER
    backdrop: ClassVar = "photo"

    kind: Literal["photo"] = "photo"  # type: ignore[assignment]


class Photo(Tabletop):
    """As on a tabletop, but of the ground nothing is seen save the shadow that falls on the backdrop."""

    options: ClassVar = PhotoOptions
