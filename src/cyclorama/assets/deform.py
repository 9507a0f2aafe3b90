"""Bent, twisted, dented and crumpled models.

Every deformation moves the whole of space, not the surface: vertices at one place stay at one place, so seams stay
closed, thin walls stay walls, and whatever else is known of the model (its convex pieces) can be moved as well.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from cyclorama.assets.subdivide import subdivided
from cyclorama.core.arrays import FloatArray
from cyclorama.core.deformation import Deformation
from cyclorama.core.model import Model

# Longest edge of triangles that are deformed, in diameters, and how many of them that may make.
LONGEST_EDGE, MOST_FACES = 1 / 24, 40_000
# Radius of a dent in depths: what is steeper than 1 in 1.54 would fold over.
DENT_RADII = (2.5, 5.0)
# Waves of the noise, and their lengths in diameters.
WAVES, WAVELENGTHS = 12, (0.25, 0.8)
# Steps in which the slope of a deformation is measured, in diameters.
STEP = 1e-6

# Takes and gives x, y, z in columns of (N, 3), in the model's frame.
Move = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, eq=False)
class Spine:
    """What bending and twisting go by.

    Attributes:
        middle_m: (3,) of the model's box.
        along: Axis of the box's longest edge.
        towards: Axis of its shortest edge.
        length_m: Of the longest edge.
        size_m: Diameter of the bounding sphere.
    """

    middle_m: FloatArray
    along: int
    towards: int
    length_m: float
    size_m: float

    @classmethod
    def of(cls, model: Model) -> "Spine":
        """Of a model as it is."""
        edges = np.ptp(model.bounds_m, axis=0)
        # Of equal edges the last, which is up, is the longest, and the first the shortest.
        along = 2 - int(np.argmax(edges[::-1]))
        towards = min((axis for axis in range(3) if axis != along), key=lambda axis: float(edges[axis]))
        return cls(model.center_m, along, towards, float(edges[along]), 2 * model.radius_m)


def deformed(model: Model, deformation: Deformation, *, id: str, level: int = 0, whole: Model | None = None) -> Model:
    """A model of its own that is the model deformed: materials, textures and texture coordinates are the same.

    Its normals are turned, and its keypoints moved, as its surface is. Triangles that are too large to be bent are
    divided.

    Args:
        model: What to deform.
        deformation: How.
        id: Of the result.
        level: Level of detail of the model: with each, triangles may be twice as large.
        whole: What the model is a level of detail of; left out, it is that itself.
    """
    whole = whole or model
    spine = Spine.of(whole)
    fine = subdivided(model, LONGEST_EDGE * 2**level * spine.size_m, most_faces=MOST_FACES)
    move = _move(whole, deformation, spine)
    before = fine.vertices_m.astype(float)
    after = move(before)
    normals = _turned(fine.normals.astype(float), before, after, move, STEP * spine.size_m)
    marks = fine.landmarks and fine.landmarks.at(move(fine.landmarks.points_m))
    return replace(fine, id=id, vertices_m=after, normals=normals, landmarks=marks, made_from=whole)


def moved(points_m: FloatArray, whole: Model, deformation: Deformation) -> FloatArray:
    """(N, 3) where points in a model's frame are when it is deformed."""
    return _move(whole, deformation, Spine.of(whole))(points_m)


def _move(whole: Model, deformation: Deformation, spine: Spine) -> Move:
    steps = []
    if deformation.has_dents:
        steps += _dents(whole, deformation, spine)
    if deformation.crumple:
        steps.append(_crumple(deformation, spine))
    if deformation.taper or deformation.twist_rad or deformation.bend_rad:
        steps.append(_bend(deformation, spine))

    def move(points: FloatArray) -> FloatArray:
        for step in steps:
            points = step(points)
        return points

    return move


