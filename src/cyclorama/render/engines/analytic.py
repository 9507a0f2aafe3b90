"""Plain shading of the ray caster's hits: needs neither Blender nor a GPU; for tests and quick looks."""

import dataclasses
from typing import ClassVar

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.library import Library
from cyclorama.core.render import RenderSettings
from cyclorama.core.scene import Camera, Scene
from cyclorama.render.geometry import Caster
from cyclorama.render.plain_light import plain_light

# Rays per pixel, a square number.
SAMPLES = {"draft": 1, "good": 1, "best": 4}


class Analytic:
    """Light as in ``render.plain_light``."""

    cores_per_worker: ClassVar[int] = 1

    def __init__(self, library: Library, settings: RenderSettings) -> None:
        samples = settings.samples or SAMPLES.get(settings.quality, 1)
        self._library = library
        self._caster = Caster(library)
        self._side = max(1, round(samples**0.5))

    def render(self, scene: Scene) -> FloatArray:
        """(H, W, 4) float32 linear premultiplied RGBA; one ray per pixel's centre where samples are 1."""
        side, camera = self._side, scene.camera
        fine = dataclasses.replace(scene, camera=_refined(camera, side))
        light = plain_light(fine, self._caster, self._library)
        return light.reshape(camera.height, side, camera.width, side, 4).mean(axis=(1, 3), dtype=np.float32)

    def has_depth_of_field(self, scene: Scene) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def close(self) -> None:
        """Nothing to release."""


def _refined(camera: Camera, side: int) -> Camera:
    """The camera with ``side`` x ``side`` pixels for each of its own."""
    k = np.diag([side, side, 1.0]) @ camera.k
    return dataclasses.replace(camera, width=camera.width * side, height=camera.height * side, k=k)
