"""More triangles for a model whose edges are too long to be bent."""

from dataclasses import replace

import numpy as np

from cyclorama.core.arrays import BoolArray, FloatArray, IntArray
from cyclorama.core.model import Model

# By how many of a triangle's edges are halved: its parts, as its corners 0 1 2 and the middles 3 4 5 of the edges
# 01 12 20. It is turned so that the first edges are those that are halved.
PARTS = {
    0: [[0, 1, 2]],
    1: [[0, 3, 2], [3, 1, 2]],
    2: [[3, 1, 4], [0, 3, 4], [0, 4, 2]],
    3: [[0, 3, 5], [3, 1, 4], [5, 4, 2], [3, 4, 5]],
}


def subdivided(model: Model, longest_m: float, *, most_faces: int) -> Model:
    """The same surface in triangles whose edges are no longer than ``longest_m``, as far as the number allows.

    Every edge is halved on both of its sides or on neither, so nothing opens, along seams either: what is at one
    place before is at one place after. Joints are left out where an edge is.

    Args:
        model: Any triangles.
        longest_m: Limit of edges, metres.
        most_faces: Edges are not halved where that would give more triangles.
    """
    while True:
        edges, edge_of_side = _edges(model.faces, len(model.vertices_m))
        ends = model.vertices_m[edges].astype(float)
        halved = np.sum((ends[:, 0] - ends[:, 1]) ** 2, axis=1) > longest_m**2
        sides = halved[edge_of_side]
        if not halved.any() or len(model.faces) + sides.sum() > most_faces:
            return model
        model = _halved(model, edges, edge_of_side, halved)


def _edges(faces: IntArray, count: int) -> tuple[IntArray, IntArray]:
    """(E, 2) pairs of so many vertices, and (F, 3) which of them the sides 01 12 20 of each triangle are."""
    ends = faces.astype(np.int64), np.roll(faces, -1, axis=1)
    keys, edge_of_side = np.unique(np.minimum(*ends) * count + np.maximum(*ends), return_inverse=True)
    return np.stack(np.divmod(keys, count), axis=1), edge_of_side.reshape(-1, 3)


def _halved(model: Model, edges: IntArray, edge_of_side: IntArray, halved: BoolArray) -> Model:
    count = len(model.vertices_m)
    middle_of_edge = np.full(len(edges), -1)
    middle_of_edge[halved] = count + np.arange(halved.sum())
    faces, owners = _parts(model.faces, middle_of_edge[edge_of_side])
    ends = edges[halved]
    normals = _with_middles(model.normals, ends)
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    return replace(
        model,
        vertices_m=_with_middles(model.vertices_m, ends),
        faces=faces,
        normals=np.where(lengths > 1e-6, normals / np.maximum(lengths, 1e-6), normals),
        uv=None if model.uv is None else _with_middles(model.uv, ends),
        colors=None if model.colors is None else np.rint(_with_middles(model.colors, ends)).astype(np.uint8),
        face_materials=model.face_materials[owners],
        joints=(),
        face_joints=np.zeros(0, np.int32),
    )


def _parts(faces: IntArray, middles: IntArray) -> tuple[IntArray, IntArray]:
    """Triangles after halving, and of which triangle each is a part.

    Args:
        faces: (F, 3) before.
        middles: (F, 3) new vertex in the middle of each side, -1 where a side is not halved.
    """
    is_halved = middles >= 0
    counts = is_halved.sum(axis=1)
    # One of one: that side first. Two of three: the one that is not comes last.
    first = np.where(counts == 1, is_halved.argmax(axis=1), np.where(counts == 2, is_halved.argmin(axis=1) + 1, 0))
    turn = (first[:, None] + np.arange(3)) % 3
    corners = np.concatenate([np.take_along_axis(faces, turn, 1), np.take_along_axis(middles, turn, 1)], axis=1)
    made, owners = [], []
    for count, parts in PARTS.items():
        mine = np.flatnonzero(counts == count)
        made.append(corners[mine][:, parts].reshape(-1, 3))
        owners.append(np.repeat(mine, len(parts)))
    return np.concatenate(made), np.concatenate(owners)


def _with_middles(values: FloatArray | IntArray, ends: IntArray) -> FloatArray:
    """(V + E, N) values of vertices, and of the middles between pairs of them."""
    exact = values.astype(float)
    return np.concatenate([exact, (exact[ends[:, 0]] + exact[ends[:, 1]]) / 2])
