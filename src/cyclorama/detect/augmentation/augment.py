"""All that is done to a training picture, in order."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.detect.augmentation.appearance import varied
from cyclorama.detect.augmentation.example import Example
from cyclorama.detect.augmentation.geometry import mirrored, mosaic, rescaled
from cyclorama.detect.augmentation.photographs import (
    Photographs,
    before_photograph,
    in_style_of,
    with_colours_of,
)
from cyclorama.detect.settings import Augmentation

RESCALED = 0.5
STYLERS = {"fourier": in_style_of, "histogram": with_colours_of}


@dataclass(frozen=True, eq=False)
class Augmenter:
    """Varies training pictures as the settings say.

    Attributes:
        settings: How much of what.
        backgrounds: What is put behind objects.
        unlabelled: Whose look is taken over.
        counterparts: For each keypoint the one whose place it has in a mirror.
    """

    settings: Augmentation
    backgrounds: Photographs | None = None
    unlabelled: Photographs | None = None
    counterparts: tuple[int, ...] = ()

    def nearer_to_photographs(
        self, example: Example, foreground: Callable[[], FloatArray], rng: np.random.Generator
    ) -> Example:
        """A render with a photograph behind its objects, or with a photograph's look, if chance says so.

        Args:
            example: The render.
            foreground: Gives the (H, W) share of each pixel that is of an object.
            rng: Chance.
        """
        settings, image = self.settings, example.image
        if self.backgrounds is not None and rng.random() < settings.paste:
            image = before_photograph(image, foreground(), self.backgrounds.any(rng), rng)
        if self.unlabelled is not None and settings.style != "none" and rng.random() < settings.style_share:
            image = STYLERS[settings.style](image, self.unlabelled.any(rng), rng)
        return replace(example, image=image)

    def augmented(
        self, example: Example, others: Callable[[], Example], rng: np.random.Generator, *, progress: float = 0.0
    ) -> Example:
        """A picture of the same size, varied in place, size, colour and sharpness.

        Args:
            example: The picture.
            others: Gives another one, for mosaics.
            rng: Chance.
            progress: Share of the run that is done.
        """
        settings = self.settings
        if settings.mosaic and progress < settings.mosaic_until and rng.random() < settings.mosaic:
            example = mosaic([example, others(), others(), others()], rng, settings.scale)
        elif settings.scale != (1.0, 1.0) and rng.random() < RESCALED:
            example = rescaled(example, rng, settings.scale)
        if settings.mirror and rng.random() < settings.mirror:
            example = mirrored(example, self.counterparts)
        return replace(example, image=varied(example.image, rng, strength=settings.strength))
