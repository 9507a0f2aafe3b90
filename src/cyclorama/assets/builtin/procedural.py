"""Shapes by number, as many as are asked for: nothing that a detector could learn by heart."""

from collections.abc import Callable
from itertools import pairwise
from zlib import crc32

import cv2
import numpy as np
import trimesh

from cyclorama.core.arrays import BoolArray, FloatArray, IntArray

# Vertices and faces of each piece.
Solid = list[tuple[FloatArray, IntArray]]
# Of supershapes and assemblies, each.
VARIANTS = 100
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
# Of a supershape's grid; of a letter's, drawn first so many times as fine.
TURNS, HEIGHTS = 96, 48
CELLS, FINER = 48, 8
# A supershape's longest radius over its shortest, in each of its two curves.
MOST_RATIO = 3.0


def solid(name: str) -> Solid:
    """Pieces of the shape of that name, one of PROCEDURAL, the same at every call; of any size."""
    family, _, which = name.partition("-")
    return _FAMILIES[family](which, np.random.default_rng(crc32(name.encode())))


def _supershape(which: str, rng: np.random.Generator) -> Solid:  # noqa: ARG001
    """The product of two superformulas (Gielis, American Journal of Botany 90(3), 2003)."""
    longitude = np.linspace(-np.pi, np.pi, TURNS + 1)
    latitude = np.linspace(-np.pi / 2, np.pi / 2, HEIGHTS + 1)
    level, upright = _superformula(longitude, rng)[:, None], _superformula(latitude, rng)
    level[-1] = level[0]
    around, across = longitude[:, None], np.cos(latitude) * (np.abs(latitude) < np.pi / 2)
    x, y = level * np.cos(around) * upright * across, level * np.sin(around) * upright * across
    x[-1], y[-1] = x[0], y[0]
    points = np.stack([x, y, np.broadcast_to(upright * np.sin(latitude), x.shape)], -1).reshape(-1, 3)
    i = np.arange(len(points)).reshape(x.shape)
    a, b, c, d = (corner.reshape(-1) for corner in (i[:-1, :-1], i[1:, :-1], i[1:, 1:], i[:-1, 1:]))
    faces = np.concatenate([np.stack([a, b, c], -1), np.stack([a, c, d], -1)])
    corners = points[faces]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    return [(points, faces[area > 1e-12])]


def _superformula(angles: FloatArray, rng: np.random.Generator) -> FloatArray:
    """(N,) radii of a random curve of up to ten corners."""
    corners = int(rng.integers(0, 11))
    n1, n2, n3 = np.exp(rng.uniform(np.log(0.4), np.log(12), 3))
    quarter = corners * angles / 4
    powers = np.abs(np.cos(quarter)) ** n2 + np.abs(np.sin(quarter)) ** n3
    radii = np.maximum(powers, 1e-6) ** (-1 / n1)
    low, high = np.log(radii.min()), np.log(radii.max())
    # Spikes are shortened in proportion.
    return np.asarray(np.exp((np.log(radii) - low) * min(1.0, np.log(MOST_RATIO) / max(high - low, 1e-9))))


def _assembly(which: str, rng: np.random.Generator) -> Solid:  # noqa: ARG001
    """Two to six convex primitives, each stuck into one before it."""
    pieces: list[trimesh.Trimesh] = []
    for _ in range(int(rng.integers(2, 7))):
        piece = _primitive(rng)
        piece.apply_transform(np.diag([*rng.uniform(0.3, 1.0, 3), 1.0]))
        piece.apply_transform(trimesh.transformations.random_rotation_matrix(rng.random(3)))
        if pieces:
            host = pieces[int(rng.integers(len(pieces)))]
            piece.apply_translation(host.vertices[int(rng.integers(len(host.vertices)))])
        pieces.append(piece)
    return [(np.asarray(p.vertices, float), np.asarray(p.faces, np.int32)) for p in pieces]


