"""How full a vessel is, and of what, which its id tells."""

import re
from dataclasses import dataclass

from cyclorama.core.library import LEVEL_MARK

# What an id ends with that names a filling: "mug-3fa2b1c4d5~fill=0.71,liquid=coffee,up=0.0/0.0/1.0".
_NUMBER = r"-?\d\.\d+"
_WRITTEN = re.compile(
    rf"(?P<base>.+){LEVEL_MARK}fill=(?P<share>{_NUMBER}),liquid=(?P<liquid>[a-z_]+)"
    rf",up=(?P<x>{_NUMBER})/(?P<y>{_NUMBER})/(?P<z>{_NUMBER})",
    re.DOTALL,
)
# Ids hold no more decimals than this, and neither do fillings.
DECIMALS = 4


@dataclass(frozen=True)
class Filling:
    """Liquid in a vessel.

    Attributes:
        share: Of the inner height, from the lowest point to where it would run over, or to the inner top.
        liquid: Name of one of the built-in liquids.
        up: (3,) unit vector in the model's frame that is up in the world: the surface is level.
    """

    share: float
    liquid: str
    up: tuple[float, float, float] = (0.0, 0.0, 1.0)

    def __post_init__(self) -> None:
        x, y, z = (_rounded(value) for value in self.up)
        object.__setattr__(self, "share", _rounded(self.share))
        object.__setattr__(self, "up", (x, y, z))

    def __bool__(self) -> bool:
        """Whether there is any."""
        return self.share > 0


def filled_id(id: str, filling: Filling) -> str:
    """Id of a model that holds liquid; the model's own if there is none."""
    x, y, z = filling.up
    told = f"fill={filling.share!r},liquid={filling.liquid},up={x!r}/{y!r}/{z!r}"
    return f"{id}{LEVEL_MARK}{told}" if filling else id


def id_and_filling(id: str) -> tuple[str, Filling | None]:
    """The model's id and the filling that ``filled_id`` put together, or None."""
    found = _WRITTEN.fullmatch(id)
    if found is None:
        return id, None
    up = float(found["x"]), float(found["y"]), float(found["z"])
    return found["base"], Filling(float(found["share"]), found["liquid"], up)


def _rounded(value: float) -> float:
    return round(float(value), DECIMALS) + 0.0  # Never -0.0.
