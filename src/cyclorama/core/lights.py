"""Environment maps that no file holds: their ids tell what they are made from."""

import re
from dataclasses import dataclass

_FROM_PHOTO = "/light"


def photo_light_id(photo: str) -> str:
    """Id of the environment that is estimated from the image with that id: "desk-3fa2b1c4d5/light"."""
    return photo + _FROM_PHOTO


def photo_of_light(id: str) -> str | None:
    """The image's id that ``photo_light_id`` was given; None for an environment of another kind."""
    return id.removesuffix(_FROM_PHOTO) if id.endswith(_FROM_PHOTO) else None


_SKY = re.compile(r"sky~sun_deg=(?P<sun_deg>\d+\.\d),turbidity=(?P<turbidity>\d+\.\d)")


@dataclass(frozen=True)
class Sky:
    """A cloudless sky; its numbers have one digit after the point, as its id has.

    Attributes:
        sun_deg: Height of the sun above the horizon, 0 .. 90.
        turbidity: Haze: 2 is clear air, 10 is haze that the sun hardly comes through.
    """

    sun_deg: float
    turbidity: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "sun_deg", round(self.sun_deg, 1))
        object.__setattr__(self, "turbidity", round(self.turbidity, 1))


def sky_id(sky: Sky) -> str:
    """Id of the environment of a sky: "sky~sun_deg=31.5,turbidity=3.0"; the sun is above the map's middle column."""
    return f"sky~sun_deg={sky.sun_deg:.1f},turbidity={sky.turbidity:.1f}"


def sky_of(id: str) -> Sky | None:
    """The sky that ``sky_id`` was given; None for an environment of another kind."""
    found = _SKY.fullmatch(id)
    return Sky(float(found["sun_deg"]), float(found["turbidity"])) if found else None
