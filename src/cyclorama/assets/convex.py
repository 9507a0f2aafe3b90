"""Convex pieces of models: what physics lets touch."""

import io
import signal
import subprocess
import sys
import zipfile
from contextlib import suppress

import numpy as np
import trimesh
from scipy.spatial import ConvexHull, QhullError, cKDTree

from cyclorama.assets.cache import cache_folder, keep
from cyclorama.assets.deform import moved
from cyclorama.assets.pose import parts_by_joint
from cyclorama.assets.simplify import simplified
from cyclorama.core.arrays import FloatArray, IntArray
from cyclorama.core.articulation import id_and_shares
from cyclorama.core.deformation import id_and_deformation
from cyclorama.core.errors import InputError
from cyclorama.core.filling import id_and_filling
from cyclorama.core.geometry import transformed
from cyclorama.core.hull import directions, thickened
from cyclorama.core.joints import motions
from cyclorama.core.library import id_and_level
from cyclorama.core.model import Model
from cyclorama.core.once import once_for_each

# Part of the name of what is kept: raise it when the result changes.
CONVEX_VERSION = 1
# Triangles that are taken apart, and more than which are not: a mug in 1000 takes some 20 seconds of CPU.
FACES, MOST_FACES = 1000, 8000
# Seconds after which taking apart is given up.
LIMIT_S = 1800
INSTEAD = "try again on a machine that does less, simplify the model, or take a layout without physics"
# A model is convex if its surface lies within so many diameters of so much of its hull.
NEAR, COVERED = 0.02, 0.95
# A piece with more corners than a few loses those that stand out less than so many of the model's diameters.
FEW, MOST_CORNERS, MOST_CUT = 32, 512, 3e-3
# Flat things are made as thick as this, in diameters.
THICKNESS = 2e-3
# Points on the surface, and the least and the most that a piece's corner is moved to one, in diameters.
POINTS, LEAST, FARTHEST = 100_000, 2e-3, 0.03


@once_for_each
def convex_parts(model: Model) -> tuple[FloatArray, ...]:
    """Convex pieces that together fill a model and leave its hollows free; from disk where they were made before.

    By CoACD (Wei and others, SIGGRAPH 2022), of a simplified surface, which need not be closed. A model that is as
    good as convex, or that can't be taken apart, is one piece: its hull. No piece reaches over a joint.

    Returns:
        Of each piece the (N, 3) corners, object frame, metres; N is at most 512 and the volume never 0.
    """
    if model.made_from is not None:
        return _moved_parts(model, model.made_from)
    if model.joints:
        return tuple(piece for _, piece in _jointed_parts(model))
    if quick := quick_parts(model):
        return quick
    size_m = 2 * model.radius_m
    try:
        found = _taken_apart(_coarse(model))
    except InputError as error:
        raise InputError(f"{model.name}: {error}") from error
    pieces = _fitted(found, model, size_m)
    made = tuple(_corners(piece, size_m) for piece in pieces or [_thick(model.vertices_m.astype(float), size_m)])
    with suppress(InputError):  # No room: they can be made again.
        _write(_name(model), made)
    return made


def quick_parts(model: Model) -> tuple[FloatArray, ...]:
    """Those of a model that needs no taking apart, or has been; none of another, for which that takes a while."""
    if model.joints:
        found = [quick_parts(part) for _, part in parts_by_joint(model)]
        return tuple(piece for pieces in found for piece in pieces) if all(found) else ()
    points, size_m = model.vertices_m.astype(float), 2 * model.radius_m
    if _is_convex(_coarse(model), points, size_m):
        return (_corners(_thick(points, size_m), size_m),)
    return _convex_bodies(model, size_m) or _read(_name(model)) or ()


def _coarse(model: Model) -> trimesh.Trimesh:
    return _welded(simplified(model, FACES, id=model.id))


def _name(model: Model) -> str:
    return f"{model.id}-convex-{CONVEX_VERSION}.npz"


def _convex_bodies(model: Model, size_m: float) -> tuple[FloatArray, ...]:
    """Hulls of the separate parts of a surface that are stuck into each other, if each is convex; else none."""
    bodies = _welded(model).split(only_watertight=True)
    faces = sum(len(body.faces) for body in bodies)
    if len(bodies) < 2 or faces < len(model.faces):
        return ()
    hulls = [_corners(_thick(np.asarray(body.vertices), size_m), size_m) for body in bodies]
    filled = sum(body.volume for body in bodies), sum(_volume(hull) for hull in hulls)
    return tuple(hulls) if filled[0] >= COVERED * filled[1] else ()


