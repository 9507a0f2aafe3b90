"""Things fall and come to rest: rigid bodies, by MuJoCo.

Everything is simulated as if the things were some ten centimetres large, so that one step of time and one softness
of contact serve dice and wardrobes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.spatial import ConvexHull, QhullError

from cyclorama.assets.convex import convex_parts
from cyclorama.core.arrays import BoolArray, FloatArray, IntArray
from cyclorama.core.geometry import rigid, transformed
from cyclorama.core.hull import thickened
from cyclorama.core.model import Model
from cyclorama.scene.layout import PlacementError

# Diameter of the middle one of the things as simulated, metres.
SIMULATED_SIZE = 0.1
STEP_S, LONGEST_S = 0.003, 5.0
# What then still creeps meets so many times the friction and drag.
CREEPING_S, HOLD = 2.0, 2.0
# Between two looks at whether all is still; and for how many looks it has to be.
LOOK_S, LOOKS = 0.1, 3
# Falling things get no faster than this, in simulated m/s: a step takes them less than a wall's thickness.
FASTEST = 1.5
# Still is what moves less than this share of a diameter in a second (of half the middle one's, if it is smaller), and
# turns less than so many radians.
STILL, STILL_RAD = 0.02, 0.05
# Contacts begin so far apart and end up about as deep, in simulated metres.
MARGIN = 2e-4
# Nothing rests deeper in anything than this share of the smaller one's diameter, or so many simulated metres.
DEEPEST, DEEP = 0.005, 3e-4
# Pieces are at least as thick as this share of their body's diameter.
THICKNESS = 2e-3
FRICTION = (0.6, 0.005, 0.002)  # Sliding; turning on the spot and rolling, in simulated metres.


@dataclass(frozen=True, eq=False)
class Body:
    """A thing that can move.

    Attributes:
        scale: (3,) factors along the model's axes.
        world_from_object: (4, 4) where it starts, in no other thing.
    """

    model: Model
    scale: FloatArray
    world_from_object: FloatArray

    @cached_property
    def size_m(self) -> float:
        """Its diameter."""
        return 2 * float(np.linalg.norm((self.model.vertices_m - self.model.center_m) * self.scale, axis=1).max())

    @property
    def middle_m(self) -> FloatArray:
        """(3,) of its box, in the object's frame."""
        return np.asarray(self.model.center_m * self.scale)

    def pieces_m(self) -> list[FloatArray]:
        """Of each of its convex pieces the (N, 3) corners, about the middle of its box."""
        scaled = (corners * self.scale - self.middle_m for corners in convex_parts(self.model))
        return [thickened(corners, THICKNESS * self.size_m) for corners in scaled]


@dataclass(frozen=True, eq=False)
class Block:
    """A box that never moves: a wall or a shelf.

    Attributes:
        world_from_block: (4, 4) its middle and how it is turned.
        size_m: (3,) its edges' lengths.
    """

    world_from_block: FloatArray
    size_m: FloatArray


@dataclass(frozen=True, eq=False)
class Settled:
    """Where bodies came to.

    Attributes:
        poses: (B, 4, 4) world_from_object.
        rests: (B,) bool: is still, borne by something, and in nothing deeper than contacts have to be.
    """

    poses: FloatArray
    rests: BoolArray


def settle(bodies: Sequence[Body], blocks: Sequence[Block] = ()) -> Settled:
    """Bodies fall onto the ground at z = 0, onto blocks and onto each other, until all are still.

    The same bodies come to the same places, in every process of one kind of machine. What is not still after
    ``LONGEST_S`` simulated seconds does not rest.

    Raises:
        PlacementError: A body is of a shape or size that can't be simulated.
    """
    if not bodies:
        return Settled(np.zeros((0, 4, 4)), np.zeros(0, bool))
    unit_m = float(np.median([b.size_m for b in bodies])) / SIMULATED_SIZE
    world = _World(bodies, blocks, unit_m)
    still = world.run()
    return Settled(world.poses(), still & world.is_borne() & ~world.is_deep())


