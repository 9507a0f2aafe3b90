"""Light from all around."""

from dataclasses import replace
from typing import Annotated

import numpy as np

from cyclorama.core.lights import Sky, photo_light_id, sky_id
from cyclorama.core.scene import Environment as SceneEnvironment
from cyclorama.core.scene import Scene
from cyclorama.scene.chance import Dice
from cyclorama.scene.distributions import Distribution, number
from cyclorama.scene.fields import EnvironmentMaps, Section, between, builtin_files, share
from cyclorama.scene.gathered import Assets


class EnvironmentOptions(Section):
    """Light from all around: files, folders or "builtin".

    Attributes:
        maps: Where the light comes from.
        rotation_deg: About the vertical.
        strength: Factor on the map's radiance.
        tint: By how much a colour channel may be lowered.
        from_photo: Share of scenes that are lit as one of ``backdrop.photos`` would have it, which then is their
            backdrop; left out, 1 in layout photo and else 0. Its middle lies where the first camera looks.
        sky: Share of the other scenes that are out of doors, under a cloudless sky that is made by formula.
        sun_deg: Of the sky: height of the sun above the horizon.
        turbidity: Of the sky: haze, from clear air to one that the sun hardly comes through.
    """

    maps: EnvironmentMaps = builtin_files()
    rotation_deg: Annotated[Distribution, number()] = between(0, 360)
    strength: Annotated[Distribution, number(0, 1000)] = between(0.5, 1.5)
    tint: Annotated[Distribution, number(0, 1)] = between(0, 0.25)
    from_photo: float = share(0.0)
    sky: float = share(0.0)
    sun_deg: Annotated[Distribution, number(0, 90)] = between(5, 75)
    turbidity: Annotated[Distribution, number(2, 10)] = between(2, 7)


class Environment:
    """One of the recipe's maps, turned, or the light of a sky or of the photograph behind; dimmed and tinted."""

    @staticmethod
    def apply(scene: Scene, options: EnvironmentOptions, assets: Assets, dice: Dice) -> Scene:
        """The scene with an environment."""
        map, rotation_rad = _map(scene, options, assets, dice)
        environment = SceneEnvironment(
            map=map,
            rotation_rad=rotation_rad,
            strength=dice.draw("strength", options.strength),
            tint=dice.tint("tint", options.tint),
        )
        return replace(scene, environment=environment)


def _map(scene: Scene, options: EnvironmentOptions, assets: Assets, dice: Dice) -> tuple[str, float]:
    """A map and its turn about the vertical, radians."""
    if options.from_photo and dice.happens("from_photo", options.from_photo):
        ahead = scene.camera.world_from_camera[:3, 2]
        photo = dice.pick("photo", assets.files["backdrop.photos"])
        return photo_light_id(photo), float(np.arctan2(ahead[1], ahead[0]))
    if options.sky and dice.happens("sky", options.sky):
        sky = Sky(dice.draw("sun_deg", options.sun_deg), dice.draw("turbidity", options.turbidity))
        map = sky_id(sky)
    else:
        map = dice.pick("map", assets.files["environment.maps"])
    return map, float(np.radians(dice.draw("rotation_deg", options.rotation_deg)))
