"""Plain shading of the ray caster's geometry: needs neither Blender nor a GPU; for tests and quick looks."""

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.frame import Geometry
from cyclorama.core.geometry import pixel_rays
from cyclorama.core.library import Library
from cyclorama.core.render import RenderSettings
from cyclorama.core.scene import Instance, Lamp, Scene
from cyclorama.render.geometry import Caster


class Analytic:
    """Lambert's law under the lamps and the environment's mean radiance; no shadows, no textures."""

    def __init__(self, library: Library, settings: RenderSettings) -> None:  # noqa: ARG002
        self._library = library
        self._caster = Caster(library)

    def render(self, scene: Scene) -> FloatArray:
        """(H, W, 4) float32 linear premultiplied RGBA."""
        geometry = self._caster.cast(scene)
        light = np.zeros((*geometry.instance_ids.shape, 4), np.float32)
        hit = geometry.instance_ids > 0
        albedo = np.zeros((max((i.id for i in scene.instances), default=0) + 1, 3))
        for instance in scene.instances:
            albedo[instance.id] = self._albedo(instance)
        light[hit, :3] = albedo[geometry.instance_ids[hit]] * self._irradiance(scene, geometry)[hit] / np.pi
        light[hit, 3] = 1
        return light

    def close(self) -> None:
        """Nothing to release."""

    def _albedo(self, instance: Instance) -> FloatArray:
        if instance.surface.base_color is not None:
            return np.array(instance.surface.base_color)
        return np.array(self._library.model(instance.model).materials[0].base_color[:3])

    def _irradiance(self, scene: Scene, geometry: Geometry) -> FloatArray:
        camera, environment = scene.camera, scene.environment
        normals = geometry.normal_camera @ camera.world_from_camera[:3, :3].T
        depth = np.where(np.isfinite(geometry.depth_m), geometry.depth_m, 0)[..., None]
        rays = pixel_rays(camera.k, 0, 0, camera.width, camera.height) * depth
        points = rays @ camera.world_from_camera[:3, :3].T + camera.world_from_camera[:3, 3]
        mean = 0.5 if environment.map is None else self._library.environment(environment.map).mean(axis=(0, 1))
        ambient = np.pi * mean * environment.strength * np.array(environment.tint)
        return ambient + sum((lamp_irradiance(lamp, points, normals) for lamp in scene.lamps), np.zeros(3))


def lamp_irradiance(lamp: Lamp, points_m: FloatArray, normals: FloatArray) -> FloatArray:
    """(..., 3) W/m^2 at points with unit normals, both in the world; a lamp's size is taken as zero."""
    if lamp.kind == "sun":
        towards, strength = np.broadcast_to(-np.array(lamp.direction), points_m.shape), np.ones(points_m.shape[:-1])
    else:
        towards = np.array(lamp.position_m) - points_m
        strength = 1 / (4 * np.pi * np.maximum(np.sum(towards**2, axis=-1), 1e-6))
    cosine = np.sum(towards * normals, axis=-1) / np.maximum(np.linalg.norm(towards, axis=-1), 1e-9)
    return (np.maximum(cosine, 0) * strength * lamp.power_w)[..., None] * np.array(lamp.color)
