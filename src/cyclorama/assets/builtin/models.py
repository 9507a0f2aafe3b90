"""Procedural 3D models in real sizes."""

from collections.abc import Callable

import cv2
import numpy as np
import trimesh

from cyclorama.assets.builtin.keypoints import landmarks
from cyclorama.assets.builtin.procedural import solid
from cyclorama.assets.builtin.textures import texture
from cyclorama.assets.shading import creased
from cyclorama.core.arrays import ByteArray, FloatArray, IntArray
from cyclorama.core.model import Material, Model

Piece = tuple[FloatArray, IntArray, FloatArray | None, Material]
Pieces = tuple[list[Piece], dict[str, ByteArray]]
SEGMENTS = 64


def model(name: str, id: str) -> Model:
    """The built-in model ``name``, standing on z = 0 (shapes and surfaces are centred)."""
    pieces, textures = _MAKERS[name]() if name in _MAKERS else _procedural(name)
    vertices, faces, normals, uv, owner, start = [], [], [], [], [], 0
    for index, (v, f, t, _) in enumerate(pieces):
        source, split, n = creased(v, f)
        vertices.append(v[source])
        faces.append(split + start)
        normals.append(n)
        uv.append(np.zeros((len(source), 2)) if t is None else t[source])
        owner.append(np.full(len(f), index, np.int32))
        start += len(source)
    return Model(
        id,
        name,
        np.concatenate(vertices),
        np.concatenate(faces),
        np.concatenate(normals),
        uv=np.concatenate(uv),
        face_materials=np.concatenate(owner),
        materials=tuple(piece[3] for piece in pieces),
        textures=textures,
        landmarks=landmarks(name),
    )


def rounded_box(size_m: FloatArray, radius_m: float, *, steps: int = 6) -> tuple[FloatArray, IntArray, FloatArray]:
    """A box with rounded edges, centred.

    Args:
        size_m: (3,) outer edge lengths.
        radius_m: Of the edges; at most half the shortest edge.
        steps: Rows of faces on each rounding.

    Returns:
        (V, 3) vertices, (F, 3) faces and (V, 2) texture coordinates in an atlas of 3 x 2 cells: the upper
        row holds the faces +x, +y, +z, the lower one -x, -y, -z.
    """
    half = np.asarray(size_m, float) / 2
    inner = half - radius_m
    vertices, faces, uv, start = [], [], [], 0
    for axis in range(3):
        for side in (1, -1):
            u, v = (axis + 1) % 3, (axis + 2) % 3
            a, b = (_stops(half[k], radius_m, steps) for k in (u, v))
            grid_a, grid_b = np.meshgrid(a, b, indexing="ij")
            on_cube = np.empty((*grid_a.shape, 3))
            on_cube[..., u], on_cube[..., v], on_cube[..., axis] = grid_a, grid_b, side * half[axis]
            core = np.clip(on_cube, -inner, inner)
            outward = on_cube - core
            length = np.linalg.norm(outward, axis=-1, keepdims=True)
            vertices.append((core + radius_m * outward / np.maximum(length, 1e-12)).reshape(-1, 3))
            faces.append(_grid_faces(len(a), len(b), flip=side < 0) + start)
            start += grid_a.size
            s, t = grid_a / (2 * half[u]) + 0.5, grid_b / (2 * half[v]) + 0.5
            s = s if side > 0 else 1 - s
            uv.append(np.stack([(axis + s) / 3, ((side > 0) + t) / 2], axis=-1).reshape(-1, 2))
    return np.concatenate(vertices), np.concatenate(faces), np.concatenate(uv)


def _stops(half: float, radius: float, steps: int) -> FloatArray:
    bend = radius * np.tan(np.linspace(np.pi / 4, 0, steps, endpoint=False))
    return np.unique(np.concatenate([-(half - radius) - bend, half - radius + bend, [-(half - radius), half - radius]]))


def _grid_faces(rows: int, columns: int, *, flip: bool) -> IntArray:
    i = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = i[:-1, :-1], i[1:, :-1], i[1:, 1:], i[:-1, 1:]
    faces = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    return faces[:, ::-1] if flip else faces


