"""Where keypoints are seen, and which of them: by a line of sight to each, not by the pixel that it falls in."""

from collections.abc import Callable

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.frame import SeenPoints
from cyclorama.core.geometry import inverse, transformed
from cyclorama.core.landmarks import Landmarks
from cyclorama.core.library import Library
from cyclorama.core.scene import Instance, Scene
from cyclorama.render.window import NEAR_M

# What touches a keypoint's place, by this share of its depth, does not hide it.
TOUCHING = 1e-6

# Takes (N, 3) rays (x, y, 1) in the camera's frame; gives (N,) depth of what they hit first, inf for a miss.
Depths = Callable[[FloatArray], FloatArray]


class SightLines:
    """Lines from the camera to all keypoints of a scene's labelled instances; they meet one instance after another.

    What hides a keypoint is another instance before it, or more of its own one than ``Landmarks.depth_m``.
    """

    def __init__(self, scene: Scene, library: Library) -> None:
        models = ((instance, library.model(instance.model)) for instance in scene.labelled)
        self._marked = [(instance, model.landmarks) for instance, model in models if model.landmarks is not None]
        self._camera = scene.camera
        camera_from_world = inverse(scene.camera.world_from_camera)
        points = [transformed(camera_from_world @ i.world_from_model, marks.points_m) for i, marks in self._marked]
        self._points = np.concatenate([np.zeros((0, 3)), *points])
        self._owners = np.repeat([i.id for i, _ in self._marked], [len(p) for p in points]).astype(int)
        self._rays = self._points / np.maximum(self._points[:, 2:], NEAR_M)
        self._own_m, self._others_m = (np.full(len(self._points), np.inf) for _ in range(2))

    def meet(self, id: int, depths: Depths) -> None:
        """Note where the lines hit an instance first."""
        if not len(self._points):
            return
        depth_m, is_own = depths(self._rays), self._owners == id
        self._own_m[is_own] = depth_m[is_own]
        np.minimum(self._others_m, depth_m, out=self._others_m, where=~is_own)

    def seen(self) -> dict[int, SeenPoints]:
        """By instance id, once all instances have been met."""
        return {instance.id: self._seen(instance, marks) for instance, marks in self._marked}

    def _seen(self, instance: Instance, marks: Landmarks) -> SeenPoints:
        mine = self._owners == instance.id
        points, rays, depth_m = self._points[mine], self._rays[mine], self._points[mine, 2]
        is_before = depth_m > NEAR_M
        xy = np.full((len(points), 2), np.nan)
        xy[is_before] = self._camera.projected(points[is_before])
        surface_m = np.minimum(self._own_m[mine], depth_m)
        model_from_camera = inverse(instance.world_from_model) @ self._camera.world_from_camera
        below_m = (depth_m - surface_m) * np.linalg.norm(rays @ model_from_camera[:3, :3].T, axis=1)
        is_reached = self._others_m[mine] >= surface_m * (1 - TOUCHING)
        return SeenPoints(xy, is_before & (below_m <= marks.depth_m) & is_reached)
