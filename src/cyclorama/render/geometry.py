"""Exact geometry of a scene by ray casting, the same for every engine.

Embree holds one bounding volume hierarchy per model, not per scene: rays are moved into each instance's
space, cast only inside its projected box, and merged by depth. Rays are (x, y, 1) in the camera's frame,
so their parameter is the depth along the optical axis and survives scaled transforms.
"""

from collections import OrderedDict
from dataclasses import dataclass
from itertools import product

import numpy as np
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene

from cyclorama.core.arrays import BoolArray, FloatArray, IntArray
from cyclorama.core.frame import Geometry, Silhouette
from cyclorama.core.geometry import inverse, pixel_rays, projected, transformed
from cyclorama.core.library import Library
from cyclorama.core.model import Model
from cyclorama.core.scene import Camera, Instance, Scene

NEAR_M = 1e-4
# Layers of cut-out texture that a ray passes before it is taken to hit.
MAX_HOLES = 32
# A silhouette is followed beyond the border up to this many image widths and heights on each side.
MARGIN_IMAGES = 1.5


@dataclass(frozen=True, eq=False)
class Hits:
    """What rays hit first, in the model's own space.

    Attributes:
        depth_m: (N,) float64 along the optical axis, inf for a miss.
        faces: (N,) int32, -1 for a miss.
        u: (N,) barycentric weight of the face's second vertex.
        v: (N,) barycentric weight of the face's third vertex.
    """

    depth_m: FloatArray
    faces: IntArray
    u: FloatArray
    v: FloatArray


class ModelCaster:
    """One model's triangles in a bounding volume hierarchy."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._corners = model.vertices_m[model.faces].astype(np.float64)
        # Embree works in float32 around the model's centre, where its precision is best.
        self._center = model.center_m
        self._bvh = EmbreeScene()
        TriangleMesh(self._bvh, np.ascontiguousarray(self._corners - self._center, np.float32))
        self._cut = _cut_alpha(model)

    def first_hits(self, origin: FloatArray, directions: FloatArray) -> Hits:
        """Hits of (N, 3) rays from ``origin`` (3,), both in the model's space; parameters count directions."""
        hits = self._cast(np.broadcast_to(origin, directions.shape), directions)
        return hits if self._cut is None else self._past_holes(hits, origin, directions)

    def normals(self, faces: IntArray) -> FloatArray:
        """(N, 3) unit normals of faces in the model's space."""
        a, b, c = np.moveaxis(self._corners[faces], 1, 0)
        normals = np.cross(b - a, c - a)
        return normals / np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-30)

    def _cast(self, origins: FloatArray, directions: FloatArray) -> Hits:
        found = self._bvh.run(
            np.ascontiguousarray(origins - self._center, np.float32),
            np.ascontiguousarray(directions, np.float32),
            output=True,
        )
        faces = found["primID"].astype(np.int32)
        hit = faces >= 0
        depth = np.full(len(faces), np.inf)
        depth[hit] = self._plane_depth(faces[hit], origins[hit], directions[hit])
        return Hits(depth, faces, found["u"].astype(float), found["v"].astype(float))

    def _plane_depth(self, faces: IntArray, origins: FloatArray, directions: FloatArray) -> FloatArray:
        """Embree's float32 distance is refined to float64 on the plane of the triangle that it found."""
        a, b, c = np.moveaxis(self._corners[faces], 1, 0)
        normals = np.cross(b - a, c - a)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.sum(normals * (a - origins), axis=1) / np.sum(normals * directions, axis=1)

    def _past_holes(self, hits: Hits, origin: FloatArray, directions: FloatArray) -> Hits:
        depth, faces, u, v = hits.depth_m, hits.faces, hits.u, hits.v
        open_ = np.flatnonzero(self._is_hole(faces, u, v))
        for _ in range(MAX_HOLES):
            if not len(open_):
                break
            step = (depth[open_] * (1 + 1e-5) + 1e-7)[:, None]
            onward = self._cast(origin + step * directions[open_], directions[open_])
            depth[open_] = onward.depth_m + step[:, 0]
            faces[open_], u[open_], v[open_] = onward.faces, onward.u, onward.v
            open_ = open_[self._is_hole(faces[open_], u[open_], v[open_])]
        return Hits(depth, faces, u, v)

    def _is_hole(self, faces: IntArray, u: FloatArray, v: FloatArray) -> BoolArray:
        hole = np.zeros(len(faces), bool)
        hit = np.flatnonzero(faces >= 0)
        if self._cut is None or self.model.uv is None or not len(hit):
            return hole
        a, b, c = np.moveaxis(self.model.uv[self.model.faces[faces[hit]]].astype(float), 1, 0)
        uv = a + u[hit, None] * (b - a) + v[hit, None] * (c - a)
        materials = self.model.face_materials[faces[hit]]
        for index, (alpha, cutoff) in self._cut.items():
            mine = materials == index
            height, width = alpha.shape
            columns = np.floor(uv[mine, 0] % 1.0 * width).astype(int) % width
            rows = np.floor((1 - uv[mine, 1]) % 1.0 * height).astype(int) % height
            hole[hit[mine]] = alpha[rows, columns] < cutoff
        return hole


