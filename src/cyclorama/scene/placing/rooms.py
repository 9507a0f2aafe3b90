"""Rooms by chance: walls with openings, a ceiling with a light, and furniture that stands where furniture stands.

A room's frame is the world's, turned about the vertical by the room's yaw. Wall k has a frame of its own, turned by k
quarters from the room's: the wall is at its lowest y and looks along its y, and so does furniture before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.geometry import rigid, rotation_about
from cyclorama.scene.layout import Emission, Placed, Stage
from cyclorama.scene.placing.carpentry import block
from cyclorama.scene.placing.footprints import Area
from cyclorama.scene.placing.furniture import Piece
from cyclorama.scene.placing.sight import crosses_box

THICKNESS_M = 0.1
# Free floor around the camera, and between pieces of furniture.
CAMERA_ROOM_M, BETWEEN_M = 0.3, 0.03


@dataclass(frozen=True)
class Opening:
    """A window or a door of a wall, in the wall's frame above the floor, metres."""

    kind: str
    x0: float
    x1: float
    z0: float
    z1: float


@dataclass(frozen=True, eq=False)
class Shell:
    """A rectangle between walls.

    Attributes:
        yaw_rad: Of its frame in the world.
        rectangle_m: (2, 2) lowest and highest x, y in its frame.
        floor_m: Height in the world.
        height_m: Of the walls.
        walls: Which there are, of 0 to 3.
        openings: By wall.
    """

    yaw_rad: float
    rectangle_m: FloatArray
    floor_m: float
    height_m: float
    walls: tuple[int, ...]
    openings: dict[int, Opening]

    @cached_property
    def frame(self) -> FloatArray:
        """(4, 4) world from room."""
        return rigid(rotation_about([0, 0, 1], self.yaw_rad), [0, 0, 0])

    def rectangle_of(self, quarter: int) -> FloatArray:
        """(2, 2) its rectangle in the frame of wall ``quarter``."""
        return turned_rectangle(self.rectangle_m, -quarter)

    def in_room(self, point_m: FloatArray) -> FloatArray:
        """(3,) a point of the world in the room's frame."""
        return self.frame[:3, :3].T @ point_m


@dataclass(frozen=True, eq=False)
class Standing:
    """A piece of furniture in a room.

    Attributes:
        quarter: Of the wall along whose y it looks.
        place_m: (2,) middle of its footprint in that wall's frame.
    """

    piece: Piece
    quarter: int
    place_m: FloatArray

    @cached_property
    def rectangle_m(self) -> FloatArray:
        """(2, 2) its footprint in the room's frame."""
        half = self.piece.size_m[:2] / 2
        return turned_rectangle(np.stack([self.place_m - half, self.place_m + half]), self.quarter)

    def supports(self, floor_m: float) -> list[Area]:
        """What things can stand on, in the frame of a room whose floor is at a height."""
        return [
            Area(turned_rectangle(s.rectangle_m + self.place_m, self.quarter), floor_m + s.height_m, s.clear_m)
            for s in self.piece.supports
        ]

    def placed(self, room: Shell, stage: Stage, *, number: int) -> list[Placed]:
        """Its parts; pieces of one number look alike."""
        turn = rotation_about([0, 0, 1], self.quarter * np.pi / 2)
        frame = room.frame @ rigid(turn, turn @ [*self.place_m, room.floor_m])
        made = []
        for part in self.piece.parts:
            pose = frame @ rigid(np.eye(3), (part.low_m + part.high_m) / 2)
            size, name = (part.high_m - part.low_m).tolist(), f"{self.piece.kind} {number} {part.look}".rstrip()
            made.append(stage.fixture(part.shape, pose, size, part=name, emission=part.emission))
        return made


def turned_rectangle(rectangle: FloatArray, quarters: int) -> FloatArray:
    """(2, 2) lowest and highest corner of a rectangle that has been turned by quarters about the origin."""
    turn = np.rint(rotation_about([0, 0, 1], quarters * np.pi / 2)[:2, :2])
    corners = rectangle @ turn.T
    return np.stack([corners.min(axis=0), corners.max(axis=0)])


def along_a_wall(
    piece: Piece, room: Shell, others: Sequence[Standing], eye_m: FloatArray, rng: np.random.Generator
) -> Standing | None:
    """A place for a piece with its back to a wall, if it is found to be free.

    Args:
        piece: Stands there.
        room: Has the walls.
        others: Must not be met.
        eye_m: (3,) where the camera is in the world; it keeps seeing the world's origin.
        rng: Decides.
    """
    wall = int(rng.choice(room.walls))
    low, high = room.rectangle_of(wall)
    width, depth, _ = piece.size_m
    if width > high[0] - low[0]:
        return None
    x = rng.uniform(low[0] + width / 2, high[0] - width / 2)
    found = Standing(piece, wall, np.array([x, low[1] + depth / 2 + rng.uniform(0.01, 0.06)]))
    opening = room.openings.get(wall)
    is_before = opening and x - width / 2 < opening.x1 and x + width / 2 > opening.x0
    if opening and is_before and piece.size_m[2] > opening.z0:
        return None
    return found if is_free(found, room, others, eye_m) else None


