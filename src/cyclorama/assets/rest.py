"""Orientations in which a thing stays where it is put."""

import numpy as np
import trimesh

from cyclorama.core.arrays import FloatArray
from cyclorama.core.geometry import rotation_between
from cyclorama.core.model import Model
from cyclorama.core.once import once_for_each

# Less likely ways to rest are left out.
LEAST = 0.01


@once_for_each
def stable_rotations(model: Model) -> tuple[FloatArray, FloatArray]:
    """How a model may rest on a plane: ``rests_of`` its vertices."""
    return rests_of(np.asarray(model.vertices_m, float))


def rests_of(points_m: FloatArray) -> tuple[FloatArray, FloatArray]:
    """How a thing may rest on a plane, by the convex hull of its (N, 3) points.

    A face of the hull bears the model if its centre of mass (of the hull, taken as solid) lies above the
    face. How likely is a face: by the solid angle that it fills as seen from the centre of mass, which is
    the chance that a model dropped without spin meets the ground with that face.

    Returns:
        (N, 3, 3) rotations world_from_object, most likely first, and (N,) probabilities that add up to 1;
        for one without volume the one that stands on its flattest side.
    """
    try:
        with np.errstate(all="ignore"):
            hull = trimesh.Trimesh(points_m).convex_hull
            center = hull.center_mass
    except Exception:  # noqa: BLE001 - qhull's own error for flat input; a flat thing lies on its face
        return _flat_side(points_m)[None], np.ones(1)
    if hull.volume <= 1e-15:
        return _flat_side(points_m)[None], np.ones(1)
    facets = _facets(hull)
    angles = _solid_angles(hull.triangles - center)
    chances, rotations = [], []
    for normal, faces in facets:
        if _bears(hull, faces, normal, center):
            chances.append(angles[faces].sum())
            rotations.append(rotation_between(normal, [0.0, 0.0, -1.0]))
    chance = np.array(chances) / np.sum(chances)
    order = [i for i in np.argsort(-chance, kind="stable") if chance[i] >= LEAST] or [int(np.argmax(chance))]
    return np.array(rotations)[order], chance[order] / chance[order].sum()


def _facets(hull: trimesh.Trimesh) -> list[tuple[FloatArray, list[int]]]:
    """(outward normal, its triangles) of every flat side of the hull."""
    keys = np.round(hull.face_normals, 3)
    groups: dict[bytes, list[int]] = {}
    for face, key in enumerate(keys + 0.0):
        groups.setdefault(key.tobytes(), []).append(face)
    return [(hull.face_normals[faces[0]], faces) for faces in groups.values()]


def _bears(hull: trimesh.Trimesh, faces: list[int], normal: FloatArray, center: FloatArray) -> bool:
    """Whether the centre of mass, dropped along the normal, falls within one of the side's triangles."""
    a, b, c = np.moveaxis(hull.triangles[faces], 1, 0)
    foot = center + np.sum((a - center) * normal, axis=1, keepdims=True) * normal
    sides = [np.sum(np.cross(q - p, foot - p) * normal, axis=1) for p, q in ((a, b), (b, c), (c, a))]
    return bool((np.min(sides, axis=0) >= -1e-12).any())


def _solid_angles(triangles: FloatArray) -> FloatArray:
    """(F,) steradians of (F, 3, 3) triangles seen from the origin (van Oosterom and Strackee 1983)."""
    a, b, c = np.moveaxis(triangles, 1, 0)
    la, lb, lc = (np.linalg.norm(p, axis=1) for p in (a, b, c))
    volume = np.abs(np.sum(a * np.cross(b, c), axis=1))
    below = la * lb * lc + np.sum(a * b, 1) * lc + np.sum(a * c, 1) * lb + np.sum(b * c, 1) * la
    return 2 * np.arctan2(volume, below) % (2 * np.pi)


def _flat_side(points_m: FloatArray) -> FloatArray:
    axis = np.eye(3)[int(np.argmin(np.ptp(points_m, axis=0)))]
    return rotation_between(axis, [0.0, 0.0, 1.0])