@once_for_each
def _jointed_parts(model: Model) -> tuple[tuple[int, FloatArray], ...]:
    """Convex pieces of a model with joints, each with the index of the joint that moves it."""
    return tuple((joint, piece) for joint, part in parts_by_joint(model) for piece in convex_parts(part))


def _moved_parts(model: Model, whole: Model) -> tuple[FloatArray, ...]:
    """Those of the model as it was, moved as it is; where that is one that was bent, all that there is now."""
    named = id_and_level(model.id)[0]
    if id_and_filling(named)[1]:
        return convex_parts(whole)
    _, deformation = id_and_deformation(named)
    if not deformation:
        moves = motions(whole.joints, id_and_shares(named)[1])
        return tuple(transformed(moves[joint], piece) for joint, piece in _jointed_parts(whole))
    size_m, parts = 2 * model.radius_m, convex_parts(whole)
    if len(parts) == 1:
        return (_corners(_thick(model.vertices_m.astype(float), size_m), size_m),)
    return tuple(_corners(moved(_dense(part), whole, deformation), size_m) for part in parts)


def _dense(piece: FloatArray) -> FloatArray:
    """(N, 3) corners and, where those are few, points between them, so that a straight edge can bend."""
    if len(piece) > FEW:
        return piece
    hull = trimesh.Trimesh(piece, ConvexHull(piece).simplices, process=False)
    return np.asarray(hull.subdivide().subdivide().subdivide().vertices)


def _welded(model: Model) -> trimesh.Trimesh:
    """The model's surface with one vertex where there are several at one place."""
    points, point_of_vertex = np.unique(model.vertices_m, axis=0, return_inverse=True)
    return trimesh.Trimesh(points.astype(float), point_of_vertex.reshape(-1)[model.faces], process=False)


def _is_convex(surface: trimesh.Trimesh, points: FloatArray, size_m: float) -> bool:
    """Whether the hull of (N, 3) ``points`` is covered by the surface all around; a flat thing's is."""
    if _volume(points) <= 1e-6 * size_m**3:
        return True
    hull = trimesh.Trimesh(points, ConvexHull(points).simplices, process=False)
    distance, _ = cKDTree(_samples(surface, 20_000)).query(_samples(hull, 5_000))
    return bool(np.mean(np.asarray(distance) <= NEAR * size_m) >= COVERED)


def _samples(surface: trimesh.Trimesh, count: int) -> FloatArray:
    """(N, 3) the corners and ``count`` points spread over the surface."""
    return np.concatenate([surface.vertices, trimesh.sample.sample_surface(surface, count, seed=0)[0]])


def _taken_apart(surface: trimesh.Trimesh) -> list[FloatArray]:
    """(N, 3) corners of pieces; none where CoACD gives up, or crashes, which is why it has its own process.

    Raises:
        InputError: It was not given the time or the memory, with which another try may end otherwise.
    """
    if len(surface.faces) > MOST_FACES:
        return []
    command = [sys.executable, "-m", "cyclorama.assets.decompose"]
    given = _packed([surface.vertices, surface.faces])
    try:
        done = subprocess.run(command, input=given, capture_output=True, timeout=LIMIT_S, check=False)
    except (subprocess.TimeoutExpired, OSError) as error:
        raise InputError(f"can't be taken apart into convex pieces for physics: {error}; {INSTEAD}") from error
    if done.returncode == -signal.SIGKILL:
        raise InputError(f"was not given the memory to be taken apart into convex pieces for physics; {INSTEAD}")
    try:
        return _unpacked(done.stdout)
    except (ValueError, EOFError, zipfile.BadZipFile):
        return []


def _fitted(pieces: list[FloatArray], model: Model, size_m: float) -> list[FloatArray]:
    """Pieces that the surface bounds again.

    Where the surface was not closed, CoACD takes apart a thicker one, and simplifying cuts off what is round.
    """
    mesh = trimesh.Trimesh(model.vertices_m.astype(float), model.faces, process=False)
    surface = _samples(mesh, POINTS)
    nearest, planes = cKDTree(surface), ConvexHull(mesh.vertices).equations
    moved = [_within(_moved(piece, surface, nearest, size_m), planes) for piece in pieces]
    solid = [piece for piece in moved if _volume(piece) > 1e-9 * size_m**3]
    return _grown(solid, np.unique(mesh.vertices, axis=0), size_m) if solid else []


