"""Rays against one model's triangles."""

from dataclasses import dataclass

import numpy as np
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene

from cyclorama.core.arrays import BoolArray, FloatArray, IntArray
from cyclorama.core.model import Model
from cyclorama.render.color import texture_alpha
from cyclorama.render.rays import turned

# Layers of cut-out texture that a ray passes before it is taken to hit.
MAX_HOLES = 32


@dataclass(frozen=True, eq=False)
class Hits:
    """What rays hit first, in the model's own space.

    Attributes:
        depth_m: (N,) float64 length along the ray in units of its direction, inf for a miss.
        faces: (N,) int32, -1 for a miss.
        u: (N,) float32 barycentric weight of the face's second vertex.
        v: (N,) float32 barycentric weight of the face's third vertex.
        normals: (N, 3) float32 of the faces, of any length and either side.
    """

    depth_m: FloatArray
    faces: IntArray
    u: FloatArray
    v: FloatArray
    normals: FloatArray

    def __getitem__(self, chosen: BoolArray | IntArray) -> "Hits":
        """The hits of some of the rays."""
        return Hits(self.depth_m[chosen], self.faces[chosen], self.u[chosen], self.v[chosen], self.normals[chosen])


class Bvh:
    """One model's triangles in Embree's bounding volume hierarchy.

    Embree computes in float32: everything is moved to the model's centre, and rays should be given a
    ``start`` close to the model, so that what is left to measure is of the model's size.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self._center = model.center_m
        # "Robust" keeps rays from slipping through the edge between two triangles.
        self._scene = EmbreeScene(robust=True)
        vertices = np.ascontiguousarray(model.vertices_m - self._center, np.float32)
        TriangleMesh(self._scene, vertices, np.ascontiguousarray(model.faces, np.int32))
        self._has_holes = any(m.alpha_mode == "cut" for m in model.materials)

    def first_hits(self, origin: FloatArray, directions: FloatArray, start: float = 0.0) -> Hits:
        """What rays from one point hit first.

        Args:
            origin: (3,) in the model's space.
            directions: (N, 3) in the model's space, of any length: depth counts in this length.
            start: Where rays begin, in lengths of their direction; nothing nearer is hit.
        """
        begin = np.column_stack([start * np.eye(3), origin - self._center])
        hits = self._cast(turned(directions[None], begin)[0], directions, start)
        return self._past_holes(hits, origin, directions) if self._has_holes else hits

    def _cast(self, origins: FloatArray, directions: FloatArray, starts: FloatArray | float) -> Hits:
        """Hits of rays whose (N, 3) origins, from the model's centre, lie ``starts`` along them."""
        found = self._scene.run(
            np.ascontiguousarray(origins, np.float32), np.ascontiguousarray(directions, np.float32), output=True
        )
        depth = np.add(found["tfar"], starts, dtype=np.float64)
        np.putmask(depth, found["primID"] < 0, np.inf)
        return Hits(depth, found["primID"], found["u"], found["v"], found["Ng"])

    def _past_holes(self, hits: Hits, origin: FloatArray, directions: FloatArray) -> Hits:
        # A step that is small against the model, and not lost in the float32 of a far-away ray's start.
        lengths = np.linalg.norm(directions, axis=1)
        step = 1e-5 * self.model.radius_m / np.maximum(lengths, 1e-30)
        blocked = np.flatnonzero(self._is_hole(hits))
        for _ in range(MAX_HOLES):
            if not len(blocked):
                break
            starts, ahead = hits.depth_m[blocked] + step[blocked], directions[blocked]
            onward = self._cast((origin - self._center) + starts[:, None] * ahead, ahead, starts)
            for field in ("depth_m", "faces", "u", "v", "normals"):
                getattr(hits, field)[blocked] = getattr(onward, field)
            blocked = blocked[self._is_hole(onward)]
        return hits

    def _is_hole(self, hits: Hits) -> BoolArray:
        """(N,) whether the hit is at a place that its material's alpha cuts out."""
        model = self.model
        hole = np.zeros(len(hits.faces), bool)
        materials = np.where(hits.faces >= 0, model.face_materials[hits.faces], -1)
        for index, material in enumerate(model.materials):
            mine = np.flatnonzero(materials == index)
            if material.alpha_mode != "cut" or not len(mine):
                continue
            alpha = np.full(len(mine), material.base_color[3])
            texture = model.textures.get(material.base_color_texture or "")
            if texture is not None and texture.shape[-1] == 4 and model.uv is not None:
                alpha = alpha * texture_alpha(texture, interpolated(model.uv, model, hits[mine]))
            hole[mine] = alpha < material.alpha_cutoff
        return hole


def interpolated(values: FloatArray, model: Model, hits: Hits) -> FloatArray:
    """(N, C) float64 of (V, C) per-vertex ``values`` at hits, none of which may be a miss."""
    a, b, c = np.moveaxis(values[model.faces[hits.faces]].astype(np.float64), 1, 0)
    return a + hits.u[:, None] * (b - a) + hits.v[:, None] * (c - a)
