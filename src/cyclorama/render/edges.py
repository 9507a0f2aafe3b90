"""Where a model has sharp edges that stand out, as numbers at the corners of its triangles."""

import numpy as np
from scipy.spatial import cKDTree

from cyclorama.core.arrays import ArrayLike, BoolArray, FloatArray, IntArray
from cyclorama.core.model import Model

Stretch = tuple[float, float, float]
# Where faces turn by more than this, an edge is sharp.
SHARP_RAD = np.radians(30.0)
# Stands for no edge at all.
FAR = 1e3
# Between points along edges, among which the nearest is sought, in diameters.
STEP = 0.01


def stretch_of(scale: ArrayLike) -> Stretch:
    """What a scale does to proportions: factors along the axes, the largest 1."""
    factors = np.abs(np.asarray(scale, float))
    x, y, z = np.round(factors / factors.max(), 3).tolist()
    return x, y, z


def edge_distances(model: Model, stretch: Stretch = (1.0, 1.0, 1.0)) -> FloatArray:
    """(F, 3, 3) float32 from each corner of a triangle (second axis) to three edges, ``FAR`` where there are none.

    They are in diameters of the bounding sphere, both of the model after it is stretched.

    The least of the three, interpolated, is the distance to the nearest edge, or more: exactly that next to the
    triangle's own edges, since distances to a straight line are linear in a plane, and less exact the larger the
    triangle is beside others. The third axis' edge j is the one opposite corner j if that is sharp and stands out,
    else the one that is nearest to corner j. Vertices at one place are taken as one; what only one triangle has, or
    more than two, is no edge, nor is any of what keeps its looks: a mug isn't worn where its coffee ends.
    """
    vertices = model.vertices_m.astype(np.float64) * stretch
    points = vertices[model.faces]
    sharp = _stands_out(points, _twins(model)).reshape(-1, 3) & ~model.keeps[:, None]
    if not sharp.any():
        return np.full(points.shape, FAR, np.float32)
    ends, diameter = _ends(points), 2 * float(np.linalg.norm(vertices - model.center_m * stretch, axis=1).max())
    nearest = _nearest(vertices, ends[sharp], STEP * diameter)[model.faces]
    own = np.arange(sharp.size).reshape(sharp.shape)
    chosen = np.where(sharp, own, np.flatnonzero(sharp)[nearest])
    # Of one edge's own two corners, whose nearest it is, one can speak for the third corner.
    triangle, edge = np.nonzero(sharp & (sharp.sum(axis=1, keepdims=True) == 1))
    chosen[triangle, (edge + 1) % 3] = np.flatnonzero(sharp)[nearest[triangle, edge]]
    edges = ends.reshape(-1, 2, 3)[chosen]
    return np.asarray(_to_segments(points[:, :, None], edges[:, None]) / diameter, np.float32)


def _twins(model: Model) -> IntArray:
    """(3F,) the number of the same edge in the neighbour; edges go by the corner opposite, -1 is one without a twin."""
    rows = np.ascontiguousarray(model.vertices_m + 0.0).view(np.dtype((np.void, 12))).reshape(-1)
    _, same = np.unique(rows, return_inverse=True)
    faces = same.reshape(-1)[model.faces].astype(np.int64)
    start, end = (np.roll(faces, -step, axis=1).reshape(-1) for step in (1, 2))
    keys = np.minimum(start, end) * len(rows) + np.maximum(start, end)
    order = np.argsort(keys, kind="stable")
    _, first, count = np.unique(keys[order], return_index=True, return_counts=True)
    a, b = order[first[count == 2]], order[first[count == 2] + 1]
    # Two triangles that run along it the same way have no common outside.
    opposed = (start[a] == end[b]) & (start[a] != end[a])
    twins = np.full(faces.size, -1)
    twins[a[opposed]], twins[b[opposed]] = b[opposed], a[opposed]
    return twins


def _stands_out(points: FloatArray, twins: IntArray) -> BoolArray:
    """(3F,) whether two faces meet there at an angle, and outwards."""
    normals = np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
    lengths = np.repeat(np.linalg.norm(normals, axis=1), 3)
    normals = np.repeat(normals, 3, axis=0) / np.maximum(lengths, 1e-300)[:, None]
    corners, on_edge = points.reshape(-1, 3), np.roll(points, -1, axis=1).reshape(-1, 3)
    turn = np.einsum("ij,ij->i", normals, normals[twins])
    above = np.einsum("ij,ij->i", normals, corners[twins] - on_edge)
    has_area = (lengths > 0) & (lengths[twins] > 0)
    return np.asarray((twins >= 0) & has_area & (turn < np.cos(SHARP_RAD)) & (above < 0))


def _ends(points: FloatArray) -> FloatArray:
    """(F, 3, 2, 3) both ends of the edges opposite corners."""
    return np.stack([np.roll(points, -1, axis=1), np.roll(points, -2, axis=1)], axis=2)


def _nearest(places: FloatArray, edges: FloatArray, step: float) -> IntArray:
    """(N,) which of (E, 2, 3) edges is nearest to each place: that of the nearest of points so far apart on edges."""
    way = edges[:, 1] - edges[:, 0]
    counts = np.ceil(np.linalg.norm(way, axis=1) / step).astype(int)
    of = np.repeat(np.arange(len(edges)), counts)
    # Not at their ends, where several meet.
    share = (np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts) + 0.5) / counts[of]
    return np.asarray(of[cKDTree(edges[of, 0] + share[:, None] * way[of]).query(places)[1]])


def _to_segments(points: FloatArray, edges: FloatArray) -> FloatArray:
    """(...) distances from (..., 3) points to (..., 2, 3) edges."""
    start, way = edges[..., 0, :], edges[..., 1, :] - edges[..., 0, :]
    square = np.maximum((way**2).sum(axis=-1), 1e-300)
    along = np.clip(((points - start) * way).sum(axis=-1) / square, 0, 1)
    return np.asarray(np.linalg.norm(points - start - along[..., None] * way, axis=-1))