def _moved(piece: FloatArray, surface: FloatArray, nearest: cKDTree, size_m: float) -> FloatArray:
    """The piece with corners on (N, 3) points of the surface, but for those that would make it much smaller."""
    distance, index = nearest.query(piece)
    is_off = np.asarray((distance > LEAST * size_m) & (distance < FARTHEST * size_m))
    moved = np.where(is_off[:, None], surface[index], piece)
    return moved if _volume(moved) > 0.3 * _volume(piece) else piece


def _within(piece: FloatArray, planes: FloatArray) -> FloatArray:
    """The piece with corners that stood out of the model's hull, of (P, 4) planes, moved back to it."""
    for _ in range(4):  # At an edge moving behind one plane may lead out of another.
        heights = piece @ planes[:, :3].T + planes[:, 3]
        highest = heights.argmax(axis=1)
        piece = piece - np.maximum(heights.max(axis=1), 0)[:, None] * planes[highest, :3]
    return piece


def _grown(pieces: list[FloatArray], points: FloatArray, size_m: float) -> list[FloatArray]:
    """The pieces, each with those of (N, 3) points of which it is the nearest and which lie in no piece."""
    outside = np.stack([_outside(piece, points) for piece in pieces])
    owner = np.where(outside.min(axis=0) > 0, outside.argmin(axis=0), -1)
    owner[outside.min(axis=0) > FARTHEST * size_m] = -1
    return [np.concatenate([piece, points[owner == number]]) for number, piece in enumerate(pieces)]


def _outside(piece: FloatArray, points: FloatArray) -> FloatArray:
    """(N,) how far points lie outside the plane of a piece's hull that they are farthest from."""
    planes = ConvexHull(piece).equations
    farthest = np.full(len(points), -np.inf)
    for plane in planes:
        np.maximum(farthest, points @ plane[:3] + plane[3], out=farthest)
    return farthest


def _corners(points: FloatArray, size_m: float) -> FloatArray:
    """Corners of the points' hull: of many few, none of the others farther outside than ``MOST_CUT``."""
    hull = points[ConvexHull(points).vertices]
    if len(hull) <= FEW:
        return hull
    chosen = np.unique((hull @ directions(FEW).T).argmax(axis=0))
    while len(chosen) < MOST_CORNERS:
        added = _outermost(hull, ConvexHull(hull[chosen]).equations, MOST_CUT * size_m)
        if not len(added):
            break
        chosen = np.union1d(chosen, added[: MOST_CORNERS - len(chosen)])
    return hull[chosen]


def _outermost(points: FloatArray, planes: FloatArray, allowed_m: float) -> IntArray:
    """Index of each plane's farthest point of those that lie more than allowed outside all others, farthest first."""
    heights = points @ planes[:, :3].T + planes[:, 3]
    outside, plane = heights.max(axis=1), heights.argmax(axis=1)
    order = np.argsort(-outside, kind="stable")
    order = order[outside[order] > allowed_m]
    return order[np.sort(np.unique(plane[order], return_index=True)[1])]


def _thick(points: FloatArray, size_m: float) -> FloatArray:
    return thickened(points, THICKNESS * size_m)


def _volume(points: FloatArray) -> float:
    """Of the points' hull; 0 where they are flat."""
    try:
        return float(ConvexHull(points).volume)
    except QhullError:
        return 0.0


def _write(name: str, pieces: tuple[FloatArray, ...]) -> None:
    keep(name, _packed(list(pieces)))


def _read(name: str) -> tuple[FloatArray, ...]:
    """What was kept; nothing where there is none or it can't be read."""
    try:
        return tuple(_unpacked((cache_folder() / name).read_bytes()))
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return ()


def _packed(arrays: list[FloatArray | IntArray]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, *arrays)
    return buffer.getvalue()


def _unpacked(content: bytes) -> list[FloatArray]:
    with np.load(io.BytesIO(content)) as stored:
        return [stored[name] for name in stored.files]