def _cut_alpha(model: Model) -> dict[int, tuple[FloatArray, float]] | None:
    """(alpha image 0..1, cutoff) of every material with an alpha-cut texture."""
    cut = {
        index: (model.textures[name][..., 3] / 255 * material.base_color[3], material.alpha_cutoff)
        for index, material in enumerate(model.materials)
        if material.alpha_mode == "cut"
        and (name := material.base_color_texture) is not None
        and model.textures[name].shape[-1] == 4
    }
    return cut or None


@dataclass(frozen=True)
class Window:
    """Pixels x0 <= column < x1, y0 <= row < y1; may lie beyond the image."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, columns."""
        return max(self.y1 - self.y0, 0), max(self.x1 - self.x0, 0)

    def clipped(self, width: int, height: int) -> "Window":
        """The part inside an image; of no size where there is none."""
        x0, y0 = min(max(self.x0, 0), width), min(max(self.y0, 0), height)
        return Window(x0, y0, max(min(self.x1, width), x0), max(min(self.y1, height), y0))


class Caster:
    """Casts scenes; keeps the hierarchies of the models that it met last."""

    def __init__(self, library: Library, *, keep: int = 128) -> None:
        self._library = library
        self._keep = keep
        self._models: OrderedDict[str, ModelCaster] = OrderedDict()

    def cast(self, scene: Scene) -> Geometry:
        """Ids, depth, normals and silhouettes of ``scene`` at all pixel centres."""
        camera = scene.camera
        ids = np.zeros((camera.height, camera.width), np.int32)
        depth = np.full(ids.shape, np.inf)
        normals = np.zeros((*ids.shape, 3), np.float32)
        silhouettes: dict[int, Silhouette] = {}
        for instance in sorted(scene.instances, key=lambda i: i.id):
            window, hits = self._instance_hits(instance, camera)
            if instance.category is not None:
                silhouettes[instance.id] = _silhouette(hits.faces.reshape(window.shape) >= 0, window, camera)
            self._merge(instance, camera, window, hits, (ids, depth, normals))
        return Geometry(ids, depth.astype(np.float32), normals, silhouettes)

    def caster(self, id: str) -> ModelCaster:
        """The hierarchy of model ``id``, built when first asked for."""
        if id not in self._models:
            self._models[id] = ModelCaster(self._library.model(id))
            if len(self._models) > self._keep:
                self._models.popitem(last=False)
        self._models.move_to_end(id)
        return self._models[id]

    def _instance_hits(self, instance: Instance, camera: Camera) -> tuple[Window, Hits]:
        caster = self.caster(instance.model)
        model_from_camera = inverse(instance.world_from_model) @ camera.world_from_camera
        window = _projected_window(caster.model, inverse(model_from_camera), camera)
        if instance.category is None:
            window = window.clipped(camera.width, camera.height)
        rays = pixel_rays(camera.k, window.x0, window.y0, window.x1, window.y1).reshape(-1, 3)
        if not len(rays):
            return window, Hits(np.zeros(0), np.zeros(0, np.int32), np.zeros(0), np.zeros(0))
        return window, caster.first_hits(model_from_camera[:3, 3], rays @ model_from_camera[:3, :3].T)

    def _merge(
        self,
        instance: Instance,
        camera: Camera,
        window: Window,
        hits: Hits,
        image: tuple[IntArray, FloatArray, FloatArray],
    ) -> None:
        ids, depth, normals = image
        inside = window.clipped(camera.width, camera.height)
        if 0 in inside.shape:
            return
        here = np.s_[inside.y0 : inside.y1, inside.x0 : inside.x1]
        there = np.s_[inside.y0 - window.y0 : inside.y1 - window.y0, inside.x0 - window.x0 : inside.x1 - window.x0]
        hit_depth = hits.depth_m.reshape(window.shape)[there]
        nearer = hit_depth < depth[here]
        depth[here][nearer] = hit_depth[nearer]
        ids[here][nearer] = instance.id
        faces = hits.faces.reshape(window.shape)[there][nearer]
        rays = pixel_rays(camera.k, inside.x0, inside.y0, inside.x1, inside.y1)[nearer]
        normals[here][nearer] = self._normals_camera(instance, camera, faces, rays)

    def _normals_camera(self, instance: Instance, camera: Camera, faces: IntArray, rays: FloatArray) -> FloatArray:
        # Normals turn with the inverse transpose: model_from_camera's transpose, seen from the camera.
        model_from_camera = inverse(instance.world_from_model) @ camera.world_from_camera
        normals = self.caster(instance.model).normals(faces) @ model_from_camera[:3, :3]
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)
        away = np.sum(normals * rays, axis=1) > 0
        normals[away] *= -1
        return normals


