"""Exact geometry of a scene by ray casting, the same for every engine.

Embree holds one bounding volume hierarchy per model, not per scene: rays are moved into each instance's
space, cast only inside its projected box, and merged by depth. Rays are (x, y, 1) in the camera's frame,
so their parameter is the depth along the optical axis and survives scaled transforms.
"""

import math
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from cyclorama.core.arrays import FloatArray, IntArray
from cyclorama.core.frame import Geometry, Silhouette
from cyclorama.core.geometry import inverse, pixel_rays
from cyclorama.core.library import Library
from cyclorama.core.scene import Camera, Instance, Scene
from cyclorama.render.bvh import Bvh, Hits
from cyclorama.render.window import Window, projected_window

# Beyond the border a silhouette is sampled with at most this many rays, in images; more is strided.
BEYOND_IMAGES = 4.0


@dataclass(frozen=True, eq=False)
class Layers:
    """The nearest hit of every pixel, with all that shading needs.

    Attributes:
        instance_ids: (H, W) int32, 0 where nothing is.
        depth_m: (H, W) float64 along the optical axis, inf where nothing is.
        normal_camera: (H, W, 3) float32 unit normals towards the camera; 0 where nothing is.
        faces: (H, W) int32 face of the instance's model, -1 where nothing is.
        u: (H, W) float32 barycentric weight of the face's second vertex.
        v: (H, W) float32 barycentric weight of the face's third vertex.
        silhouettes: By instance id, of the instances that have a category.
    """

    instance_ids: IntArray
    depth_m: FloatArray
    normal_camera: FloatArray
    faces: IntArray
    u: FloatArray
    v: FloatArray
    silhouettes: dict[int, Silhouette]

    @classmethod
    def empty(cls, height: int, width: int) -> "Layers":
        """Nothing hit yet."""
        shape = (height, width)
        return cls(
            instance_ids=np.zeros(shape, np.int32),
            depth_m=np.full(shape, np.inf),
            normal_camera=np.zeros((*shape, 3), np.float32),
            faces=np.full(shape, -1, np.int32),
            u=np.zeros(shape, np.float32),
            v=np.zeros(shape, np.float32),
            silhouettes={},
        )

    def hits(self, instance_id: int) -> tuple[IntArray, Hits]:
        """Flat pixel indices where the instance is nearest, and its hits there."""
        pixels = np.flatnonzero(self.instance_ids == instance_id)
        return pixels, Hits(
            self.depth_m.reshape(-1)[pixels],
            self.faces.reshape(-1)[pixels],
            self.u.reshape(-1)[pixels],
            self.v.reshape(-1)[pixels],
            self.normal_camera.reshape(-1, 3)[pixels],
        )


@dataclass(frozen=True, eq=False)
class _View:
    """One instance as the camera sees it: rays in the model's space."""

    bvh: Bvh
    model_from_camera: FloatArray
    ray_from_pixel: FloatArray
    window: Window
    nearest_m: float

    def cast(self, columns: IntArray, rows: IntArray) -> Hits:
        """Hits of rays through the centres of the (R, C) pixels of ``rows`` and ``columns``, flattened."""
        x, y, one = self.ray_from_pixel.T
        across, down = np.multiply.outer(columns + 0.5, x), np.multiply.outer(rows + 0.5, y) + one
        rays = (across[None, :, :] + down[:, None, :]).reshape(-1, 3)
        return self.bvh.first_hits(self.model_from_camera[:3, 3], rays, self.nearest_m)

    def normals_camera(self, hits: Hits) -> FloatArray:
        """(N, 3) unit normals in the camera's frame, on either side."""
        # Normals turn with the inverse transpose of camera_from_model: n @ model_from_camera.
        normals = hits.normals.astype(np.float64) @ self.model_from_camera[:3, :3]
        return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-300)


