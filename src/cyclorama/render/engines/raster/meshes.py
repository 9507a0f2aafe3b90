"""Our models as vertex buffers."""

from dataclasses import dataclass, replace

import moderngl
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from cyclorama.core.arrays import ArrayLike, FloatArray, IntArray
from cyclorama.core.model import Model
from cyclorama.render.color import LINEAR_OF_BYTE

# Whether a mesh is closed is looked up to this size; culling a larger one's back faces isn't worth the search.
LARGEST_SEARCHED = 400_000


@dataclass(eq=False)
class Mesh:
    """A model's triangles on the device, sorted by material.

    Attributes:
        ranges: By material: (first index, number of indices).
        is_closed: Whether back faces can't be seen from outside, if nothing shows what is inside.
        is_flat: Whether all of it faces along one axis, either way.
        solidity: 1 for a solid ball, 0 for a thin shell or an open mesh.
    """

    buffers: dict[str, moderngl.Buffer]
    index: moderngl.Buffer
    ranges: tuple[tuple[int, int], ...]
    is_closed: bool
    is_flat: bool
    solidity: float
    arrays: dict[int, moderngl.VertexArray]

    def array(self, context: moderngl.Context, program: moderngl.Program) -> moderngl.VertexArray:
        """The vertex array for a program, made when first asked for."""
        if program.glo not in self.arrays:
            content = [(self.buffers[n], FORMATS[n], n) for n in self.buffers if program.get(n, None) is not None]
            self.arrays[program.glo] = context.vertex_array(program, content, self.index)
        return self.arrays[program.glo]

    def release(self) -> None:
        """Give the device's memory back."""
        for array in self.arrays.values():
            array.release()
        for buffer in (*self.buffers.values(), self.index):
            buffer.release()


FORMATS = {"in_position": "3f4", "in_normal": "4f2", "in_uv": "2f4", "in_color": "4f2", "in_edges": "3f4"}


def new_mesh(context: moderngl.Context, model: Model, edges: FloatArray | None = None) -> tuple[Mesh, int]:
    """A model's mesh and its size in bytes.

    Args:
        context: OpenGL.
        model: What to draw.
        edges: (F, 3, 3) distances of the triangles' corners to edges, in diameters, if they are to be worn; then no two
            triangles share a vertex.
    """
    if edges is not None:
        model = _taken_apart(model)
    order = np.argsort(model.face_materials, kind="stable")
    index = np.ascontiguousarray(model.faces[order], np.uint32)
    counts = np.bincount(model.face_materials, minlength=len(model.materials))
    starts = np.concatenate([[0], np.cumsum(counts)])
    ranges = tuple((3 * int(s), 3 * int(n)) for s, n in zip(starts, counts, strict=False))
    data = {"in_position": np.ascontiguousarray(model.vertices_m, np.float32), "in_normal": _padded(model.normals)}
    if model.uv is not None:
        data["in_uv"] = np.ascontiguousarray(model.uv, np.float32)
    if model.colors is not None:
        data["in_color"] = _padded(LINEAR_OF_BYTE[model.colors[:, :3]])
    if edges is not None:
        data["in_edges"] = np.ascontiguousarray(edges, np.float32)
    buffers = {name: context.buffer(values.tobytes()) for name, values in data.items()}
    size = index.nbytes + sum(values.nbytes for values in data.values())
    is_closed = _is_closed(model)
    is_flat = bool((np.abs(model.normals) > 1 - 1e-6).all(axis=0).any())
    made = context.buffer(index.tobytes())
    mesh = Mesh(buffers, made, ranges, is_closed, is_flat, _solidity(model) * is_closed, {})
    return mesh, size


def _taken_apart(model: Model) -> Model:
    """The same triangles, each with vertices of its own."""
    corners = model.faces.reshape(-1)
    return replace(
        model,
        vertices_m=model.vertices_m[corners],
        faces=np.arange(len(corners)).reshape(-1, 3),
        normals=model.normals[corners],
        uv=None if model.uv is None else model.uv[corners],
        colors=None if model.colors is None else model.colors[corners],
    )


def _padded(vectors: FloatArray) -> FloatArray:
    """(N, 4) float16 of (N, 3)."""
    padded = np.zeros((len(vectors), 4), np.float16)
    padded[:, :3] = vectors
    return padded


def areas_m2(model: Model, scale: ArrayLike = 1.0) -> FloatArray:
    """(M,) area of each material's triangles, the model scaled along its axes."""
    a, b, c = np.moveaxis(model.vertices_m[model.faces] * np.asarray(scale, np.float64), 1, 0)
    areas = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    return np.bincount(model.face_materials, areas, minlength=len(model.materials)).astype(np.float64)


def _solidity(model: Model) -> float:
    """Three times volume over area and radius."""
    volume = abs(float(_volumes(model).sum()))
    return 3 * volume / max(float(areas_m2(model).sum()) * model.radius_m, 1e-12)


def _is_closed(model: Model) -> bool:
    """Whether every edge is shared by two triangles of opposite sense, and no part is turned inside out.

    Vertices at one place are taken as one.
    """
    if len(model.faces) > LARGEST_SEARCHED:
        return False
    rows = np.ascontiguousarray(model.vertices_m + 0.0).view(np.dtype((np.void, 12))).reshape(-1)
    _, same = np.unique(rows, return_inverse=True)
    faces: IntArray = same[model.faces].astype(np.int64)
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    edges = edges[edges[:, 0] != edges[:, 1]]
    count = len(rows)
    forth, back = edges[:, 0] * count + edges[:, 1], edges[:, 1] * count + edges[:, 0]
    if not len(forth) or not np.array_equal(np.sort(forth), np.sort(back)):
        return False
    links = coo_array((np.ones(len(edges), bool), edges.T), shape=(count, count))
    parts = connected_components(links, directed=False)[1]
    volumes = np.bincount(parts[faces[:, 0]], _volumes(model))
    # A sheet of two sides has none.
    return bool(volumes.min() > -1e-12 * model.radius_m**3)


def _volumes(model: Model) -> FloatArray:
    """(F,) m^3 between each triangle and the model's middle, negative where the middle is outside of it."""
    a, b, c = np.moveaxis(model.vertices_m[model.faces].astype(np.float64) - model.center_m, 1, 0)
    return np.asarray(np.einsum("ij,ij->i", np.cross(a, b), c)) / 6
