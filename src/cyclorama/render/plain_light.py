"""Plain shading of the ray caster's hits: Lambert's law under the lamps and the environment's irradiance.

Colours, textures and emission are there; gloss and transmission are not, and shadows only if they are asked for.
"""

from collections.abc import Callable

import numpy as np

from cyclorama.core.arrays import BoolArray, FloatArray
from cyclorama.core.geometry import transformed
from cyclorama.core.kept import Kept
from cyclorama.core.library import Library
from cyclorama.core.once import once_for_each
from cyclorama.core.scene import Environment, Lamp, Scene
from cyclorama.render.environment import environment_light, environment_radiance, irradiance_map
from cyclorama.render.geometry import Caster, Layers
from cyclorama.render.lamps import lamp_irradiance
from cyclorama.render.rays import picture_rays
from cyclorama.render.surface import base_colors, emissions

# Of irradiance, of a few kilobytes for each map.
MOST_BYTES = 2**20


def reaches_all(lamp: Lamp, points_m: FloatArray) -> BoolArray:  # noqa: ARG001
    """(N,) true: a lamp whose light nothing keeps away."""
    return np.ones(len(points_m), bool)


def plain_light(
    scene: Scene, caster: Caster, library: Library, *, reaches: Callable[[Lamp, FloatArray], BoolArray] = reaches_all
) -> FloatArray:
    """Light of a scene at pixel centres, without the backdrop.

    Args:
        scene: What to show.
        caster: Gives the hits.
        library: Holds what the scene names.
        reaches: Says which of (N, 3) points in the world a lamp shines at; left out, nothing casts a shadow.

    Returns:
        (H, W, 4) float32 linear premultiplied RGBA.
    """
    layers = caster.layers(scene)
    points = _points(scene, layers)
    lit = [reaches(lamp, points) for lamp in scene.lamps]
    light = np.zeros((*layers.instance_ids.shape, 4), np.float32)
    for instance in scene.instances:
        pixels, hits = layers.hits(instance.id)
        normals = hits.normals @ scene.camera.world_from_camera[:3, :3].T
        irradiance = _from_environment(scene.environment, normals, library)
        for lamp, shone_at in zip(scene.lamps, lit, strict=True):
            irradiance = irradiance + lamp_irradiance(lamp, points[pixels], normals) * shone_at[pixels, None]
        model = library.model(instance.model)
        albedo = base_colors(model, hits, instance.surface, library)
        light.reshape(-1, 4)[pixels, :3] = albedo * irradiance / np.pi + emissions(model, hits, instance.surface)
    light[..., 3] = layers.instance_ids > 0
    return light


def _points(scene: Scene, layers: Layers) -> FloatArray:
    """(H W, 3) what is hit, in the world; the camera where nothing is."""
    depth_m = np.where(layers.instance_ids > 0, layers.depth_m, 0)
    seen = picture_rays(scene.camera) * depth_m[..., None]
    return transformed(scene.camera.world_from_camera, seen.reshape(-1, 3))


def _from_environment(environment: Environment, normals: FloatArray, library: Library) -> FloatArray:
    """(N, 3) W/m^2 on surfaces with (N, 3) unit normals in the world."""
    id = environment.map
    if id is None:
        return np.pi * environment_light(environment, normals, library)
    kept = _irradiance(library)
    map = kept.get(id, lambda: irradiance_map(library.environment(id)))
    kept.trim()
    irradiance = environment_radiance(map, normals, environment.rotation_rad)
    return irradiance * (environment.strength * np.asarray(environment.tint, np.float32))


@once_for_each
def _irradiance(library: Library) -> Kept[FloatArray]:  # noqa: ARG001
    """That of a library's maps which were used last, by id."""
    return Kept(lambda _: None, lambda map: map.nbytes, MOST_BYTES)
