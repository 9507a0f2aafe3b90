"""Exact geometry of a scene by ray casting, the same for every engine.

Embree holds one bounding volume hierarchy per model, not per scene: rays are moved into each instance's
space, cast only inside its projected box, and merged by depth. Rays are (x, y, 1) in the camera's frame,
so their parameter is the depth along the optical axis and survives scaled transforms.
"""

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cyclorama.core.arrays import BoolArray, FloatArray, IntArray
from cyclorama.core.frame import Geometry, Silhouette
from cyclorama.core.geometry import inverse
from cyclorama.core.library import Library
from cyclorama.core.scene import CATCHER, GOBO, Camera, Instance, Scene
from cyclorama.render.bvh import Bvh, Hits
from cyclorama.render.keypoints import SightLines
from cyclorama.render.rays import camera_rays, picture_rays, turned
from cyclorama.render.window import Window, projected_window

UNSEEN = (CATCHER, GOBO)
# Beyond the border a silhouette is sampled with at most this many rays, in images; more is strided.
BEYOND_IMAGES = 4.0
# Hierarchies that are kept hold at most this many triangles, each of about 100 bytes.
MOST_FACES = 8_000_000
# Rays are cast in bands of about as many as leave their arrays in the processor's cache.
BAND_RAYS = 2**16


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
    """One instance as the camera sees it."""

    bvh: Bvh
    model_from_camera: FloatArray
    window: Window
    nearest_m: float

    def cast(self, rays: FloatArray) -> Hits:
        """Hits, flattened, of (R, C, 3) rays in the camera's frame."""
        directions = turned(rays, self.model_from_camera[:3, :3]).reshape(-1, 3)
        return self.bvh.first_hits(self.model_from_camera[:3, 3], directions, self.nearest_m)

    def depths(self, rays: FloatArray) -> FloatArray:
        """(N,) depth of the first hits of (N, 3) rays, inf for a miss."""
        return self.cast(rays[None]).depth_m

    def normals_camera(self, hits: Hits) -> FloatArray:
        """(N, 3) float32 normals in the camera's frame, of any length and on either side."""
        # Normals turn with the inverse transpose of camera_from_model: n @ model_from_camera.
        return turned(hits.normals[None], self.model_from_camera[:3, :3].T)[0]


class Caster:
    """Casts scenes; keeps the hierarchies of the models that it met last. Use one per process."""

    def __init__(self, library: Library, *, keep: int = 128) -> None:
        self._library = library
        self._keep = keep
        self._bvhs: OrderedDict[str, Bvh] = OrderedDict()

    def cast(self, scene: Scene) -> Geometry:
        """Ids, depth, normals and silhouettes of ``scene`` at all pixel centres, and its keypoints."""
        lines = SightLines(scene, self._library)
        layers = self.layers(scene, lines)
        depth_m = layers.depth_m.astype(np.float32)
        return Geometry(layers.instance_ids, depth_m, layers.normal_camera, layers.silhouettes, lines.seen())

    def layers(self, scene: Scene, lines: SightLines | None = None) -> Layers:
        """The nearest hits of ``scene`` with faces and barycentric coordinates; ties go to the lower id.

        Args:
            scene: What to cast.
            lines: Meet all that is cast.
        """
        camera = scene.camera
        layers = Layers.empty(camera.height, camera.width)
        rays = picture_rays(camera)
        camera_from_world = inverse(camera.world_from_camera)
        for instance in sorted((i for i in scene.instances if i.layer not in UNSEEN), key=lambda i: i.id):
            view = self._view(instance, camera, camera_from_world)
            inside = view.window.clipped(camera.width, camera.height)
            mask = np.concatenate([_merge(layers, instance.id, band, view, rays) for band in inside.bands(BAND_RAYS)])
            if instance.category is not None:
                layers.silhouettes[instance.id] = _silhouette(mask, inside, view, camera)
            if lines is not None:
                lines.meet(instance.id, view.depths)
        _turn_to_camera(layers.normal_camera, rays)
        return layers

    def bvh(self, id: str) -> Bvh:
        """The hierarchy of model ``id``, built when first asked for."""
        if id not in self._bvhs:
            self._bvhs[id] = Bvh(self._library.model(id))
        self._bvhs.move_to_end(id)
        while len(self._bvhs) > 1 and (len(self._bvhs) > self._keep or self._faces() > MOST_FACES):
            self._bvhs.popitem(last=False)
        return self._bvhs[id]

    def _faces(self) -> int:
        return sum(len(bvh.model.faces) for bvh in self._bvhs.values())

    def _view(self, instance: Instance, camera: Camera, camera_from_world: FloatArray) -> _View:
        bvh = self.bvh(instance.model)
        camera_from_model = camera_from_world @ instance.world_from_model
        window, nearest_m = projected_window(bvh.model, camera_from_model, camera)
        return _View(bvh, inverse(camera_from_model), window, nearest_m)


def cast(scene: Scene, library: Library) -> Geometry:
    """Geometry of one scene; for many scenes keep a ``Caster``."""
    return Caster(library).cast(scene)


def _merge(layers: Layers, id: int, window: Window, view: _View, rays: FloatArray) -> BoolArray:
    """Cast the rays of a window inside the image and put hits where they are nearest.

    Normals are yet of any length and on either side.

    Returns:
        (h, w) whether the instance is hit, hidden or not.
    """
    here, shape = window.slices, window.shape
    hits = view.cast(rays[here])
    depth_m = hits.depth_m.reshape(shape)
    nearer = depth_m < layers.depth_m[here]
    np.copyto(layers.instance_ids[here], id, where=nearer)
    np.copyto(layers.depth_m[here], depth_m, where=nearer)
    np.copyto(layers.faces[here], hits.faces.reshape(shape), where=nearer)
    np.copyto(layers.u[here], hits.u.reshape(shape), where=nearer)
    np.copyto(layers.v[here], hits.v.reshape(shape), where=nearer)
    normals = _whole_rows(view.normals_camera(hits)).reshape(shape)
    np.copyto(_whole_rows(layers.normal_camera)[here], normals, where=nearer)
    return (hits.faces >= 0).reshape(shape)


def _whole_rows(vectors: FloatArray) -> npt.NDArray[Any]:
    """The (..., 3) vectors as (...) opaque items, which NumPy copies an order of magnitude faster under a mask."""
    return vectors.view(f"V{3 * vectors.itemsize}")[..., 0]


def _turn_to_camera(normals: FloatArray, rays: FloatArray) -> None:
    """Make (H, W, 3) normals unit vectors against their rays, in place; zeros stay."""
    exact = normals.astype(np.float64)
    scale = 1 / np.sqrt(np.maximum(np.einsum("hwi,hwi->hw", exact, exact), 1e-300))
    scale[np.einsum("hwi,hwi->hw", exact, rays) > 0] *= -1
    for axis in range(3):
        np.multiply(exact[..., axis], scale, out=normals[..., axis], casting="same_kind")


def _silhouette(mask: BoolArray, inside: Window, view: _View, camera: Camera) -> Silhouette:
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
        found = (view.cast(camera_rays(camera, columns, rows)).faces >= 0).reshape(len(rows), len(columns))
        total += int(np.count_nonzero(found)) * strip.area // found.size
        extent = Window.of(found, columns, rows)
        extents.append(extent and extent.with_strides(stride, strip))
    return total, extents
