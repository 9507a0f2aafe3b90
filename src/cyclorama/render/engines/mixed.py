"""Path-traced and rasterised images in one dataset."""

from contextlib import ExitStack
from dataclasses import replace
from typing import ClassVar

from cyclorama.core.arrays import FloatArray
from cyclorama.core.library import Library
from cyclorama.core.plugins import plugin
from cyclorama.core.render import DRAWN_ENGINE, ENGINES, RenderSettings
from cyclorama.core.scene import Scene
from cyclorama.render.renderer import Renderer

RASTER, CYCLES = "raster", "cycles"


class Mixed:
    """Renders every scene with the engine that its draws name; one of which nothing was drawn is rasterised.

    Both engines are opened at once, so that one that can't be is told before the first image. A number of samples is
    that of paths.
    """

    cores_per_worker: ClassVar[int] = 1

    def __init__(self, library: Library, settings: RenderSettings) -> None:
        raster: Renderer = plugin(ENGINES, RASTER)(library, replace(settings, engine=RASTER, samples=None))
        with ExitStack() as opened:
            opened.callback(raster.close)
            cycles: Renderer = plugin(ENGINES, CYCLES)(library, replace(settings, engine=CYCLES))
            opened.pop_all()  # Both stay open.
        self._engines = {RASTER: raster, CYCLES: cycles}

    def render(self, scene: Scene) -> FloatArray:
        """(H, W, 4) float32 linear premultiplied RGBA; the backdrop is left out."""
        return self._of(scene).render(scene)

    def has_depth_of_field(self, scene: Scene) -> bool:
        """As the scene's engine has it."""
        return self._of(scene).has_depth_of_field(scene)

    def close(self) -> None:
        """Close both engines."""
        for engine in self._engines.values():
            engine.close()

    def _of(self, scene: Scene) -> Renderer:
        return self._engines[scene.draws.get(DRAWN_ENGINE, RASTER)]
