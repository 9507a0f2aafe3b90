"""A few images of a recipe, in this process and without a dataset."""

from collections.abc import Iterator
from dataclasses import dataclass

from cyclorama.core.frame import Frame
from cyclorama.core.plugins import plugin
from cyclorama.core.render import ENGINES, RenderSettings
from cyclorama.core.sample import Annotation
from cyclorama.label.annotate import annotate
from cyclorama.render.frame import render_frame
from cyclorama.render.geometry import Caster
from cyclorama.scene import Recipe, gather, sample_scene

# What labels say how targets are seen.
LABELS = ("box", "mask", "visibility")
# The one that takes tenths of a second and needs no process of its own.
ENGINE = "raster"


@dataclass(frozen=True, eq=False)
class Preview:
    """One image with its labels."""

    frame: Frame
    annotations: tuple[Annotation, ...]


def preview(recipe: Recipe, *, count: int, seed: int = 0) -> Iterator[Preview]:
    """Images 0 .. count - 1, one after the other, rasterized.

    Raises:
        InputError: Something that the recipe names is missing, or a scene cannot be sampled.
    """
    assets, flags = gather(recipe), recipe.flags
    settings = RenderSettings(ENGINE, recipe.render.quality, None, recipe.render.device)
    renderer, caster = plugin(ENGINES, ENGINE)(assets.library, settings), Caster(assets.library)
    try:
        for index in range(count):
            frame = render_frame(sample_scene(recipe, assets, seed=seed, index=index), renderer, caster, assets.library)
            found = annotate(
                frame,
                labels=LABELS,
                min_visible_fraction=flags.min_visible_fraction,
                min_size_px=flags.min_size_px,
            )
            yield Preview(frame, found)
    finally:
        renderer.close()
