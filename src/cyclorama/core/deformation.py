"""How a model is bent, dented and so on: a few numbers, which its id tells."""

import re
from dataclasses import dataclass, fields
from typing import Any

from cyclorama.core.library import LEVEL_MARK

# What an id ends with that names a deformation: "mug-3fa2b1c4d5~bend_rad=0.31,dents=2,seed=7".
_NUMBER = r"-?\d+(\.\d+)?(e-?\d+)?"
_WRITTEN = re.compile(rf"(?P<base>.+){LEVEL_MARK}(?P<numbers>[a-z_]+={_NUMBER}(,[a-z_]+={_NUMBER})*)", re.DOTALL)
# Ids hold no more digits than this, and neither do deformations.
DIGITS = 4


@dataclass(frozen=True)
class Deformation:
    """What is done to a model, in this order; 0 leaves it as it is.

    Lengths are shares of the diameter of the model's bounding sphere. "Along" is the longest edge of its box.

    Attributes:
        dents: Number of round dents, at places that the seed chooses.
        dent_depth: Of each.
        crumple: Root mean square of a smooth noise that moves every point.
        taper: By how much wider, in the middle's width, the upper end is than the lower one; within -1 .. 1.
        twist_rad: Of the upper end against the lower one.
        bend_rad: Angle between the ends, towards the shortest edge of the box.
        seed: Of dents and noise.
    """

    dents: int = 0
    dent_depth: float = 0.0
    crumple: float = 0.0
    taper: float = 0.0
    twist_rad: float = 0.0
    bend_rad: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            object.__setattr__(self, field.name, int(value) if field.type is int else float(f"{value:.{DIGITS}g}"))

    @property
    def has_dents(self) -> bool:
        """Whether there is any."""
        return bool(self.dents and self.dent_depth)

    def __bool__(self) -> bool:
        """Whether it changes anything."""
        return self.has_dents or any((self.crumple, self.taper, self.twist_rad, self.bend_rad))


def deformed_id(id: str, deformation: Deformation) -> str:
    """Id of a model that is deformed; the model's own if nothing changes."""
    values = {field.name: getattr(deformation, field.name) for field in fields(deformation)}
    told = ",".join(f"{name}={value!r}" for name, value in values.items() if value)
    return f"{id}{LEVEL_MARK}{told}" if deformation else id


def id_and_deformation(id: str) -> tuple[str, Deformation]:
    """The model's id and the deformation that ``deformed_id`` put together."""
    found = _WRITTEN.fullmatch(id)
    numbers = dict(part.split("=") for part in found["numbers"].split(",")) if found else {}
    if found is None or not numbers.keys() <= {field.name for field in fields(Deformation)}:
        return id, Deformation()
    return found["base"], Deformation(**{name: _number(text) for name, text in numbers.items()})


def _number(text: str) -> Any:
    return int(text) if text.isdecimal() else float(text)