class Caster:
    """Casts scenes; keeps the hierarchies of the models that it met last. Use one per process."""

    def __init__(self, library: Library, *, keep: int = 128) -> None:
        self._library = library
        self._keep = keep
        self._bvhs: OrderedDict[str, Bvh] = OrderedDict()

    def cast(self, scene: Scene) -> Geometry:
        """Ids, depth, normals and silhouettes of ``scene`` at all pixel centres."""
        layers = self.layers(scene)
        return Geometry(
            layers.instance_ids, layers.depth_m.astype(np.float32), layers.normal_camera, layers.silhouettes
        )

    def layers(self, scene: Scene) -> Layers:
        """The nearest hits of ``scene`` with faces and barycentric coordinates; ties go to the lower id."""
        layers = Layers.empty(scene.camera.height, scene.camera.width)
        for instance in sorted(scene.instances, key=lambda i: i.id):
            self._add(layers, instance, scene.camera)
        return layers

    def bvh(self, id: str) -> Bvh:
        """The hierarchy of model ``id``, built when first asked for."""
        if id not in self._bvhs:
            self._bvhs[id] = Bvh(self._library.model(id))
            if len(self._bvhs) > self._keep:
                self._bvhs.popitem(last=False)
        self._bvhs.move_to_end(id)
        return self._bvhs[id]

    def _add(self, layers: Layers, instance: Instance, camera: Camera) -> None:
        view = self._view(instance, camera)
        inside = view.window.clipped(camera.width, camera.height)
        hits = view.cast(*inside.grid())
        _merge(layers, instance.id, inside, view, hits, camera)
        if instance.category is not None:
            layers.silhouettes[instance.id] = _silhouette(hits, inside, view, camera)

    def _view(self, instance: Instance, camera: Camera) -> _View:
        bvh = self.bvh(instance.model)
        model_from_camera = inverse(instance.world_from_model) @ camera.world_from_camera
        window, nearest_m = projected_window(bvh.model, inverse(model_from_camera), camera)
        return _View(bvh, model_from_camera, model_from_camera[:3, :3] @ np.linalg.inv(camera.k), window, nearest_m)


def cast(scene: Scene, library: Library) -> Geometry:
    """Geometry of one scene; for many scenes keep a ``Caster``."""
    return Caster(library).cast(scene)


def _merge(layers: Layers, id: int, inside: Window, view: _View, hits: Hits, camera: Camera) -> None:
    here = np.s_[inside.y0 : inside.y1, inside.x0 : inside.x1]
    nearer = hits.depth_m.reshape(inside.shape) < layers.depth_m[here]
    won = hits[nearer.reshape(-1)]
    normals = view.normals_camera(won)
    rays = pixel_rays(camera.k, inside.x0, inside.y0, inside.x1, inside.y1)[nearer]
    normals[np.sum(normals * rays, axis=1) > 0] *= -1
    layers.instance_ids[here][nearer] = id
    layers.depth_m[here][nearer] = won.depth_m
    layers.normal_camera[here][nearer] = normals
    layers.faces[here][nearer] = won.faces
    layers.u[here][nearer] = won.u
    layers.v[here][nearer] = won.v


def _silhouette(hits: Hits, inside: Window, view: _View, camera: Camera) -> Silhouette:
    mask = (hits.faces >= 0).reshape(inside.shape)
    beyond_px, extents = _beyond(view, inside, camera)
    extents.append(Window.of(mask, *inside.grid()))
    whole = Window.around([extent for extent in extents if extent is not None])
    total_px = int(np.count_nonzero(mask)) + beyond_px
    return Silhouette(inside.x0, inside.y0, mask, total_px, (whole.x0, whole.y0, whole.x1, whole.y1))


def _beyond(view: _View, inside: Window, camera: Camera) -> tuple[int, list[Window | None]]:
    """Pixels of the silhouette beyond the image's border, and boxes around them."""
    strips = view.window.without(inside)
    budget = BEYOND_IMAGES * camera.width * camera.height
    stride = max(1, math.ceil(math.sqrt(sum(strip.area for strip in strips) / budget)))
    total = 0
    extents: list[Window | None] = []
    for strip in strips:
        columns, rows = strip.grid(stride)
        found = (view.cast(columns, rows).faces >= 0).reshape(len(rows), len(columns))
        total += int(np.count_nonzero(found)) * strip.area // found.size
        extents.append(Window.of(found, columns, rows))
    return total, extents