def _turned(normals: FloatArray, before: FloatArray, after: FloatArray, move: Move, step_m: float) -> FloatArray:
    """(N, 3) unit normals after a move: the cross product of two directions of the surface after it."""
    helper = np.eye(3)[np.argmin(np.abs(normals), axis=1)]
    first = np.cross(normals, helper)
    first /= np.maximum(np.linalg.norm(first, axis=1, keepdims=True), 1e-9)
    second = np.cross(normals, first)
    first, second = (move(before + step_m * t) - after for t in (first, second))
    turned = np.cross(first, second)
    lengths = np.linalg.norm(turned, axis=1, keepdims=True)
    return np.where(lengths > 0, turned / np.maximum(lengths, 1e-300), normals)


def _dents(whole: Model, deformation: Deformation, spine: Spine) -> list[Move]:
    """One after the other, each at a point of the surface as it is without them."""
    rng = np.random.default_rng((deformation.seed, 0))
    a, b, c = np.moveaxis(whole.vertices_m[whole.faces].astype(float), 1, 0)
    across = np.cross(b - a, c - a)
    areas = np.linalg.norm(across, axis=1)
    faces = rng.choice(len(areas), size=deformation.dents, p=areas / areas.sum())
    weights = rng.dirichlet(np.ones(3), size=deformation.dents)
    depth_m = deformation.dent_depth * spine.size_m
    radii_m = depth_m * rng.uniform(*DENT_RADII, size=deformation.dents)
    made = []
    for face, (u, v, w), radius_m in zip(faces, weights, radii_m, strict=True):
        at, normal = u * a[face] + v * b[face] + w * c[face], across[face] / areas[face]
        inwards = -normal if np.dot(at - spine.middle_m, normal) >= 0 else normal
        made.append(_dent(at, depth_m * inwards, float(radius_m)))
    return made


def _dent(at: FloatArray, by: FloatArray, radius_m: float) -> Move:
    """Moves what is at a point by a vector, and less and less to a radius around it."""

    def move(points: FloatArray) -> FloatArray:
        square = ((points - at) ** 2).sum(axis=1) / radius_m**2
        return points + by * (np.clip(1 - square, 0, None) ** 2)[:, None]

    return move


def _crumple(deformation: Deformation, spine: Spine) -> Move:
    """Waves in all directions, longer ones higher: a sum of sines whose phases are planes in space."""
    rng = np.random.default_rng((deformation.seed, 1))
    lengths = np.exp(rng.uniform(np.log(WAVELENGTHS[0]), np.log(WAVELENGTHS[1]), WAVES))
    directions, shifts = (_unit(rng.normal(size=(WAVES, 3))) for _ in range(2))
    waves = 2 * np.pi / (lengths * spine.size_m)
    phases = rng.uniform(0, 2 * np.pi, WAVES)
    # A sine's mean square is a half, a unit vector's along each axis a third.
    heights_m = deformation.crumple * spine.size_m * lengths / np.sqrt((lengths**2).sum() / 2)

    def move(points: FloatArray) -> FloatArray:
        x, y, z = (points - spine.middle_m).T
        result = points.copy()
        for (a, b, c), shift, wave, phase, height_m in zip(directions, shifts, waves, phases, heights_m, strict=True):
            result += (height_m * np.sin(wave * (a * x + b * y + c * z) + phase))[:, None] * shift
        return result

    return move


def _bend(deformation: Deformation, spine: Spine) -> Move:
    """Taper and twist along the spine, then the spine bent to an arc of its own length."""
    along, towards = spine.along, spine.towards
    third = 3 - along - towards
    curvature = deformation.bend_rad / spine.length_m

    def move(points: FloatArray) -> FloatArray:
        at = (points - spine.middle_m).T
        s = at[along]
        share = s / spine.length_m
        widths, turns = 1 + deformation.taper * share, deformation.twist_rad * share
        cosine, sine = np.cos(turns) * widths, np.sin(turns) * widths
        y, z = cosine * at[towards] - sine * at[third], sine * at[towards] + cosine * at[third]
        if curvature:
            radius = 1 / curvature
            s, y = np.sin(curvature * s) * (radius - y), radius - np.cos(curvature * s) * (radius - y)
        result = np.empty_like(points)
        result[:, along], result[:, towards], result[:, third] = s, y, z
        return result + spine.middle_m

    return move


def _unit(vectors: FloatArray) -> FloatArray:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))
