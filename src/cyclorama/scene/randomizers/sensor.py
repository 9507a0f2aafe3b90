"""From light to file."""

from dataclasses import replace
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from cyclorama.core.scene import Camera, Scene
from cyclorama.core.scene import Sensor as SceneSensor
from cyclorama.scene.chance import Dice
from cyclorama.scene.distributions import Distribution, number, plain, whole_number
from cyclorama.scene.fields import Section, between, fixed, share
from cyclorama.scene.gathered import Assets


class Flicker(Section):
    """Bands that lamps make which go on and off with the mains.

    Attributes:
        strength: How far the light swings to both sides of its mean, as a share of that.
        hz: Swings a second, twice the mains' frequency.
        readout_s: From the first row's exposure to the last's; ``camera.rolling_shutter_ms``, if that is given.
    """

    strength: Annotated[Distribution, number(0, 1)] = between(0.1, 0.5)
    hz: Annotated[Distribution, number(1, 100_000)] = Field(default=Distribution("choice", (100.0, 120.0)))
    readout_s: Annotated[Distribution, number(0, 1)] = between(0.01, 0.03)


class SensorOptions(Section):
    """From light to file; the order in which a camera does it is that of ``core.sensor.Sensor``.

    Attributes:
        exposure: Of views along ``camera.path`` and in pairs: locked, as metered once from the first one's camera, or
            auto, each by its own picture. Other views are exposed by their own.
        exposure_ev: On top of the automatic exposure.
        white_balance: By how much a colour channel may be lowered.
        blur_sigma_px: Gaussian.
        noise_sigma: Standard deviation, of a full scale of 1 in sRGB.
        jpeg_quality: Left out, no compression shows.
        exposure_s: How long light is gathered; drawn where the camera moves or lamps flicker.
        vignetting: Share of the light that the corners lose; left out, as all below, nothing.
        chromatic_aberration_px: How far red is outside of green at the corners, and blue inside.
        white_e: Electrons in a white pixel, which make the shot noise: a phone's in the dark are a hundred, a large
            camera's by day tens of thousands.
        read_noise_e: Standard deviation of what reading adds, electrons; drawn with ``white_e``.
        bayer: Share of pictures in which each pixel saw one colour only.
        sharpening: Share of the difference from a blur of 1 px that is added.
        resolution: Share of its width and height that the picture is shrunk to, and enlarged from.
        webp_quality: Left out, none.
        infrared: Share of pictures in grey of the red light; their lamp's spot is ``vignetting``.
    """

    exposure: Literal["locked", "auto"] = "locked"
    exposure_ev: Annotated[Distribution, number(-10, 10)] = Field(default=Distribution("normal", (0.0, 0.4)))
    white_balance: Annotated[Distribution, number(0, 1)] = between(0, 0.12)
    blur_sigma_px: Annotated[Distribution, number(0, 50)] = between(0, 1.0)
    noise_sigma: Annotated[Distribution, number(0, 1)] = between(0, 0.03)
    jpeg_quality: Annotated[Distribution, whole_number(1, 100)] | None = Field(
        default=Distribution("randint", (50, 98))
    )
    exposure_s: Annotated[Distribution, number(1e-6, 10)] = between(0.004, 0.03)
    flicker: Flicker | None = None
    vignetting: Annotated[Distribution, number(0, 0.99)] | None = None
    chromatic_aberration_px: Annotated[Distribution, number(-20, 20)] | None = None
    white_e: Annotated[Distribution, number(1, 1e7)] | None = None
    read_noise_e: Annotated[Distribution, number(0, 1e4)] = fixed(2.0)
    bayer: float = share(0.0)
    sharpening: Annotated[Distribution, number(0, 10)] | None = None
    resolution: Annotated[Distribution, number(0.01, 1)] | None = None
    webp_quality: Annotated[Distribution, whole_number(1, 100)] | None = None
    infrared: float = share(0.0)

    @model_validator(mode="after")
    def _reads_electrons(self) -> Self:
        # A recipe that was written with all its defaults says nothing new.
        told = plain(self.read_noise_e) != plain(type(self).model_fields["read_noise_e"].default)
        if told and self.white_e is None:
            raise ValueError(
                "read_noise_e is a number of electrons, and nothing says how many are white; "
                "expected white_e beside it, e.g. white_e: {loguniform: [500, 20000]}"
            )
        return self


# What is left as it is where the recipe leaves it out.
OPTIONAL = ("vignetting", "chromatic_aberration_px", "sharpening", "resolution")


class Sensor:
    """All between the lens and the file."""

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
        effects = _time(options, scene.camera, dice) | _optional(options, dice)
        return replace(scene, sensor=replace(sensor, **effects))


def _time(options: SensorOptions, camera: Camera, dice: Dice) -> dict[str, Any]:
    """What the exposure's length decides; nothing where nothing moves or flickers."""
    fields: dict[str, Any] = {}
    if options.flicker is not None:
        fields["flicker"] = dice.draw("flicker.strength", options.flicker.strength)
        fields["flicker_hz"] = dice.draw("flicker.hz", options.flicker.hz)
        fields["readout_s"] = camera.readout_s or dice.draw("flicker.readout_s", options.flicker.readout_s)
        fields["flicker_phase_rad"] = float(dice.rng.uniform(0, 2 * np.pi))
    if options.flicker is not None or camera.is_moving:
        fields["exposure_s"] = dice.draw("exposure_s", options.exposure_s)
    return fields


def _optional(options: SensorOptions, dice: Dice) -> dict[str, Any]:
    asked = {name: getattr(options, name) for name in OPTIONAL}
    fields: dict[str, Any] = {name: dice.draw(name, value) for name, value in asked.items() if value is not None}
    if options.white_e is not None:
        fields["white_e"] = dice.draw("white_e", options.white_e)
        fields["read_noise_e"] = dice.draw("read_noise_e", options.read_noise_e)
    if options.webp_quality is not None:
        fields["webp_quality"] = dice.count("webp_quality", options.webp_quality)
    for name in ("bayer", "infrared"):
        if getattr(options, name) > 0:
            fields[name] = dice.happens(name, getattr(options, name))
    return fields
