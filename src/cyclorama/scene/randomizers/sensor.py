"""From light to file."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from cyclorama.core.scene import Scene
from cyclorama.core.scene import Sensor as SceneSensor
from cyclorama.scene.chance import Dice
from cyclorama.scene.distributions import Distribution, number, whole_number
from cyclorama.scene.fields import Section, between
from cyclorama.scene.gathered import Assets


class SensorOptions(Section):
    """From light to file."""

    exposure_ev: Annotated[Distribution, number(-10, 10)] = Field(default=Distribution("normal", (0.0, 0.4)))
    white_balance: Annotated[Distribution, number(0, 1)] = between(0, 0.12)
    blur_sigma_px: Annotated[Distribution, number(0, 50)] = between(0, 1.0)
    noise_sigma: Annotated[Distribution, number(0, 1)] = between(0, 0.03)
    jpeg_quality: Annotated[Distribution, whole_number(1, 100)] | None = Field(
        default=Distribution("randint", (50, 98))
    )


class Sensor:
    """Exposure, white balance, blur, noise and compression."""

    @staticmethod
    def apply(scene: Scene, options: SensorOptions, assets: Assets, dice: Dice) -> Scene:  # noqa: ARG004
        """The scene with a sensor."""
        quality = None if options.jpeg_quality is None else dice.count("jpeg_quality", options.jpeg_quality)
        sensor = SceneSensor(
            exposure_ev=dice.draw("exposure_ev", options.exposure_ev),
            white_balance=dice.tint("white_balance", options.white_balance),
            blur_sigma_px=dice.draw("blur_sigma_px", options.blur_sigma_px),
            noise_sigma=dice.draw("noise_sigma", options.noise_sigma),
            jpeg_quality=quality,
            noise_seed=int(dice.rng.integers(2**31)),
        )
        return replace(scene, sensor=sensor)
