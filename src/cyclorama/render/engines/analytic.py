"""Plain shading of the ray caster's hits: needs neither Blender nor a GPU; for tests and quick looks."""

import dataclasses
from typing import ClassVar

import numpy as np

from cyclorama.core.arrays import FloatArray, IntArray
from cyclorama.core.library import Library
from cyclorama.core.render import RenderSettings
from cyclorama.core.scene import Camera, Environment, Instance, Scene
from cyclorama.render.environment import environment_light, environment_radiance, irradiance_map
from cyclorama.render.geometry import Caster, Layers
from cyclorama.render.lamps import lamp_irradiance
from cyclorama.render.rays import picture_rays
from cyclorama.render.surface import base_colors, emissions

# Rays per pixel, a square number.
SAMPLES = {"draft": 1, "good": 1, "best": 4}


class Analytic:
    """Lambert's law under the lamps and the environment's irradiance.

    Colours, textures and emission are there; shadows, gloss and transmission are not.
    """

    cores_per_worker: ClassVar[int] = 1

    def __init__(self, library: Library, settings: RenderSettings) -> None:
        samples = settings.samples or SAMPLES.get(settings.quality, 1)
        self._library = library
        self._caster = Caster(library)
        self._side = max(1, round(samples**0.5))
        self._irradiance: dict[str, FloatArray] = {}

    def render(self, scene: Scene) -> FloatArray:
        """(H, W, 4) float32 linear premultiplied RGBA; one ray per pixel's centre where samples are 1."""
        side, camera = self._side, scene.camera
        fine = dataclasses.replace(scene, camera=_refined(camera, side))
        light = self._shaded(fine)
        return light.reshape(camera.height, side, camera.width, side, 4).mean(axis=(1, 3), dtype=np.float32)

    def has_depth_of_field(self, scene: Scene) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def close(self) -> None:
        """Nothing to release."""

    def _shaded(self, scene: Scene) -> FloatArray:
        layers = self._caster.layers(scene)
        light = np.zeros((*layers.instance_ids.shape, 4), np.float32)
        for instance in scene.instances:
            pixels, radiance = self._radiance(scene, instance, layers)
            light.reshape(-1, 4)[pixels, :3] = radiance
        light[..., 3] = layers.instance_ids > 0
        return light

    def _radiance(self, scene: Scene, instance: Instance, layers: Layers) -> tuple[IntArray, FloatArray]:
        """Flat pixel indices of an instance and the (N, 3) light that leaves it there."""
        camera, model = scene.camera, self._library.model(instance.model)
        pixels, hits = layers.hits(instance.id)
        world_from_camera = camera.world_from_camera
        rays = picture_rays(camera).reshape(-1, 3)[pixels]
        points = (rays * hits.depth_m[:, None]) @ world_from_camera[:3, :3].T + world_from_camera[:3, 3]
        normals = hits.normals @ world_from_camera[:3, :3].T
        irradiance = self._environment(scene.environment, normals)
        for lamp in scene.lamps:
            irradiance = irradiance + lamp_irradiance(lamp, points, normals)
        albedo = base_colors(model, hits, instance.surface, self._library)
        return pixels, albedo * irradiance / np.pi + emissions(model, hits, instance.surface)

    def _environment(self, environment: Environment, normals: FloatArray) -> FloatArray:
        """(N, 3) W/m^2 on surfaces with (N, 3) unit normals in the world."""
        if environment.map is None:
            return np.pi * environment_light(environment, normals, self._library)
        if environment.map not in self._irradiance:
            self._irradiance[environment.map] = irradiance_map(self._library.environment(environment.map))
        irradiance = environment_radiance(self._irradiance[environment.map], normals, environment.rotation_rad)
        return irradiance * (environment.strength * np.asarray(environment.tint, np.float32))


def _refined(camera: Camera, side: int) -> Camera:
    """The camera with ``side`` x ``side`` pixels for each of its own."""
    k = np.diag([side, side, 1.0]) @ camera.k
    return dataclasses.replace(camera, width=camera.width * side, height=camera.height * side, k=k)