def cast(scene: Scene, library: Library) -> Geometry:
    """Geometry of one scene; for many scenes keep a ``Caster``."""
    return Caster(library).cast(scene)


def _projected_window(model: Model, camera_from_model: FloatArray, camera: Camera) -> Window:
    """Pixels that the model's bounding box may cover, up to the margin around the image."""
    corners = transformed(camera_from_model, np.array(list(product(*model.bounds_m.T))))
    low = -MARGIN_IMAGES * np.array([camera.width, camera.height])
    high = (1 + MARGIN_IMAGES) * np.array([camera.width, camera.height])
    if (corners[:, 2] <= NEAR_M).all():
        return Window(0, 0, 0, 0)
    if (corners[:, 2] <= NEAR_M).any():
        corners = _clipped_to_near(corners)
    pixels = projected(camera.k, corners)
    x0, y0 = np.clip(np.floor(pixels.min(axis=0)), low, high).astype(int)
    x1, y1 = np.clip(np.ceil(pixels.max(axis=0)), low, high).astype(int)
    return Window(int(x0), int(y0), int(x1), int(y1))


def _clipped_to_near(corners: FloatArray) -> FloatArray:
    """Corners in front of the near plane, and where the lines between all pairs of corners cross it."""
    front, back = corners[corners[:, 2] > NEAR_M], corners[corners[:, 2] <= NEAR_M]
    a, b = np.repeat(front, len(back), axis=0), np.tile(back, (len(front), 1))
    share = ((a[:, 2] - NEAR_M) / (a[:, 2] - b[:, 2]))[:, None]
    return np.concatenate([front, a + share * (b - a)])


def _silhouette(covered: BoolArray, window: Window, camera: Camera) -> Silhouette:
    inside = window.clipped(camera.width, camera.height)
    mask = covered[inside.y0 - window.y0 : inside.y1 - window.y0, inside.x0 - window.x0 : inside.x1 - window.x0]
    rows, columns = np.flatnonzero(covered.any(axis=1)), np.flatnonzero(covered.any(axis=0))
    if not len(rows):
        return Silhouette(inside.x0, inside.y0, mask, 0, (0, 0, 0, 0))
    extent = (
        window.x0 + int(columns[0]),
        window.y0 + int(rows[0]),
        window.x0 + int(columns[-1]) + 1,
        window.y0 + int(rows[-1]) + 1,
    )
    return Silhouette(inside.x0, inside.y0, mask, int(np.count_nonzero(covered)), extent)
