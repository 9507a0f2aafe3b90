"""The images that scenes name, as Blender's, no finer than the camera sees them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import cv2
import numpy as np

from cyclorama.core.arrays import ByteArray, FloatArray
from cyclorama.core.kept import Kept
from cyclorama.core.library import Library
from cyclorama.core.model import Model
from cyclorama.core.scene import Camera, Instance, Surface
from cyclorama.render.engines.cycles.fineness import edges_per_m, halved, must_halvings, spare_halvings
from cyclorama.render.engines.cycles.images import ImageMaker, image_bytes
from cyclorama.render.engines.cycles.relief import heights_of

# Lighting needs no finer map: 40 % less time for .4 dB.
ENVIRONMENT_WIDTH_PX = 512
# (name of a texture, is it a colour) -> Blender's image.
Images = Callable[[str, bool], Any]


@dataclass(frozen=True)
class Fineness:
    """How often the textures of an instance are made half as large, as far as its camera needs them.

    Attributes:
        own: Of the model's own textures, in their order.
        replacing: Of the texture that its surface puts in their place, and of its maps; 0 without one.
        decals: Of the pictures stuck on it, in their order.
    """

    own: tuple[int, ...]
    replacing: int
    decals: tuple[int, ...] = ()


class Textures:
    """Blender's images, each made when a scene first needs it at that fineness."""

    def __init__(self, bpy: Any, library: Library, most_bytes: int) -> None:
        self._library, self._images = library, ImageMaker(bpy)
        self._kept = Kept(bpy.data.images.remove, image_bytes, most_bytes)
        self._size_px = lru_cache(4096)(lambda id: library.image(id).shape[:2])
        self._edges_per_m: dict[tuple[str, str], float] = {}

    def fineness(self, model: Model, instance: Instance, camera: Camera) -> Fineness:
        """What an instance's textures need."""

        def times(size_px: tuple[int, ...], edges: float) -> int:
            return spare_halvings(size_px, edges, model, instance, camera)

        own = tuple(
            # Labels look at alpha texel by texel, so the picture must.
            must_halvings(pixels.shape[:2])
            if pixels.shape[2] == 4
            else times(pixels.shape[:2], self._edges(model, name))
            for name, pixels in model.textures.items()
        )
        surface = instance.surface
        id = surface.texture or surface.wear
        replacing = times(self._size_px(id), 1 / min(surface.tile_m)) if id else 0
        decals = tuple(times(self._size_px(d.image), 1 / max(d.size_m)) for d in surface.decals)
        return Fineness(own, replacing, decals)

    def _edges(self, model: Model, texture: str) -> float:
        if model.made_from is not None:
            return self._edges(model.made_from, texture)
        if (model.id, texture) not in self._edges_per_m:
            self._edges_per_m[model.id, texture] = edges_per_m(model, texture)
        return self._edges_per_m[model.id, texture]

    def of_model(self, model: Model, fineness: Fineness) -> Images:
        """The model's own."""
        times = dict(zip(model.textures, fineness.own, strict=True))

        def image(name: str, is_color: bool) -> Any:
            return self._image(f"{model.textures_id}/{name}", lambda: model.textures[name], times[name], is_color)

        return image

    def of_library(self, fineness: Fineness) -> Images:
        """Those that replace a model's own in an instance."""

        def image(id: str, is_color: bool) -> Any:
            return self._image(id, lambda: self._library.image(id), fineness.replacing, is_color)

        return image

    def of_decals(self, surface: Surface, fineness: Fineness) -> tuple[Any, ...]:
        """Those that are stuck on an instance, in their order."""
        return tuple(
            self._image(decal.image, partial(self._library.image, decal.image), times, is_color=True)
            for decal, times in zip(surface.decals, fineness.decals, strict=True)
        )

    def relief(self, fineness: Fineness) -> Callable[[str], Any]:
        """Heights of the library's normal maps, in tiles."""

        def image(id: str) -> Any:
            name = f"{id}/{fineness.replacing}/heights"

            def make() -> Any:
                normals = halved(self._library.image(id), fineness.replacing, is_color=False)
                return self._images.of_light(name, np.repeat(heights_of(normals)[..., None], 3, axis=-1))

            return self._kept.get(name, make)

        return image

    def environment(self, id: str) -> Any:
        """A map to light a scene by."""
        return self._kept.get(id, lambda: self._images.of_light(id, _lighting_copy(self._library.environment(id))))

    def trim(self) -> None:
        """Remove what was not used for longest, if there is more than is to be kept."""
        self._kept.trim()

    def _image(self, id: str, load: Callable[[], ByteArray], times: int, is_color: bool) -> Any:
        name = f"{id}/{times}/{is_color}"

        def make() -> Any:
            return self._images.of_bytes(name, halved(load(), times, is_color=is_color), is_color=is_color)

        return self._kept.get(name, make)


def _lighting_copy(radiance: FloatArray) -> FloatArray:
    if radiance.shape[1] <= ENVIRONMENT_WIDTH_PX:
        return radiance
    size = (ENVIRONMENT_WIDTH_PX, ENVIRONMENT_WIDTH_PX // 2)
    return np.asarray(cv2.resize(radiance, size, interpolation=cv2.INTER_AREA), np.float32)