def _lathe(profile: list[tuple[float, float]], *, smooth: int = 0) -> tuple[FloatArray, IntArray, FloatArray]:
    """Turns (radius, height) points about z, from the bottom's centre outwards; uv are angle and profile length."""
    points = np.array(profile, float)
    for _ in range(smooth):
        cut = np.empty((2 * len(points) - 2, 2))
        cut[0::2], cut[1::2] = 0.75 * points[:-1] + 0.25 * points[1:], 0.25 * points[:-1] + 0.75 * points[1:]
        points = np.concatenate([points[:1], cut, points[-1:]])
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    angles = np.linspace(0, 2 * np.pi, SEGMENTS + 1)
    ring = np.stack([np.cos(angles), np.sin(angles)], -1)
    vertices = np.empty((SEGMENTS + 1, len(points), 3))
    vertices[..., :2] = ring[:, None] * points[None, :, :1]
    vertices[..., 2] = points[:, 1]
    vertices[-1] = vertices[0]
    uv = np.stack(np.broadcast_arrays((angles / (2 * np.pi))[:, None], along / along[-1]), -1)
    vertices, faces = vertices.reshape(-1, 3), _grid_faces(SEGMENTS + 1, len(points), flip=False)
    corners = vertices[faces]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    return vertices, faces[area > 1e-14], uv.reshape(-1, 2)