def is_free(standing: Standing, room: Shell, others: Sequence[Standing], eye_m: FloatArray) -> bool:
    """Whether a piece is in the room, meets no other, and is neither around the camera nor before it."""
    low, high = standing.rectangle_m
    if (low < room.rectangle_m[0]).any() or (high > room.rectangle_m[1]).any():
        return False
    eye = room.in_room(eye_m)
    if (eye[:2] > low - CAMERA_ROOM_M).all() and (eye[:2] < high + CAMERA_ROOM_M).all():
        return False
    top = room.floor_m + standing.piece.size_m[2]
    if crosses_box(eye, np.zeros((1, 3)), np.array([*low, room.floor_m]), np.array([*high, top]))[0]:
        return False
    return not any(_overlap(standing.rectangle_m, other.rectangle_m) for other in others)


def _overlap(a: FloatArray, b: FloatArray) -> bool:
    return bool((a[0] < b[1] + BETWEEN_M).all() and (b[0] < a[1] + BETWEEN_M).all())


def random_opening(kind: str, room_width: FloatArray, height_m: float, rng: np.random.Generator) -> Opening | None:
    """A window or a door of usual size somewhere in a wall from ``room_width[0]`` to ``room_width[1]``, if it fits."""
    width = rng.uniform(0.8, 0.95) if kind == "door" else rng.uniform(0.8, 1.8)
    sill, top = (0.0, 2.05) if kind == "door" else (rng.uniform(0.8, 1.0), rng.uniform(1.9, 2.2))
    low, high = room_width[0] + 0.15, room_width[1] - 0.15 - width
    if high <= low or top > height_m - 0.05:
        return None
    left = rng.uniform(low, high)
    return Opening(kind, left, left + width, sill, top)


def built(room: Shell, stage: Stage, *, has_ceiling: bool, light: Emission, rng: np.random.Generator) -> list[Placed]:
    """Floor, walls, openings, pictures and ceiling; with a light on the ceiling, if there is one."""
    low, high = room.rectangle_m
    outer = np.stack([low - THICKNESS_M, high + THICKNESS_M])
    floor = room.floor_m
    made = [block(stage, room.frame, [*outer[0], floor - THICKNESS_M], [*outer[1], floor], part="floor")]
    for number in room.walls:
        made += _wall(room, number, stage, rng)
    if has_ceiling:
        top = floor + room.height_m
        made.append(block(stage, room.frame, [*outer[0], top], [*outer[1], top + THICKNESS_M], part="ceiling"))
        half = np.array([rng.uniform(0.15, 0.6), rng.uniform(0.1, 0.3)])
        middle = rng.uniform(low + half, high - half)
        panel = [*(middle - half), top - 0.03], [*(middle + half), top]
        made.append(block(stage, room.frame, *panel, part="ceiling light", emission=light))
    return made


def _wall(room: Shell, number: int, stage: Stage, rng: np.random.Generator) -> list[Placed]:
    frame = room.frame @ rigid(rotation_about([0, 0, 1], number * np.pi / 2), [0, 0, room.floor_m])
    (x0, y0), (x1, _) = room.rectangle_of(number)
    x0, x1, top = x0 - THICKNESS_M, x1 + THICKNESS_M, room.height_m
    hole = room.openings.get(number)

    def slab(left: float, right: float, low: float, high: float, part: str, back: float, front: float) -> Placed:
        return block(stage, frame, [left, y0 + back, low], [right, y0 + front, high], part=part)

    if hole is None:
        made = [slab(x0, x1, 0, top, "wall", -THICKNESS_M, 0)]
        if rng.random() < 0.5:
            wide, tall = rng.uniform(0.3, 0.9, 2)
            left, low = rng.uniform(x0 + 0.1, max(x1 - 0.1 - wide, x0 + 0.11)), rng.uniform(1.1, 1.4)
            made.append(slab(left, left + wide, low, low + tall, f"picture {number}", 0, 0.02))
        return made
    around = [(x0, hole.x0, 0, top), (hole.x1, x1, 0, top), (hole.x0, hole.x1, hole.z1, top)]
    around += [(hole.x0, hole.x1, 0, hole.z0)] if hole.z0 > 0 else []
    made = [slab(*a, "wall", -THICKNESS_M, 0) for a in around]
    edge = 0.06
    rims = [(hole.x0, hole.x0 + edge, hole.z0, hole.z1), (hole.x1 - edge, hole.x1, hole.z0, hole.z1)]
    rims += [(hole.x0 + edge, hole.x1 - edge, hole.z1 - edge, hole.z1)]
    if hole.kind == "door":
        made.append(slab(hole.x0 + edge, hole.x1 - edge, 0.005, hole.z1 - edge, "door", -0.07, -0.03))
        made.append(slab(hole.x1 - 0.2, hole.x1 - 0.09, 1.02, 1.04, "handle", -0.03, 0.02))
    else:
        middle = (hole.x0 + hole.x1) / 2
        rims += [(hole.x0 + edge, hole.x1 - edge, hole.z0, hole.z0 + edge)]
        rims += [(middle - edge / 2, middle + edge / 2, hole.z0 + edge, hole.z1 - edge)]
    return made + [slab(*r, "frame", -0.08, 0.015) for r in rims]
