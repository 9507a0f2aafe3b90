"""Hollows of models that would hold liquid, by what a slab of space leaves around them (manifold3d's Booleans)."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import trimesh
from manifold3d import Error, Manifold, Mesh, OpType

from cyclorama.assets.simplify import simplified
from cyclorama.core.arrays import FloatArray, IntArray
from cyclorama.core.geometry import rigid, rotation_between
from cyclorama.core.model import Model
from cyclorama.core.once import once_for_each

# Triangles in which a hollow is looked for, where that leaves the surface closed.
FACES = 8_000
# A hollow is a vessel if it holds so much of the volume of the model's hull.
LEAST = 0.03
# Heights at which pools are looked for, and halvings of the step between two for where it runs over.
LEVELS, HALVINGS = 16, 10
# Space between liquid and wall, thickness of what is modelled as a sheet, and of a bottle's wall, in diameters.
GAP, SHEET, WALL = 1e-3, 4e-3, 1e-2
# A material with more transmission is seen through.
CLEAR = 0.1


@dataclass(frozen=True, eq=False)
class Basin:
    """Space that liquid can fill.

    Attributes:
        vertices: (N, 3) of its closed surface, turned so that up is z.
        faces: (F, 3) triangles over them.
        bottom_m: Height of its lowest point.
        top_m: Height at which it runs over, or ends.
        is_seen: Whether the wall is open, or clear; what is closed by a wall that isn't would not be seen.
    """

    vertices: FloatArray
    faces: IntArray
    bottom_m: float
    top_m: float
    is_seen: bool

    def filled_to(self, level_m: float) -> tuple[FloatArray, IntArray]:
        """Vertices and triangles of the closed surface of what is in it up to a height."""
        return _arrays(_manifold(self.vertices, self.faces).trim_by_plane((0.0, 0.0, -1.0), -level_m))


@dataclass(frozen=True, eq=False)
class _Body:
    """A closed part of a model, and whether most of it is seen through.

    It is kept as arrays: manifold3d complains of solids that are alive when a process ends.
    """

    vertices: FloatArray
    faces: IntArray
    is_clear: bool


@lru_cache(16)
def basin(model: Model, up: tuple[float, float, float]) -> Basin | None:
    """What the model can hold, standing as it does.

    The largest hollow from which nothing runs out below some height: of a cup, or of a bottle that has an inner wall.
    Else the inside of what is closed, a little smaller: of its clear parts if it has such. None of a surface with holes
    that no thickness closes.

    Args:
        model: In metres.
        up: (3,) direction in its frame that is up in the world.
    """
    bodies = _bodies(model)
    turn = rigid(rotation_between(up, [0.0, 0.0, 1.0]), [0.0, 0.0, 0.0])[:3]
    size_m = 2 * model.radius_m
    if not bodies:
        return None
    if (hollow := _hollow(_united(bodies).transform(turn))) is not None:
        # No point of it moves farther than the gap: below that, all of its edge is wall.
        brim_m = hollow.bounding_box()[5] - GAP * size_m
        return _basin(_shrunk(hollow, GAP * size_m), brim_m, is_seen=True)
    clear = [body for body in bodies if body.is_clear]
    inside = _shrunk(_united(clear or bodies).transform(turn), WALL * size_m)
    return _basin(inside, inside.bounding_box()[5], is_seen=bool(clear))


def _basin(space: Manifold, top_m: float, *, is_seen: bool) -> Basin | None:
    return None if space.is_empty() else Basin(*_arrays(space), space.bounding_box()[2], top_m, is_seen)


def _united(bodies: list[_Body]) -> Manifold:
    return Manifold.batch_boolean([_manifold(body.vertices, body.faces) for body in bodies], OpType.Add)


def _hollow(solid: Manifold) -> Manifold | None:
    """The largest pool that stands in a solid, filled until it would run over."""
    box = np.array(solid.bounding_box()).reshape(2, 3)
    heights = np.linspace(box[0, 2], box[1, 2], LEVELS)
    pools = [_pool(solid, box, float(height)) for height in heights]
    volumes = [0.0 if pool is None else pool.volume() for pool in pools]
    best = int(np.argmax(volumes))
    if volumes[best] < LEAST * solid.hull().volume():
        return None
    found, low = pools[best], float(heights[best])
    high = float(heights[min(best + 1, LEVELS - 1)])
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        pool = _pool(solid, box, middle)
        if pool is not None and pool.volume() >= volumes[best]:
            found, low = pool, middle
        else:
            high = middle
    return found


def _pool(solid: Manifold, box: FloatArray, height: float) -> Manifold | None:
    """The largest space below a height that the solid keeps apart from the space around it."""
    margin = 0.1 * np.ptp(box, axis=0)
    low, high = box[0] - margin, np.array([*(box[1] + margin)[:2], height])
    slab = Manifold.cube((high - low).tolist()).translate(low.tolist())
    parts = [part for part in (slab - solid).decompose() if part.bounding_box()[0] >= box[0, 0] - margin[0] / 2]
    return max(parts, key=lambda part: part.volume(), default=None)


def _shrunk(solid: Manifold, by_m: float) -> Manifold:
    """The solid with its surface moved inwards; empty if nothing is left."""
    surface = trimesh.Trimesh(*_arrays(solid), process=False)
    return _manifold(surface.vertices - by_m * surface.vertex_normals, surface.faces)


@once_for_each
def _bodies(model: Model) -> list[_Body]:
    """Closed parts of a model, which together are what can't hold liquid."""
    for source in (simplified(model, FACES, id=model.id), model):
        whole = _surface(source, np.arange(len(source.faces)))
        solid = _manifold(whole.vertices, whole.faces)
        if not solid.is_empty():
            return [_Body(*_arrays(solid), _is_clear(source, np.arange(len(source.faces))))]
    bodies = []
    for index in range(len(model.materials)):
        mine = np.flatnonzero(model.face_materials == index)
        for part in _surface(model, mine).split(only_watertight=False) if len(mine) else ():
            solid = _manifold(part.vertices, part.faces)
            solid = _sheet(part, SHEET * 2 * model.radius_m) if solid.is_empty() else solid
            bodies += [] if solid.is_empty() else [_Body(*_arrays(solid), _is_clear(model, mine))]
    return bodies


