"""One exposure for several views of a scene, without any of them: metered in plain light, from one of their cameras."""

from dataclasses import replace
from functools import partial

import numpy as np

from cyclorama.core.arrays import BoolArray, FloatArray
from cyclorama.core.geometry import inverse, transformed
from cyclorama.core.library import Library
from cyclorama.core.scene import CATCHER, Camera, Lamp, Scene
from cyclorama.render.detail import leveled
from cyclorama.render.develop import exposure_gain
from cyclorama.render.geometry import Caster
from cyclorama.render.plain_light import plain_light

# Of the picture's longer side, as a meter sees it.
METER_PX = 48
# A sun is so far away; what a ray hits after this share of its way is what it was to reach.
SUN_M, NEARLY_THERE = 100.0, 0.998


def metered_gain(scene: Scene, caster: Caster, library: Library) -> float | None:
    """The factor by which exposure multiplies light in each view that has the scene's meter; None where it has none.

    It is automatic exposure's for a small picture from the meter's camera, in plain light with the lamps' shadows, so
    that it depends on nothing but the scene, and costs little.
    """
    if scene.meter is None:
        return None
    shown = leveled(replace(scene, camera=scene.meter), library)
    small = replace(shown, camera=_small(scene.meter))
    light = plain_light(small, caster, library, reaches=partial(_reaches, small, caster))
    return exposure_gain(small, light, library)


def _small(camera: Camera) -> Camera:
    """The camera with a picture of at most METER_PX."""
    share = min(1.0, METER_PX / max(camera.width, camera.height))
    width, height = (max(1, round(size * share)) for size in (camera.width, camera.height))
    k = np.diag([width / camera.width, height / camera.height, 1.0]) @ camera.k
    return replace(camera, width=width, height=height, k=k)


def _reaches(scene: Scene, caster: Caster, lamp: Lamp, points_m: FloatArray) -> BoolArray:
    """(N,) whether nothing is between a lamp and (N, 3) points in the world."""
    origin = np.asarray(lamp.position_m, float)
    if lamp.kind == "sun":
        direction = np.asarray(lamp.direction, float)
        origin = points_m.mean(axis=0) - SUN_M * direction / np.linalg.norm(direction)
    reached = np.ones(len(points_m), bool)
    for instance in scene.instances:
        if instance.layer != CATCHER:
            model_from_world = inverse(instance.world_from_model)
            directions = (points_m - origin) @ model_from_world[:3, :3].T
            hits = caster.bvh(instance.model).first_hits(transformed(model_from_world, origin[None])[0], directions)
            reached &= hits.depth_m > NEARLY_THERE
    return reached
