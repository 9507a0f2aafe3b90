"""Outlines on the plane one metre before the camera, where straight lines stay straight through any lens."""

import cv2
import numpy as np
import trimesh

from cyclorama.core.arrays import FloatArray
from cyclorama.core.geometry import inverse, transformed
from cyclorama.core.model import Model
from cyclorama.core.once import once_for_each
from cyclorama.core.scene import Camera
from cyclorama.scene.layout import Placed
from cyclorama.scene.placing.footprints import hull

# Relative difference of a convex mesh's volume from its hull's, by rounding.
ROUNDING = 1e-5
# More triangles are not looked at: what is made of so many is hardly convex.
MOST_FACES = 6000


def silhouette(placed: Placed, camera: Camera) -> FloatArray:
    """(N, 2) convex polygon that holds all that the camera sees of a thing, which must be before it."""
    seen = transformed(inverse(camera.world_from_camera) @ placed.world_from_object, placed.thing.outline_m())
    return hull(seen[:, :2] / seen[:, 2:])


def area(polygon: FloatArray) -> float:
    """Of (N, 2) corners in order (shoelace formula)."""
    x, y = (polygon - polygon[0]).T
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)


def shared_area(a: FloatArray, b: FloatArray) -> float:
    """Of two convex polygons."""
    return float(cv2.intersectConvexConvex(a.astype(np.float32), b.astype(np.float32))[0])


@once_for_each
def is_convex(model: Model) -> bool:
    """Whether a model fills its convex hull, without holes in its surface or its material."""
    if len(model.faces) > MOST_FACES or any(m.alpha_mode != "opaque" for m in model.materials):
        return False
    mesh = trimesh.Trimesh(np.asarray(model.vertices_m, float), model.faces)
    mesh.merge_vertices(merge_norm=True, merge_tex=True)
    if not mesh.is_watertight:
        return False
    volume = mesh.convex_hull.volume
    return bool(abs(volume - mesh.volume) <= ROUNDING * volume)


def apart(a: FloatArray, b: FloatArray, *, steps: int = 40) -> bool:
    """Whether a plane is found that parts the convex hulls of (N, 3) and (M, 3) points (Gilbert 1966).

    Hulls that hardly clear each other may count as meeting.
    """
    point = a.mean(axis=0) - b.mean(axis=0)
    for _ in range(steps):
        nearest = a[np.argmin(a @ point)] - b[np.argmax(b @ point)]
        if nearest @ point > 0:
            return True
        step = nearest - point
        length = float(step @ step)
        if length <= 1e-18:
            return False
        point = point + np.clip(-(point @ step) / length, 0, 1) * step
    return False