def _surface(model: Model, faces: IntArray) -> trimesh.Trimesh:
    """Some of a model's triangles, with one vertex where there are several at one place."""
    points, point_of_vertex = np.unique(model.vertices_m, axis=0, return_inverse=True)
    surface = trimesh.Trimesh(points.astype(float), point_of_vertex.reshape(-1)[model.faces[faces]], process=False)
    surface.remove_unreferenced_vertices()
    return surface


def _is_clear(model: Model, faces: IntArray) -> bool:
    a, b, c = np.moveaxis(model.vertices_m[model.faces[faces]].astype(float), 1, 0)
    areas = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    clear = np.array([m.transmission > CLEAR or m.alpha_mode == "blend" for m in model.materials])
    return bool(areas[clear[model.face_materials[faces]]].sum() > areas.sum() / 2)


def _sheet(surface: trimesh.Trimesh, thickness_m: float) -> Manifold:
    """An open surface made so thick that it is closed; empty if that is not possible."""
    outwards = surface.vertex_normals * thickness_m / 2
    vertices = np.concatenate([surface.vertices + outwards, surface.vertices - outwards])
    count = len(surface.vertices)
    _, index, uses = np.unique(surface.edges_sorted, axis=0, return_index=True, return_counts=True)
    a, b = surface.edges[index[uses == 1]].T
    walls = np.concatenate([np.stack([b, a, a + count], axis=1), np.stack([b, a + count, b + count], axis=1)])
    return _manifold(vertices, np.concatenate([surface.faces, surface.faces[:, ::-1] + count, walls]))


def _arrays(solid: Manifold) -> tuple[FloatArray, IntArray]:
    """(N, 3) float64 vertices and (F, 3) triangles of a solid's surface."""
    mesh = solid.to_mesh()
    return mesh.vert_properties[:, :3].astype(float), mesh.tri_verts.astype(np.int32)


def _manifold(vertices: FloatArray, faces: IntArray) -> Manifold:
    """The solid that a surface encloses; empty where it is not closed, or inside out."""
    made = Manifold(Mesh(np.asarray(vertices, np.float32), np.asarray(faces, np.uint32)))
    return made if made.status() == Error.NoError and made.volume() > 0 else Manifold()
