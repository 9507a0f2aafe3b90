"""Lights nearer than the environment, and what keeps light away."""

from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from cyclorama.assets.environment_maps import Sun, sun_of
from cyclorama.core.arrays import FloatArray
from cyclorama.core.geometry import rigid, rotation_about, rotation_between
from cyclorama.core.once import once_for_each
from cyclorama.core.scene import GOBO, Environment, Instance, Lamp, Scene, Surface
from cyclorama.core.temperature import COLDEST_K, HOTTEST_K, blackbody_color
from cyclorama.scene.chance import Dice
from cyclorama.scene.distributions import Distribution, number, whole_number
from cyclorama.scene.fields import Section, between, count_between, fixed
from cyclorama.scene.gathered import GROUND, Assets

# A sun's irradiance for one watt of a lamp's power, so that one range serves all kinds.
SUN_W_M2_PER_W = 0.08
# Cards stand so far on the way from the scene's middle to the lamp, and as far aside as shades what lies within this
# share of that way around the middle.
GOBO_PLACES, GOBO_REACH = (0.4, 0.7), 0.3
# A sun below this sine of its height casts shadows too long for a card's to be seen as one.
LOWEST_SUN = 0.05
BLACK = Surface(base_color=(0.0, 0.0, 0.0), roughness=1.0, metallic=0.0)


class LampsOptions(Section):
    """Lights nearer than the environment.

    Attributes:
        count: Lamps in a scene.
        kinds: Of which each lamp is one, all alike.
        distance_m: From the middle of the scene.
        elevation_deg: Above the ground's plane.
        power_w: Radiant; a sun's irradiance is .08 W/m^2 for each watt.
        color: By how much a colour channel may be lowered.
        temperature_k: Of the light, each lamp's its own: 2700 is a warm bulb's, 6500 daylight; left out, white.
        gobos: Cards before each lamp, outside of the picture and unseen, whose shadows fall into it.
        sun_gobos: Cards before the sun of the environment's map, likewise, as far away as before a lamp; none where the
            map has no sun above the horizon.
        gobo_size_m: Edges of a card; a lamp's shadow of it is about twice as large, a sun's as large.
        size_m: Radius of points, edge of areas: larger ones cast softer shadows.
    """

    count: Annotated[Distribution, whole_number(0, 32)] = count_between(0, 2)
    kinds: list[Literal["point", "area", "spot", "sun"]] = Field(default=["point", "area"], min_length=1)
    distance_m: Annotated[Distribution, number(0.01, 1000)] = between(0.8, 2.0)
    elevation_deg: Annotated[Distribution, number(-90, 90)] = between(20, 85)
    power_w: Annotated[Distribution, number(0, 1e6)] = between(5, 60)
    color: Annotated[Distribution, number(0, 1)] = between(0, 0.5)
    temperature_k: Annotated[Distribution, number(COLDEST_K, HOTTEST_K)] | None = None
    size_m: Annotated[Distribution, number(0, 100)] = between(0.02, 0.5)
    gobos: Annotated[Distribution, whole_number(0, 20)] = fixed(0)
    sun_gobos: Annotated[Distribution, whole_number(0, 20)] = fixed(0)
    gobo_size_m: Annotated[Distribution, number(1e-3, 100)] = between(0.02, 0.2)


class Lamps:
    """On a shell around the origin, shining at it; past cards, if there are some."""

    @staticmethod
    def apply(scene: Scene, options: LampsOptions, assets: Assets, dice: Dice) -> Scene:
        """The scene with lamps."""
        count = dice.count("count", options.count)
        lamps = tuple(_glowing(_lamp(options, dice), options, dice) for _ in range(count))
        cards = [card for lamp in lamps for card in _gobos(lamp, options, dice)]
        cards += _sun_gobos(scene.environment, options, assets, dice)
        first, plane = 1 + max((i.id for i in scene.instances), default=0), assets.fixtures[GROUND]
        gobos = [
            Instance(first + number, plane, pose, None, GOBO, (width, height, 1.0), BLACK)
            for number, (pose, width, height) in enumerate(cards)
        ]
        return replace(scene, instances=(*scene.instances, *gobos), lamps=lamps)


def _lamp(options: LampsOptions, dice: Dice) -> Lamp:
    kind = dice.pick("kind", tuple(options.kinds))
    elevation = np.radians(dice.draw("elevation_deg", options.elevation_deg))
    azimuth = dice.rng.uniform(0, 2 * np.pi)
    x, y = np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth)
    outward = (float(x), float(y), float(np.sin(elevation)))
    distance = dice.draw("distance_m", options.distance_m)
    power = dice.draw("power_w", options.power_w)
    return Lamp(
        kind=kind,
        position_m=(outward[0] * distance, outward[1] * distance, outward[2] * distance),
        direction=(-outward[0], -outward[1], -outward[2]),
        color=dice.tint("color", options.color),
        power_w=power * SUN_W_M2_PER_W if kind == "sun" else power,
        size_m=dice.draw("size_m", options.size_m),
    )


def _glowing(lamp: Lamp, options: LampsOptions, dice: Dice) -> Lamp:
    """The lamp in the colour of its temperature, if the recipe gives one."""
    if options.temperature_k is None:
        return lamp
    glow = blackbody_color(dice.draw("temperature_k", options.temperature_k))
    r, g, b = (a * c for a, c in zip(lamp.color, glow, strict=True))
    return replace(lamp, color=(r, g, b))


Card = tuple[FloatArray, float, float]


def _gobos(lamp: Lamp, options: LampsOptions, dice: Dice) -> list[Card]:
    """Poses, widths and heights of cards across a lamp's light."""
    count = dice.count("gobos", options.gobos) if options.gobos.range[1] else 0
    return [_card(np.asarray(lamp.position_m), options, dice) for _ in range(count)]


def _sun_gobos(environment: Environment, options: LampsOptions, assets: Assets, dice: Dice) -> list[Card]:
    """Those across the light of the environment's sun, if it has one above the horizon."""
    if not options.sun_gobos.range[1] or environment.map is None:
        return []
    sun = _sun(assets, environment.map)
    if sun is None or sun.towards_it[2] < LOWEST_SUN:
        return []
    towards_it = rotation_about([0, 0, 1], environment.rotation_rad) @ sun.towards_it
    count = dice.count("sun_gobos", options.sun_gobos)
    return [_card(options.distance_m.draw(dice.rng) * towards_it, options, dice, is_far=True) for _ in range(count)]


def _card(outward_m: FloatArray, options: LampsOptions, dice: Dice, *, is_far: bool = False) -> Card:
    """A card before a light there, or infinitely far away in that direction, turned about it as chance has it."""
    share = dice.rng.uniform(*GOBO_PLACES)
    turn = rotation_between([0, 0, 1], outward_m) @ rotation_about([0, 0, 1], dice.rng.uniform(0, 2 * np.pi))
    spread = 1.0 if is_far else 1 - share
    aside = GOBO_REACH * spread * float(np.linalg.norm(outward_m)) * dice.rng.uniform(-1, 1, 2)
    pose = rigid(turn, share * outward_m + turn @ [*aside, 0.0])
    width, height = (dice.draw("gobo_size_m", options.gobo_size_m) for _ in range(2))
    return pose, width, height


def _sun(assets: Assets, map: str) -> Sun | None:
    suns = _suns(assets)
    if map not in suns:
        suns[map] = sun_of(assets.library.environment(map))
    return suns[map]


@once_for_each
def _suns(assets: Assets) -> dict[str, Sun | None]:  # noqa: ARG001
    """Those of maps that were asked for, by id."""
    return {}
