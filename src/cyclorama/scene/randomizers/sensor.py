"""From light to file."""

from dataclasses import replace

from cyclorama.core.scene import Scene
from cyclorama.core.scene import Sensor as SceneSensor
from cyclorama.scene.chance import Dice
from cyclorama.scene.gather import Assets
from cyclorama.scene.recipe import Recipe


class Sensor:
    """Exposure, white balance, blur, noise and compression."""

    @staticmethod
    def apply(scene: Scene, recipe: Recipe, assets: Assets, dice: Dice) -> Scene:  # noqa: ARG004
        """The scene with a sensor."""
        section = recipe.sensor
        quality = None if section.jpeg_quality is None else dice.count("jpeg_quality", section.jpeg_quality)
        sensor = SceneSensor(
            exposure_ev=dice.draw("exposure_ev", section.exposure_ev),
            white_balance=dice.tint("white_balance", section.white_balance),
            blur_sigma_px=dice.draw("blur_sigma_px", section.blur_sigma_px),
            noise_sigma=dice.draw("noise_sigma", section.noise_sigma),
            jpeg_quality=quality,
            noise_seed=int(dice.rng.integers(2**31)),
        )
        return replace(scene, sensor=sensor)
