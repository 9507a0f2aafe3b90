"""As many triangles as can be seen: distractors in the level of detail that their size in the picture asks for.

A distractor of F triangles whose bounding sphere covers P pixels is shown in the coarsest level that has at most
2 P triangles' worth of them: the first level l with F / 4^l <= 2 P. So there are between one triangle in two pixels and
two in each, of which half face away. A sphere that reaches the camera gets the model itself; targets and grounds
always do. The rule knows nothing but the scene and its models, so a saved scene is shown in the same triangles again.
"""

from dataclasses import replace

import numpy as np

from cyclorama.core.geometry import inverse, transformed
from cyclorama.core.library import FEWEST_FACES, LEVEL_FACTOR, Library, level_id
from cyclorama.core.model import Model
from cyclorama.core.scene import Camera, Instance, Scene
from cyclorama.render.window import NEAR_M

FACES_PER_PIXEL = 2.0


def leveled(scene: Scene, library: Library) -> Scene:
    """The scene with distractors in the level of detail that the camera sees; for engine and caster alike."""
    return replace(scene, instances=tuple(_leveled(i, scene.camera, library) for i in scene.instances))


def _leveled(instance: Instance, camera: Camera, library: Library) -> Instance:
    if instance.layer != "distractor":
        return instance
    model = library.model(instance.model)
    level = detail_level(len(model.faces), covered_px(model, instance, camera))
    return replace(instance, model=level_id(instance.model, level))


def detail_level(faces: int, covered: float) -> int:
    """The level for a model of so many faces whose bounding sphere covers so many pixels; 0 is the model itself."""
    level = 0
    while faces > FACES_PER_PIXEL * covered and faces >= LEVEL_FACTOR * FEWEST_FACES:
        faces, level = faces // LEVEL_FACTOR, level + 1
    return level


def covered_px(model: Model, instance: Instance, camera: Camera) -> float:
    """Pixels, in the image and beyond, of the instance's bounding sphere; inf where it reaches the camera."""
    camera_from_model = inverse(camera.world_from_camera) @ instance.world_from_model
    depth_m = float(transformed(camera_from_model, model.center_m[None])[0, 2])
    radius_m = model.radius_m * max(abs(s) for s in instance.scale)
    if abs(depth_m) <= radius_m + NEAR_M:
        return float("inf")
    return float(np.pi * abs(camera.k[0, 0] * camera.k[1, 1]) * (radius_m / depth_m) ** 2)
