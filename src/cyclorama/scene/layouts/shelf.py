"""Things stand in rows, as in a shop."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from cyclorama.core.arrays import FloatArray
from cyclorama.core.geometry import rigid, rotation_about
from cyclorama.scene.distributions import Distribution, number, whole_number
from cyclorama.scene.fields import between, count_between, share
from cyclorama.scene.layout import LayoutOptions, Placed, PlacementError, Stage, Thing
from cyclorama.scene.placing.carpentry import block
from cyclorama.scene.placing.footprints import Resting, squared
from cyclorama.scene.placing.sight import Seen, seen_within_limits

# A board's thickness is this share of the height between boards, and at least so much.
BOARD_SHARE, THINNEST_M = 0.05, 0.012
# Of a strip for prices: its height as a share of the same, how much it shows at most, and its thickness.
STRIP_SHARE, STRIP_M, STRIP_THICKNESS_M = 0.15, 0.04, 0.003


class ShelfOptions(LayoutOptions):
    """Keys of ``kind: shelf``; every thing has its place in its row, whatever ``tries`` says.

    Attributes:
        count: Facings of targets; a facing is a group of the same thing, side by side and one behind the other.
        rows: Boards.
        wide: Things side by side in a facing.
        deep: Things one behind the other in a facing.
        gap: Between neighbours, as a share of the thing's width.
        headroom: Above the tallest thing of a row, as a share of its height.
        yaw_deg: By which a thing is turned from how its facing stands.
        missing: Chance that the foremost thing has been taken; then the next is the foremost.
        price_strip: Chance of strips along the boards' front edges.
        max_yaw_deg: By which the shelf's front may be turned away from the camera.
    """

    has_ground: ClassVar = False
    fixtures: ClassVar = ("cube",)

    kind: Literal["shelf"] = "shelf"
    count: Annotated[Distribution, whole_number(0, 500)] = count_between(2, 6)
    max_crop: float = share(0.6)
    rows: Annotated[Distribution, whole_number(1, 20)] = count_between(2, 4)
    wide: Annotated[Distribution, whole_number(1, 20)] = count_between(1, 4)
    deep: Annotated[Distribution, whole_number(1, 10)] = count_between(1, 3)
    gap: Annotated[Distribution, number(0, 5)] = between(0.02, 0.15)
    headroom: Annotated[Distribution, number(0.02, 5)] = between(0.15, 0.6)
    yaw_deg: Annotated[Distribution, number(-180, 180)] = between(-6, 6)
    missing: float = share(0.12)
    price_strip: float = share(0.5)
    max_yaw_deg: float = Field(default=25.0, ge=0, le=80)


class Shelf:
    """In facings on boards before a wall, whose front is turned to the camera; the middle of the front is the origin.

    Things stand as the recipe's orientation says, with the broader side to the front.
    """

    options: ClassVar = ShelfOptions

    @staticmethod
    def place(things: Sequence[Thing], stage: Stage, options: ShelfOptions, rng: np.random.Generator) -> list[Placed]:
        """Things of those facings that the camera sees within the limits, and the shelf."""
        rows = _rows(
            [_facing(replace(t, part=f"facing {n}"), options, rng) for n, t in enumerate(things)], options, rng
        )
        frame = _frame(stage, options, rng)
        boards = _boards(rows, stage, options, rng)
        if _is_behind_front(stage, frame):
            raise PlacementError("the camera stands in the shelf; lower camera.elevation_deg or layout.max_yaw_deg")
        seen: list[Seen] = []
        pieces = [p for row, floor in zip(rows, boards.floors_m, strict=True) for p in row.pieces(floor, boards, rng)]
        for piece in pieces:
            standing = Placed(piece.thing, frame @ piece.world_from_object)
            found = seen_within_limits(standing, seen, stage.camera, options)
            seen += [] if found is None else [found]
        stage.facts.update(facings=len(things), rows=len(rows), stocked=len(pieces), dropped=len(pieces) - len(seen))
        return [*(s.placed for s in seen), *_furniture(boards, stage, frame)]


@dataclass(frozen=True, eq=False)
class _Facing:
    """Copies of a thing.

    Attributes:
        columns: Side by side; of each the things that are there, by their place from the front.
        cell_m: (2,) width and depth that holds any of them, with the gap to the next.
        height_m: Of the tallest.
        depth: Places from front to back.
    """

    columns: tuple[tuple[tuple[int, Resting], ...], ...]
    cell_m: FloatArray
    height_m: float
    depth: int

    @property
    def size_m(self) -> FloatArray:
        """(2,) width and depth."""
        return self.cell_m * [len(self.columns), self.depth]


@dataclass(frozen=True, eq=False)
class _Boards:
    """The shelf's measures, in its own frame: x along the front, y out of it, z up.

    Attributes:
        size_m: (3,) of all.
        floors_m: Height of each board's top, from the lowest.
        thickness_m: Of boards and walls.
        strip_m: Height of the strips, 0 if there are none.
    """

    size_m: FloatArray
    floors_m: tuple[float, ...]
    thickness_m: float
    strip_m: float


@dataclass(frozen=True, eq=False)
class _Row:
    facings: tuple[_Facing, ...]
    height_m: float

    @property
    def width_m(self) -> float:
        return float(sum(f.size_m[0] for f in self.facings))

    def pieces(self, floor_m: float, boards: _Boards, rng: np.random.Generator) -> list[Placed]:
        """Its things in the shelf's frame; what room is left is shared out between the facings by chance."""
        inner = boards.size_m[0] - 2 * boards.thickness_m
        spare = rng.dirichlet(np.ones(len(self.facings) + 1)) * (inner - self.width_m)
        left, placed = -inner / 2, []
        for facing, room in zip(self.facings, spare, strict=False):
            left += room
            for column, there in enumerate(facing.columns):
                for place, resting in there:
                    x, y = facing.cell_m * [column + 0.5, place + 0.5]
                    placed.append(resting.placed([left + x, -y, floor_m]))
            left += facing.size_m[0]
        return placed