def _primitive(rng: np.random.Generator) -> trimesh.Trimesh:
    makers: list[Callable[[], trimesh.Trimesh]] = [
        trimesh.creation.box,
        lambda: trimesh.creation.cylinder(radius=0.4, height=1.0, sections=32),
        lambda: trimesh.creation.cone(radius=0.5, height=1.0, sections=32),
        lambda: trimesh.creation.icosphere(subdivisions=3, radius=0.5),
        lambda: trimesh.creation.capsule(height=0.6, radius=0.2),
    ]
    return makers[int(rng.integers(len(makers)))]()


def _letter(which: str, rng: np.random.Generator) -> Solid:
    """A letter or digit, cut from a plate."""
    edge = CELLS * FINER
    image = np.zeros((edge, edge), np.uint8)
    (width, height), _ = cv2.getTextSize(which, cv2.FONT_HERSHEY_DUPLEX, edge / 40, edge // 10)
    at = ((edge - width) // 2, (edge + height) // 2)
    cv2.putText(image, which, at, cv2.FONT_HERSHEY_DUPLEX, edge / 40, (255,), edge // 10, cv2.LINE_AA)
    field = cv2.resize(image, (CELLS, CELLS), interpolation=cv2.INTER_AREA).astype(float)[::-1] / 255 - 0.5
    field[[0, -1]] = field[:, [0, -1]] = -0.5
    points, polygons = _outlined(field)
    return [_extruded(points / CELLS, polygons, float(rng.uniform(0.1, 0.3)))]


def _outlined(field: FloatArray) -> tuple[FloatArray, IntArray]:
    """The part of a grid that is above 0, by marching squares: (N, 2) points and (F, 3) triangles."""
    numbers: dict[tuple[float, float], int] = {}
    triangles = []
    inside = field > 0
    for row, column in np.argwhere(_any_corner(inside)):
        polygon = _cell(field, inside, int(row), int(column))
        corners = [numbers.setdefault(point, len(numbers)) for point in polygon]
        triangles += [(corners[0], b, c) for b, c in pairwise(corners[1:])]
    return np.array(list(numbers)), np.array(triangles, np.int32)


def _any_corner(inside: BoolArray) -> BoolArray:
    """Of each cell, whether one of its corners is inside."""
    return inside[:-1, :-1] | inside[1:, :-1] | inside[:-1, 1:] | inside[1:, 1:]


def _cell(field: FloatArray, inside: BoolArray, row: int, column: int) -> list[tuple[float, float]]:
    """x, y of the inner part's corners, counter-clockwise."""
    ring = [(row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column)]
    polygon = []
    for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
        if inside[a]:
            polygon.append((float(a[1]), float(a[0])))
        if inside[a] != inside[b]:
            # From the lower end, so that both cells of an edge get the same point.
            (low, high) = sorted((a, b))
            share = field[low] / (field[low] - field[high])
            polygon.append((float(low[1] + share * (high[1] - low[1])), float(low[0] + share * (high[0] - low[0]))))
    return polygon


def _extruded(points: FloatArray, triangles: IntArray, thickness: float) -> tuple[FloatArray, IntArray]:
    """A plate of that outline, standing upright: x to the right, z up."""
    count = len(points)
    front, back = (np.insert(points, 1, y, axis=1) for y in (-thickness / 2, thickness / 2))
    sides = np.stack([triangles, np.roll(triangles, -1, axis=1)], -1).reshape(-1, 2)
    keys, reverse = sides[:, 0] * count + sides[:, 1], sides[:, 1] * count + sides[:, 0]
    a, b = sides[~np.isin(keys, reverse)].T
    walls = np.concatenate([np.stack([a, a + count, b], -1), np.stack([b, a + count, b + count], -1)])
    faces = np.concatenate([triangles, triangles[:, ::-1] + count, walls])
    return np.concatenate([front, back]), faces


_FAMILIES: dict[str, Callable[[str, np.random.Generator], Solid]] = {
    "supershape": _supershape,
    "assembly": _assembly,
    "letter": _letter,
}
FAMILIES = {
    "supershape": tuple(f"supershape-{number}" for number in range(VARIANTS)),
    "assembly": tuple(f"assembly-{number}" for number in range(VARIANTS)),
    "letter": tuple(f"letter-{letter}" for letter in LETTERS),
}
PROCEDURAL = tuple(name for names in FAMILIES.values() for name in names)
