"""Exact geometry of scenes of spheres, by school mathematics: the judge of the ray caster."""

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.frame import Geometry, Silhouette
from cyclorama.core.geometry import inverse
from cyclorama.core.library import Library
from cyclorama.core.model import Model
from cyclorama.core.scene import Camera, Instance, Scene
from cyclorama.render.rays import camera_rays, picture_rays
from cyclorama.render.window import NEAR_M, Window, projected_window

# Vertices may lie this far off the ellipsoid, relative to its axes.
ROUNDNESS = 1e-3


def sphere_geometry(scene: Scene, library: Library) -> Geometry:
    """Ids, depth, normals and silhouettes of true spheres and ellipsoids, not of their triangles.

    Raises:
        ValueError: An instance's model is no sphere.
    """
    camera = scene.camera
    image = Window(0, 0, camera.width, camera.height)
    ids, depth = np.zeros(image.shape, np.int32), np.full(image.shape, np.inf)
    normals, silhouettes = np.zeros((*image.shape, 3)), {}
    for instance in sorted(scene.instances, key=lambda i: i.id):
        hit_depth, hit_normals = _hits(instance, library.model(instance.model), camera, picture_rays(camera))
        nearer = hit_depth < depth
        ids[nearer], depth[nearer], normals[nearer] = instance.id, hit_depth[nearer], hit_normals[nearer]
        if instance.category is not None:
            silhouettes[instance.id] = _silhouette(instance, library.model(instance.model), camera)
    return Geometry(ids, depth, normals, silhouettes)


def _hits(instance: Instance, model: Model, camera: Camera, rays: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(H, W) depth, inf for a miss, and (H, W, 3) unit normals towards the camera, of (H, W, 3) rays; camera frame."""
    unit_from_camera = _unit_from_model(model) @ inverse(instance.world_from_model) @ camera.world_from_camera
    origin = unit_from_camera[:3, 3]
    directions = rays @ unit_from_camera[:3, :3].T
    a, b = np.sum(directions**2, axis=-1), directions @ origin
    root = np.sqrt(np.maximum(b**2 - a * (origin @ origin - 1), 0))
    near, far = (-b - root) / a, (-b + root) / a
    depth = np.where(near > NEAR_M, near, far)
    depth[(root == 0) | (depth <= NEAR_M)] = np.inf
    points = origin + np.where(np.isfinite(depth), depth, 0)[..., None] * directions
    normals = points @ unit_from_camera[:3, :3]
    normals *= -np.sign(np.sum(normals * rays, axis=-1, keepdims=True))
    return depth, normals / np.linalg.norm(normals, axis=-1, keepdims=True)


def _unit_from_model(model: Model) -> FloatArray:
    """(4, 4) that makes the unit sphere about 0 of the model's ellipsoid."""
    half = (model.bounds_m[1] - model.bounds_m[0]) / 2
    unit = (model.vertices_m - model.center_m) / half
    if np.abs(np.linalg.norm(unit, axis=1) - 1).max() > ROUNDNESS:
        raise ValueError(f"model '{model.id}' is no sphere")
    matrix = np.diag([*(1 / half), 1.0])
    matrix[:3, 3] = -model.center_m / half
    return matrix


def _silhouette(instance: Instance, model: Model, camera: Camera) -> Silhouette:
    camera_from_model = inverse(camera.world_from_camera) @ instance.world_from_model
    window, _ = projected_window(model, camera_from_model, camera)
    inside = window.clipped(camera.width, camera.height)
    covered = np.isfinite(_hits(instance, model, camera, camera_rays(camera, *window.grid()))[0])
    mask = covered[inside.y0 - window.y0 : inside.y1 - window.y0, inside.x0 - window.x0 : inside.x1 - window.x0]
    extent = Window.of(covered, *window.grid()) or Window(0, 0, 0, 0)
    total_px = int(np.count_nonzero(covered))
    return Silhouette(inside.x0, inside.y0, mask, total_px, (extent.x0, extent.y0, extent.x1, extent.y1))