def _facing(thing: Thing, options: ShelfOptions, rng: np.random.Generator) -> _Facing:
    wide, deep = int(options.wide.draw(rng)), int(options.deep.draw(rng))
    front = squared(Resting(thing, thing.rotation(rng))).turned(np.pi * rng.integers(2))
    columns = tuple(_column(front, deep, options, rng) for _ in range(wide))
    sizes = np.array([front.size_m, *(r.size_m for column in columns for _, r in column)])
    width, depth, height = sizes.max(axis=0)
    gap = options.gap.draw(rng) * width
    return _Facing(columns, np.array([width + gap, depth + gap]), float(height), deep)


def _column(
    front: Resting, deep: int, options: ShelfOptions, rng: np.random.Generator
) -> tuple[tuple[int, Resting], ...]:
    taken = 0
    while taken < deep and rng.random() < options.missing:
        taken += 1
    return tuple((place, front.turned(np.radians(options.yaw_deg.draw(rng)))) for place in range(taken, deep))


def _rows(facings: list[_Facing], options: ShelfOptions, rng: np.random.Generator) -> list[_Row]:
    """Each facing in the row that is shortest so far."""
    count = max(1, min(int(options.rows.draw(rng)), len(facings)))
    rows: list[list[_Facing]] = [[] for _ in range(count)]
    for facing in (facings[i] for i in rng.permutation(len(facings))):
        min(rows, key=lambda row: sum(f.size_m[0] for f in row)).append(facing)
    tallest = [max((f.height_m for f in row), default=0.0) for row in rows]
    return [_Row(tuple(r), h * (1 + options.headroom.draw(rng))) for r, h in zip(rows, tallest, strict=True)]


def _boards(rows: list[_Row], stage: Stage, options: ShelfOptions, rng: np.random.Generator) -> _Boards:
    nominal = 2 * stage.target(0).radius_m  # Of a shelf on which nothing stands.
    heights = [row.height_m or nominal for row in rows]
    thickness = max(THINNEST_M, BOARD_SHARE * max(heights))
    strip = min(STRIP_M, STRIP_SHARE * min(heights)) if rng.random() < options.price_strip else 0.0
    width = max(max(row.width_m for row in rows), nominal) + 2 * thickness
    depth = max((f.size_m[1] for row in rows for f in row.facings), default=nominal)
    floors = np.cumsum([thickness, *(h + thickness for h in heights)])
    return _Boards(np.array([width, depth, floors[-1]]), tuple(floors[:-1] - floors[-1] / 2), thickness, strip)


def _frame(stage: Stage, options: ShelfOptions, rng: np.random.Generator) -> FloatArray:
    """(4, 4) world from the shelf's frame, whose y goes to the camera as seen from above."""
    x, y = stage.camera.world_from_camera[:2, 3]
    away = np.radians(rng.uniform(-options.max_yaw_deg, options.max_yaw_deg))
    return rigid(rotation_about([0, 0, 1], np.arctan2(y, x) + away - np.pi / 2), [0, 0, 0])


def _is_behind_front(stage: Stage, frame: FloatArray) -> bool:
    return float(frame[:3, 1] @ stage.camera.world_from_camera[:3, 3]) <= STRIP_THICKNESS_M


def _furniture(boards: _Boards, stage: Stage, frame: FloatArray) -> list[Placed]:
    (width, depth, height), thick = boards.size_m, boards.thickness_m
    left, right, bottom, top = -width / 2, width / 2, -height / 2, height / 2
    made = [block(stage, frame, [left, -depth - thick, bottom], [right, -depth, top], part="back")]
    for side in (left, right - thick):
        made.append(block(stage, frame, [side, -depth, bottom], [side + thick, 0, top], part="shelf"))
    for floor in (*boards.floors_m, top):
        low, high = [left + thick, -depth, floor - thick], [right - thick, 0, floor]
        made.append(block(stage, frame, low, high, part="shelf"))
        if boards.strip_m:
            strip = [left, 0, floor - boards.strip_m], [right, STRIP_THICKNESS_M, floor]
            made.append(block(stage, frame, *strip, part="strip"))
    return made