def _tube(path: FloatArray, radii: FloatArray) -> tuple[FloatArray, IntArray]:
    """A closed elliptic tube along (N, 3) points in the plane y = 0; ``radii`` (2,) are across it and along y."""
    tangents = np.gradient(path, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    across = np.cross(tangents, [0.0, 1.0, 0.0])
    angles = np.linspace(0, 2 * np.pi, 25)
    offsets = np.cos(angles)[None, :, None] * across[:, None] * radii[0]
    offsets = offsets + np.sin(angles)[None, :, None] * np.array([0, radii[1], 0])
    vertices = path[:, None] + offsets
    vertices[:, -1] = vertices[:, 0]
    faces = _grid_faces(len(path), 25, flip=False)
    count = vertices.shape[0] * 25
    i, end = np.arange(24), count - 25
    caps = [np.stack([np.full(24, count), i + 1, i], -1), np.stack([np.full(24, count + 1), end + i, end + i + 1], -1)]
    faces = np.concatenate([faces[:, ::-1], *caps])
    return np.concatenate([vertices.reshape(-1, 3), path[:1], path[-1:]]), faces


def _mug() -> Pieces:
    radius, height, wall = 0.041, 0.095, 0.0035
    rim = [(radius - wall / 2 + wall / 2 * np.cos(a), height + wall / 2 * np.sin(a)) for a in np.linspace(0, np.pi, 9)]
    outside = [(0, 0.002), (0.028, 0.002), (0.03, 0), (0.036, 0), (radius - 0.001, 0.003), (radius, 0.008)]
    inside = [(radius - wall, 0.014), (radius - wall - 0.003, 0.007), (0.028, 0.0055), (0, 0.0055)]
    body = _lathe([*outside, *rim])
    cup = _lathe([rim[-1], *inside])
    turn = np.linspace(-0.5 * np.pi, 0.5 * np.pi, 40)
    arc = np.stack([radius - 0.002 + 0.028 * np.cos(turn), 0 * turn, 0.05 + 0.03 * np.sin(turn)], -1)
    handle = _tube(arc, np.array([0.0045, 0.007]))
    glaze = Material("glaze", (0.62, 0.08, 0.05, 1.0), roughness=0.18)
    white = Material("inside", (0.85, 0.83, 0.78, 1.0), roughness=0.2)
    return [(*body, glaze), (*cup, white), (*handle, None, glaze)], {}


def _bottle() -> Pieces:
    profile = [(0, 0.004), (0.024, 0.002), (0.03, 0), (0.0345, 0.006), (0.0345, 0.02), (0.0345, 0.12), (0.034, 0.138)]
    profile += [(0.026, 0.165), (0.0165, 0.185), (0.0135, 0.195), (0.0135, 0.205), (0.0155, 0.207), (0.0155, 0.21)]
    body = _lathe([*profile, (0.0125, 0.21), (0.0125, 0.222), (0, 0.222)], smooth=2)
    cap = _lathe([(0, 0.209), (0.0148, 0.209), (0.0152, 0.211), (0.0152, 0.226), (0.0145, 0.2275), (0, 0.2275)])
    label = _lathe([(0.0352, 0.045), (0.0352, 0.11)])
    plastic = Material("plastic", (0.05, 0.3, 0.16, 1.0), roughness=0.12, transmission=0.35, ior=1.45)
    paper = Material("label", (1, 1, 1, 1), roughness=0.55, base_color_texture="label")
    blue = Material("cap", (0.03, 0.12, 0.5, 1.0), roughness=0.35)
    return [(*body, plastic), (*label, paper), (*cap, blue)], {"label": _label_image()}


def _box() -> Pieces:
    size = np.array([0.13, 0.05, 0.18])
    vertices, faces, uv = rounded_box(size, 0.0015, steps=2)
    card = Material("carton", (1, 1, 1, 1), roughness=0.5, base_color_texture="carton")
    return [(vertices + [0, 0, size[2] / 2], faces, uv, card)], {"carton": _carton_image()}


def _die() -> Pieces:
    vertices, faces, uv = rounded_box(np.full(3, 0.022), 0.0035, steps=6)
    ivory = Material("ivory", (1, 1, 1, 1), roughness=0.25, base_color_texture="pips")
    return [(vertices + [0, 0, 0.011], faces, uv, ivory)], {"pips": _pips_image()}


def _label_image() -> ByteArray:
    image = np.full((256, 1024, 3), (244, 240, 228), np.uint8)
    cv2.rectangle(image, (0, 0), (1023, 36), (20, 92, 60), -1)
    cv2.rectangle(image, (0, 220), (1023, 255), (20, 92, 60), -1)
    for x in (60, 572):
        cv2.putText(image, "SPRING", (x, 130), cv2.FONT_HERSHEY_TRIPLEX, 2.6, (20, 60, 130), 6, cv2.LINE_AA)
        cv2.putText(
            image, "mineral water 0.5 l", (x + 8, 185), cv2.FONT_HERSHEY_DUPLEX, 0.95, (70, 70, 70), 2, cv2.LINE_AA
        )
        cv2.circle(image, (x + 420, 120), 44, (60, 150, 200), -1, cv2.LINE_AA)
    return image


def _carton_image() -> ByteArray:
    """3 x 2 cells of 512: the sides, fronts and lids of a carton of cereal."""
    image = np.full((1024, 1536, 3), (238, 170, 40), np.uint8)
    for row in range(2):
        front, side, lid = (image[512 * row : 512 * (row + 1), 512 * c : 512 * (c + 1)] for c in (1, 0, 2))
        # Cells are (y, z), (z, x) and (x, y): the front's height runs along its columns.
        upright = np.full((512, 512, 3), (238, 170, 40), np.uint8)
        cv2.circle(upright, (256, 330), 130, (250, 240, 215), -1, cv2.LINE_AA)
        cv2.ellipse(upright, (256, 340), (90, 50), 0, 0, 360, (150, 90, 40), -1, cv2.LINE_AA)
        cv2.putText(upright, "OATS", (70, 140), cv2.FONT_HERSHEY_TRIPLEX, 4.4, (150, 30, 25), 12, cv2.LINE_AA)
        front[:] = np.rot90(upright, 1 if row else -1)
        side[:] = (205, 120, 30)
        for line in range(90, 470, 26):
            cv2.line(side, (60, line), (60 + 300 + line % 90, line), (90, 50, 20), 7)
        lid[:] = (228, 150, 35)
        cv2.rectangle(lid, (40, 40), (470, 470), (205, 120, 30), 8)
    return image


def _pips_image() -> ByteArray:
    """3 x 2 cells of 256 with 1 2 3 above 6 5 4, so that opposite faces add up to seven."""
    image = np.full((512, 768, 3), (240, 234, 218), np.uint8)
    spots = {1: [(2, 2)], 2: [(1, 1), (3, 3)], 3: [(1, 1), (2, 2), (3, 3)], 4: [(1, 1), (1, 3), (3, 1), (3, 3)]}
    spots |= {5: [*spots[4], (2, 2)], 6: [*spots[4], (1, 2), (3, 2)]}
    for cell, pips in enumerate((1, 2, 3, 6, 5, 4)):
        left, top = cell % 3 * 256, cell // 3 * 256
        for x, y in spots[pips]:
            color = (150, 15, 20) if pips == 1 else (25, 25, 30)
            cv2.circle(image, (left + 64 * x, top + 64 * y), 26, color, -1, cv2.LINE_AA)
    return image


def _shape(mesh: trimesh.Trimesh) -> Pieces:
    vertices = np.asarray(mesh.vertices, float) - mesh.bounds.mean(axis=0)
    vertices *= 0.1 / np.ptp(vertices, axis=0).max()
    return [
        (vertices, np.asarray(mesh.faces, np.int32), None, Material("paint", (0.6, 0.6, 0.6, 1.0), roughness=0.4))
    ], {}


def _procedural(name: str) -> Pieces:
    made = solid(name)
    everything = np.concatenate([vertices for vertices, _ in made])
    middle, size = (everything.min(axis=0) + everything.max(axis=0)) / 2, np.ptp(everything, axis=0).max()
    paint = Material("paint", (0.6, 0.6, 0.6, 1.0), roughness=0.4)
    return [((vertices - middle) * (0.1 / size), faces, None, paint) for vertices, faces in made], {}


def _plane() -> Pieces:
    corners = np.array([[-0.5, -0.5, 0], [0.5, -0.5, 0], [0.5, 0.5, 0], [-0.5, 0.5, 0]])
    faces = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    return [(corners, faces, corners[:, :2] + 0.5, Material("plane", (0.7, 0.7, 0.7, 1.0)))], {}


def _card() -> Pieces:
    """Thin, with a corner at the origin: box-projected, one tile as large as it is covers it once."""
    vertices, faces, uv = rounded_box(np.array([0.1, 0.1, 0.0006]), 0.0003, steps=1)
    return [(vertices + [0.05, 0.05, 0], faces, uv, Material("card", (0.8, 0.8, 0.8, 1.0), roughness=0.4))], {}


def _picture() -> Pieces:
    """A flat printed card, 0.1 m wide: clutter that fools detectors of flat things."""
    vertices, faces, uv = rounded_box(np.array([0.1, 0.14, 0.0006]), 0.0003, steps=1)
    return [(vertices, faces, uv, Material("print", (1, 1, 1, 1), base_color_texture="print"))], {
        "print": texture("letters")
    }


_MODELS: dict[str, Callable[[], Pieces]] = {"mug": _mug, "bottle": _bottle, "box": _box, "die": _die}
_SHAPES: dict[str, Callable[[], Pieces]] = {
    "sphere": lambda: _shape(trimesh.creation.icosphere(subdivisions=4)),
    "cube": lambda: _shape(trimesh.creation.box()),
    "slab": lambda: _shape(trimesh.creation.box((1.0, 0.7, 0.15))),
    "cylinder": lambda: _shape(trimesh.creation.cylinder(radius=0.4, height=1.0, sections=48)),
    "cone": lambda: _shape(trimesh.creation.cone(radius=0.5, height=1.0, sections=48)),
    "torus": lambda: _shape(trimesh.creation.torus(0.4, 0.15)),
    "capsule": lambda: _shape(trimesh.creation.capsule(height=0.6, radius=0.25)),
    "tube": lambda: _shape(trimesh.creation.annulus(r_min=0.3, r_max=0.4, height=0.6)),
    "octahedron": lambda: _shape(trimesh.creation.icosphere(subdivisions=0)),
    "tetrahedron": lambda: _shape(trimesh.creation.cone(radius=0.5, height=0.8, sections=3)),
    "print": _picture,
}
_MAKERS = _MODELS | _SHAPES | {"plane": _plane, "card": _card}
MODELS, SHAPES, SURFACES = tuple(_MODELS), tuple(_SHAPES), ("plane", "card")
