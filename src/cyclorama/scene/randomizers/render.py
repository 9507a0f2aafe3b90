"""Which engine renders, and how much work it does."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from cyclorama.core.render import DRAWN_ENGINE, ENGINES, RenderSettings
from cyclorama.core.scene import Scene
from cyclorama.scene.chance import Dice
from cyclorama.scene.fields import Section, named_plugin, share
from cyclorama.scene.gathered import Assets


class RenderOptions(Section):
    """The engine and how much work it does.

    Attributes:
        photorealistic: Decides what "auto" means.
        engine: "auto" is read as "cycles" where photorealism is asked for, and as "raster" otherwise.
        cycles_share: Of the images of engine "mixed"; "raster" makes the rest.
        quality: Samples and denoising, or fineness of shadows.
        samples: For each pixel; left out, the quality's.
        device: What renders; auto is the fastest there is.
    """

    photorealistic: bool = False
    engine: Annotated[str, named_plugin("engine", ENGINES, "auto")] = "auto"
    cycles_share: float = share(0.2)
    quality: Literal["draft", "fair", "good", "best"] = "good"
    samples: int | None = Field(default=None, ge=1, le=100_000)
    device: Literal["auto", "cpu", "cuda", "optix", "hip", "metal", "oneapi"] = "auto"

    @field_validator("engine")
    @classmethod
    def _automatic_engine(cls, name: str, info: ValidationInfo) -> str:
        """Decided here, so that a dataset names the engine that made it."""
        if name != "auto":
            return name
        return "cycles" if info.data.get("photorealistic") else "raster"

    def settings(self) -> RenderSettings:
        """For an engine."""
        return RenderSettings(self.engine, self.quality, self.samples, self.device)


class Render:
    """Where the recipe mixes engines, the one for this image; it is recorded as ``render.engine``."""

    @staticmethod
    def apply(scene: Scene, options: RenderOptions, assets: Assets, dice: Dice) -> Scene:  # noqa: ARG004
        """The scene as it is; the engine is among the draws."""
        if options.engine == "mixed":
            dice.draws[DRAWN_ENGINE] = "cycles" if dice.rng.random() < options.cycles_share else "raster"
        return scene