class _World:
    """MuJoCo's model and state; its bodies' numbers are ours plus one, and their origins the middles of our boxes."""

    def __init__(self, bodies: Sequence[Body], blocks: Sequence[Block], unit_m: float) -> None:
        self._bodies, self._unit_m = bodies, unit_m
        self._middles = np.array([b.middle_m for b in bodies])
        self._sizes = np.array([b.size_m for b in bodies]) / unit_m
        self._model = _compiled(bodies, blocks, unit_m)
        _even_out(self._model, self._sizes)
        self._model.dof_damping[:] = _damping(self._model)
        self._data = _mujoco().MjData(self._model)

    def run(self) -> BoolArray:
        """(B,) whether each came to be still."""
        still = np.zeros(len(self._bodies), bool)
        looks, before = 0, self._where()
        for look in range(round(LONGEST_S / LOOK_S)):
            if look == round(CREEPING_S / LOOK_S):
                self._model.geom_friction[:] *= HOLD
                self._model.dof_damping[:] *= HOLD
            _mujoco().mj_step(self._model, self._data, nstep=round(LOOK_S / STEP_S))
            now = self._where()
            still = self._is_still(before, now)
            looks, before = looks + 1 if still.all() else 0, now
            if looks == LOOKS:
                break
        return still

    def poses(self) -> FloatArray:
        """(B, 4, 4) world_from_object."""
        poses = []
        for number, middle in enumerate(self._middles):
            rotation = self._data.xmat[number + 1].reshape(3, 3)
            poses.append(rigid(rotation, self._data.xpos[number + 1] * self._unit_m - rotation @ middle))
        return np.array(poses)

    def is_borne(self) -> BoolArray:
        """(B,) whether something pushes each."""
        borne = np.zeros(len(self._bodies) + 1, bool)
        borne[self._touching().reshape(-1)] = True
        return borne[1:]

    def is_deep(self) -> BoolArray:
        """(B,) whether each is too deep in something, or something in it."""
        depth = -self._data.contact.dist
        pairs = self._touching()
        sizes = np.append(np.inf, self._sizes)
        is_deep = np.zeros(len(self._bodies) + 1, bool)
        is_deep[pairs[depth > np.maximum(DEEPEST * sizes[pairs].min(axis=1), DEEP)].reshape(-1)] = True
        return is_deep[1:]

    def _touching(self) -> IntArray:
        """(C, 2) numbers of the bodies of each contact; 0 is what never moves."""
        return np.asarray(self._model.geom_bodyid[self._data.contact.geom], int).reshape(-1, 2)

    def _where(self) -> tuple[FloatArray, FloatArray]:
        """(B, 3) places and (B, 9) rotations."""
        return self._data.xpos[1:].copy(), self._data.xmat[1:].copy()

    def _is_still(self, before: tuple[FloatArray, FloatArray], now: tuple[FloatArray, FloatArray]) -> BoolArray:
        """(B,) by how far each came from one look to the next: contacts tremble, and get nowhere."""
        moved, turned = (np.linalg.norm(b - a, axis=1) / LOOK_S for a, b in zip(before, now, strict=True))
        return (moved < STILL * np.maximum(self._sizes, SIMULATED_SIZE / 2)) & (turned < STILL_RAD * 2**0.5)


def _mujoco() -> Any:
    """The library, which takes a quarter of a second to load."""
    import mujoco

    return mujoco


def _compiled(bodies: Sequence[Body], blocks: Sequence[Block], unit_m: float) -> Any:
    spec = _empty_spec()
    for block in blocks:
        _add_block(spec, block, unit_m)
    pieces = [[corners / unit_m for corners in body.pieces_m()] for body in bodies]
    try:
        for number, body in enumerate(bodies):
            _add_body(spec, f"body{number}", body, pieces[number], unit_m)
        return spec.compile()
    except (ValueError, QhullError) as error:
        raise PlacementError(
            f"MuJoCo refuses a thing's shape or size ({str(error).splitlines()[0]}); narrow geometry.aspect or "
            "distractors.relative_size, or choose a layout without physics"
        ) from error


def _empty_spec() -> Any:
    """A world with the ground alone."""
    mujoco = _mujoco()
    spec = mujoco.MjSpec()
    spec.option.timestep = STEP_S
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    spec.option.impratio = 10  # Friction that is as hard as contact: nothing creeps.
    spec.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_PLANE, size=[0, 0, 1], **_contact())
    return spec


def _contact() -> dict[str, Any]:
    """What all geometries have in common: hard contacts with friction."""
    return {
        "friction": FRICTION,
        "condim": 6,
        "margin": MARGIN / 2,
        "solref": [2.5 * STEP_S, 1.0],
        "solimp": [0.95, 0.99, 0.001, 0.5, 2.0],
    }


def _add_block(spec: Any, block: Block, unit_m: float) -> None:
    spec.worldbody.add_geom(
        type=_mujoco().mjtGeom.mjGEOM_BOX,
        size=np.asarray(block.size_m) / 2 / unit_m,
        pos=block.world_from_block[:3, 3] / unit_m,
        quat=_quaternion(block.world_from_block[:3, :3]),
        **_contact(),
    )


def _add_body(spec: Any, name: str, body: Body, pieces: Sequence[FloatArray], unit_m: float) -> None:
    """A body of convex pieces, in a unit of ``unit_m``, whose origin is the middle of the scaled model's box."""
    start = transformed(body.world_from_object, body.middle_m[None])[0]
    quaternion = _quaternion(body.world_from_object[:3, :3])
    added = spec.worldbody.add_body(name=name, pos=start / unit_m, quat=quaternion)
    added.add_freejoint()
    # Of a mass that ``_even_out`` lessens: MuJoCo refuses specks of dust.
    density = (unit_m / body.size_m) ** 2 / sum(ConvexHull(corners).volume for corners in pieces)
    for number, corners in enumerate(pieces):
        mesh = f"{name}.{number}"
        spec.add_mesh(name=mesh, uservert=corners.reshape(-1))
        added.add_geom(type=_mujoco().mjtGeom.mjGEOM_MESH, meshname=mesh, density=density, **_contact())


def _even_out(model: Any, sizes: FloatArray) -> None:
    """Masses in proportion to (B,) sizes, not volumes: what is light is not pressed into what bears it."""
    factors = np.append(1.0, sizes / model.body_mass[1:])
    model.body_mass[:] *= factors
    model.body_inertia[:] *= factors[:, None]
    _mujoco().mj_setConst(model, _mujoco().MjData(model))


def _damping(model: Any) -> FloatArray:
    """(6 B,) drag of each degree of freedom, by which a falling body gets no faster than ``FASTEST``."""
    per_s = -model.opt.gravity[2] / FASTEST
    drags = np.stack([model.body_mass[1:], model.body_inertia[1:].mean(axis=1)], axis=1)
    return per_s * np.repeat(drags, 3, axis=1).reshape(-1)


def _quaternion(rotation: FloatArray) -> FloatArray:
    """(4,) w, x, y, z of a (3, 3) rotation."""
    quaternion = np.zeros(4)
    _mujoco().mju_mat2Quat(quaternion, np.ascontiguousarray(rotation, float).reshape(-1))
    return quaternion
