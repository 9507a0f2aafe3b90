"""Smooth shading normals with creases."""

import numpy as np
import trimesh
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from cyclorama.core.arrays import FloatArray, IntArray

CREASE_RAD = np.radians(38.0)


def creased(vertices: FloatArray, faces: IntArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Splits vertices where faces meet at an angle, so that edges stay sharp and curves smooth.

    Two corners share a normal if faces around their vertex lead from one to the other over edges whose
    dihedral angle is under 38 degrees; the normal is weighted by the corners' angles.

    Args:
        vertices: (V, 3) positions; those at the same place are treated as one.
        faces: (F, 3) indices.

    Returns:
        (N,) index of the old vertex for each new one, (F, 3) faces over the new vertices and
        (N, 3) unit normals.
    """
    _, welded_of = np.unique(vertices, axis=0, return_inverse=True)
    welded_of = welded_of.reshape(-1)
    first = np.zeros(welded_of.max() + 1, int)
    first[welded_of[::-1]] = np.arange(len(vertices))[::-1]
    mesh = trimesh.Trimesh(vertices[first], welded_of[faces], process=False, validate=False)
    corner_groups = _smooth_corners(mesh)
    weights = (mesh.face_angles[..., None] * mesh.face_normals[:, None]).reshape(-1, 3)
    sums = np.zeros((corner_groups.max() + 1, 3))
    np.add.at(sums, corner_groups, weights)
    _, index, inverse = np.unique(
        np.stack([corner_groups, faces.reshape(-1)], axis=1), axis=0, return_index=True, return_inverse=True
    )
    normals = sums[corner_groups[index]]
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    normals = np.where(lengths > 1e-12, normals / np.maximum(lengths, 1e-12), [0.0, 0.0, 1.0])
    return faces.reshape(-1)[index], inverse.reshape(faces.shape).astype(np.int32), normals


def _smooth_corners(mesh: trimesh.Trimesh) -> IntArray:
    """(3F,) group of every corner."""
    smooth = mesh.face_adjacency_angles < CREASE_RAD
    pairs, edges = mesh.face_adjacency[smooth], mesh.face_adjacency_edges[smooth]
    links = [
        np.stack([_corner(mesh.faces, pairs[:, side], edges[:, end]) for side in (0, 1)], axis=1) for end in (0, 1)
    ]
    a, b = np.concatenate(links).T if len(pairs) else np.zeros((2, 0), int)
    size = mesh.faces.size
    return connected_components(coo_array((np.ones(len(a)), (a, b)), (size, size)), directed=False)[1]


def _corner(faces: IntArray, face: IntArray, vertex: IntArray) -> IntArray:
    return 3 * face + np.argmax(faces[face] == vertex[:, None], axis=1)
