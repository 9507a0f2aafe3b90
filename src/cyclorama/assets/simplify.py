"""Fewer triangles for a model that is small in the picture."""

from dataclasses import replace
from threading import Lock

import fast_simplification
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from cyclorama.core.arrays import BoolArray, FloatArray, IntArray
from cyclorama.core.library import FEWEST_FACES, LEVEL_FACTOR
from cyclorama.core.model import Model

# Part of the name of what is kept: raise it when the result changes.
SIMPLIFIER_VERSION = 1
# No corner ends farther from the planes of the triangles that it stands for, root of the sum of squares, than this many
# radii over the root of the number of triangles wanted. With two triangles for every pixel of the bounding sphere that
# is two pixels; a tenth of a pixel was measured.
MOST_ERROR = 5.0
# The simplifier accepts squared errors up to 1e-9 * (i + 3) ** AGGRESSION in its i-th pass, of a hundred.
AGGRESSION = 3
LAST_ERROR = (1e-9 * 102**AGGRESSION) ** 0.5
# The simplifier keeps its mesh in global variables.
_ALONE = Lock()


def simplified(model: Model, most_faces: int, *, id: str) -> Model:
    """The model with fewer triangles, moved as little as their planes allow (Garland and Heckbert, SIGGRAPH 1997).

    Vertices that differ only in texture coordinates or normals move as one, so that no seam opens; each side of a
    seam keeps its own attributes. Materials and textures are the same; joints are left out.

    Args:
        model: Any triangles, closed or not.
        most_faces: Triangles wanted. More stay where fewer would move or turn the surface too far, and on borders.
        id: Of the result.

    Returns:
        The model itself, but for its id, where it has no more triangles than that.
    """
    if len(model.faces) <= most_faces:
        return replace(model, id=id)
    positions, position_of_vertex = np.unique(model.vertices_m, axis=0, return_inverse=True)
    corners = position_of_vertex.reshape(-1)[model.faces]
    unit_m = model.radius_m * MOST_ERROR / (LAST_ERROR * most_faces**0.5)
    points, root_of_position = _collapsed((positions - model.center_m) / unit_m, corners, most_faces)
    points_m = model.center_m + unit_m * points
    root_of_vertex = root_of_position[position_of_vertex.reshape(-1)]
    return _carried(model, points_m[root_of_vertex], root_of_vertex, id)


def coarser(model: Model, *, id: str) -> Model:
    """The next level of detail: a quarter of the triangles, but no fewer than any model may have."""
    return simplified(model, max(len(model.faces) // LEVEL_FACTOR, FEWEST_FACES), id=id)


def _collapsed(positions: FloatArray, faces: IntArray, most_faces: int) -> tuple[FloatArray, IntArray]:
    """Collapse edges of (P, 3) float64 positions and (F, 3) faces, in the unit that the simplifier's errors are in.

    Returns:
        (P, 3) where each position that others were collapsed into lies now, and (P,) into which each one was.
    """
    with _ALONE:
        points, _, collapses = fast_simplification.simplify(
            positions,
            faces.astype(np.int32),
            target_count=most_faces,
            agg=AGGRESSION,
            preserve_border=True,
            return_collapses=True,
        )
    kept, gone = collapses.reshape(-1, 2).T
    groups = _groups(len(positions), kept, gone)
    survives = np.ones(len(positions), bool)
    survives[gone] = False
    root_of_group = np.empty(len(positions), np.int64)
    root_of_group[groups[survives]] = np.flatnonzero(survives)
    roots = root_of_group[groups]
    # What is left of the surface is renumbered in order.
    moved = positions.copy()
    moved[np.unique(roots[faces[_has_area(roots[faces])]])] = points
    return moved, roots


def _carried(model: Model, points_m: FloatArray, root_of_vertex: IntArray, id: str) -> Model:
    """The triangles that are left, with the attributes of the vertices nearest to their new corners.

    Args:
        model: Before.
        points_m: (V, 3) where each vertex was moved to.
        root_of_vertex: (V,) equal for vertices that were moved to one point.
        id: Of the result.
    """
    left = _has_area(root_of_vertex[model.faces])
    wedges = _wedges(model.faces, root_of_vertex)
    moved_by = np.linalg.norm(model.vertices_m - points_m, axis=1)
    order = np.lexsort((moved_by, wedges))
    nearest = order[np.flatnonzero(np.diff(wedges[order], prepend=-1))]
    used, faces = np.unique(wedges[model.faces[left]], return_inverse=True)
    chosen = nearest[used]
    return replace(
        model,
        id=id,
        vertices_m=points_m[chosen],
        faces=faces.reshape(-1, 3),
        normals=model.normals[chosen],
        uv=None if model.uv is None else model.uv[chosen],
        colors=None if model.colors is None else model.colors[chosen],
        face_materials=model.face_materials[left],
        joints=(),
        face_joints=np.zeros(0, np.int32),
    )


def _wedges(faces: IntArray, root_of_vertex: IntArray) -> IntArray:
    """(V,) equal for vertices that came to one point along edges of the mesh, and so on one side of every seam."""
    a, b = faces[:, [0, 1, 2]].reshape(-1), faces[:, [1, 2, 0]].reshape(-1)
    together = root_of_vertex[a] == root_of_vertex[b]
    return _groups(len(root_of_vertex), a[together], b[together])


def _groups(count: int, a: IntArray, b: IntArray) -> IntArray:
    """(count,) numbers of the groups that are linked by pairs of ``a`` and ``b``."""
    links = coo_array((np.ones(len(a), bool), (a, b)), shape=(count, count))
    return connected_components(links, directed=False)[1]


def _has_area(faces: IntArray) -> BoolArray:
    """(F,) whether the corners are three."""
    a, b, c = faces.T
    return (a != b) & (b != c) & (c != a)
