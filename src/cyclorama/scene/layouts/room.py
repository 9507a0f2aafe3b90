"""Things stand about a furnished room."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from cyclorama.core.arrays import FloatArray
from cyclorama.scene.distributions import Distribution, number, whole_number
from cyclorama.scene.fields import between, count_between, share
from cyclorama.scene.layout import Emission, LayoutOptions, Placed, PlacementError, Stage, Thing
from cyclorama.scene.placing.footprints import Area, Resting, even_spread_m, point_on_disc
from cyclorama.scene.placing.furniture import PIECES, Piece
from cyclorama.scene.placing.rooms import (
    CAMERA_ROOM_M,
    Opening,
    Shell,
    Standing,
    along_a_wall,
    built,
    is_free,
    random_opening,
    turned_rectangle,
)
from cyclorama.scene.placing.sight import Obstacles, Seen, is_seen, seen_within_limits

Main = Literal["table", "round_table", "coffee_table", "cabinet", "floor"]
USUAL: dict[Main, float] = {"table": 5, "round_table": 1, "coffee_table": 1, "cabinet": 2, "floor": 1}
# A top is used for things if it is so many times as wide as the largest.
TOP_PER_THING = 1.5
ALONG_WALLS = ("table", "cabinet", "wardrobe", "bookshelf", "chair", "sofa", "lamp")
FURNITURE_TRIES = 8
CHAIR_CHANCE, WINDOW_CHANCE, DOOR_CHANCE = 0.5, 0.7, 0.5


class RoomOptions(LayoutOptions):
    """Keys of ``kind: room``.

    Attributes:
        size_m: Of each side of the room; it is larger where the camera needs it.
        height_m: Of the room, likewise.
        support: What most things stand on, in these shares; the floor, where no other is large enough.
        elsewhere: Chance that a thing stands on another piece of furniture or on the floor.
        furniture: Pieces along the walls.
        open_side: Chance that the wall behind the camera is left out.
        ceiling: Chance that there is one, with a light.
        light: Radiance of that light, W / (m^2 sr).
        light_color: By how much a colour channel of it may be lowered.
    """

    has_ground: ClassVar = False
    fixtures: ClassVar = ("cube", "cylinder")

    kind: Literal["room"] = "room"
    size_m: Annotated[Distribution, number(1, 100)] = between(2.8, 6)
    height_m: Annotated[Distribution, number(1.5, 50)] = between(2.3, 3)
    support: dict[Main, Annotated[float, Field(gt=0)]] = Field(default=USUAL, min_length=1)
    elsewhere: float = share(0.2)
    furniture: Annotated[Distribution, whole_number(0, 30)] = count_between(2, 6)
    open_side: float = share(0.3)
    ceiling: float = share(0.7)
    light: Annotated[Distribution, number(0, 1000)] = between(10, 60)
    light_color: Annotated[Distribution, number(0, 1)] = between(0, 0.4)


class Room:
    """On a table, a cabinet or the floor around the origin, and elsewhere, between walls and furniture.

    The top that most things stand on is at z = 0. The camera is in the room; furniture keeps out of its view of the
    origin. Things rest as the recipe's orientation says and touch neither each other nor furniture.
    """

    options: ClassVar = RoomOptions

    @staticmethod
    def place(things: Sequence[Thing], stage: Stage, options: RoomOptions, rng: np.random.Generator) -> list[Placed]:
        """Things that find a place within the limits, and the room."""
        main = _main(things, options, rng)
        room, first = _built(main, even_spread_m(things), stage, options, rng)
        furniture = _furnished(room, first, stage, options, rng)
        setting = _setting(room, furniture, stage, options, rng)
        made = _Made(room, _tops(room, furniture, first), Obstacles.of(setting), even_spread_m(things))
        seen: list[Seen] = []
        for thing in things:
            found = made.stood(thing, seen, stage, options, rng)
            seen += [] if found is None else [found]
        stage.facts.update(
            support=main.kind if main else "floor",
            furniture=[s.piece.kind for s in furniture],
            walls=len(room.walls),
            elsewhere=sum(len(top.area.taken) - top.furnished for top in made.tops[1:]),
        )
        return [*(s.placed for s in seen), *setting]


@dataclass(frozen=True, eq=False)
class _Top:
    """What things can stand on, in the room's frame.

    Attributes:
        is_main: Whether things stand around the origin.
        furnished: How many of its polygons are furniture's.
    """

    area: Area
    is_main: bool
    furnished: int = 0

    def place(self, resting: Resting, spread_m: float, rng: np.random.Generator) -> FloatArray | None:
        """(3,) somewhere in the room's frame, if the thing stands there wholly and alone."""
        low, high = self.area.rectangle_m
        middle = point_on_disc(spread_m, rng) if self.is_main else np.asarray(rng.uniform(low, high))
        return np.array([*middle, self.area.height_m]) if self.area.has_room(resting, middle) else None


@dataclass(frozen=True, eq=False)
class _Made:
    """A furnished room.

    Attributes:
        tops: The main one first.
        spread_m: Radius around the origin that things need.
    """

    room: Shell
    tops: list[_Top]
    obstacles: Obstacles
    spread_m: float

    def stood(
        self, thing: Thing, seen: Sequence[Seen], stage: Stage, options: RoomOptions, rng: np.random.Generator
    ) -> Seen | None:
        """The thing at a place where, if it is a target, it is seen within the limits."""
        is_elsewhere = len(self.tops) > 1 and rng.random() < options.elsewhere
        for attempt in range(options.tries):
            # What finds no place elsewhere is put with the others.
            is_aside = is_elsewhere and attempt < options.tries / 2
            top = self.tops[1 + int(rng.integers(len(self.tops) - 1))] if is_aside else self.tops[0]
            resting = Resting(thing, thing.rotation(rng))
            place = top.place(resting, self.spread_m * (0.5 + attempt / options.tries), rng)
            if place is None:
                continue
            placed = Placed(thing, self.room.frame @ resting.pose(place))
            found = seen_within_limits(placed, seen, stage.camera, options)
            if found and (thing.category is None or is_seen(stage.camera, placed, self.obstacles)):
                top.area.taken.append(resting.footprint_m + place[:2])
                return found
        return None


def _main(things: Sequence[Thing], options: RoomOptions, rng: np.random.Generator) -> Piece | None:
    """The piece that most things stand on; None is the floor."""
    kinds, weights = list(options.support), np.array(list(options.support.values()))
    kind = kinds[int(rng.choice(len(kinds), p=weights / weights.sum()))]
    if kind == "floor":
        return None
    piece = PIECES[kind](rng)
    largest = 2 * max((t.radius_m for t in things if t.category is not None), default=0.0)
    narrow = float(np.ptp(piece.supports[0].rectangle_m, axis=0).min())
    return piece if narrow >= TOP_PER_THING * largest else None


def _built(
    main: Piece | None, spread_m: float, stage: Stage, options: RoomOptions, rng: np.random.Generator
) -> tuple[Shell, Standing | None]:
    """A room that holds the camera and, around the origin, the main piece."""
    eye = stage.camera.world_from_camera[:3, 3]
    is_at_wall = main is not None and main.kind == "cabinet"
    # A cabinet's front looks to the camera.
    yaw = np.arctan2(eye[1], eye[0]) - np.pi / 2 + rng.uniform(*np.radians([-50, 50] if is_at_wall else [-180, 180]))
    floor = -main.supports[0].height_m if main else 0.0
    height = options.height_m.draw(rng)
    blank = Shell(float(yaw), np.zeros((2, 2)), floor, height, (0, 1, 2, 3), {})
    eye_in_room = blank.in_room(eye)
    if eye[2] < floor + CAMERA_ROOM_M / 2:
        raise PlacementError("the camera would be below the floor; raise camera.elevation_deg")
    standing = _around_origin(main, rng) if main else None
    needed = [eye_in_room[:2] - CAMERA_ROOM_M, eye_in_room[:2] + CAMERA_ROOM_M]
    needed += [*standing.rectangle_m] if standing else [np.full(2, -2 * spread_m), np.full(2, 2 * spread_m)]
    low, high = np.min(needed, axis=0), np.max(needed, axis=0)
    spare = np.maximum([options.size_m.draw(rng), options.size_m.draw(rng)] - (high - low), 0)
    before = rng.random(2) * spare
    if is_at_wall:
        before[1] = 0.01
    rectangle = np.stack([low - before, high + spare - before])
    height = max(height, eye[2] - floor + CAMERA_ROOM_M)
    walls = _walls(eye_in_room, rectangle, options, rng)
    room = Shell(float(yaw), rectangle, floor, float(height), walls, {})
    return Shell(room.yaw_rad, rectangle, floor, room.height_m, walls, _openings(room, standing, rng)), standing


def _around_origin(main: Piece, rng: np.random.Generator) -> Standing:
    low, high = main.supports[0].rectangle_m
    inner = (high - low) / 4
    return Standing(main, 0, -((low + high) / 2 + rng.uniform(-inner, inner)))


def _walls(eye: FloatArray, rectangle: FloatArray, options: RoomOptions, rng: np.random.Generator) -> tuple[int, ...]:
    """All but, sometimes, the one that is nearest behind the camera."""
    if rng.random() >= options.open_side:
        return (0, 1, 2, 3)
    (x0, y0), (x1, y1) = rectangle
    nearness = [eye[1] / y0, eye[0] / x1, eye[1] / y1, eye[0] / x0]
    return tuple(int(k) for k in range(4) if k != int(np.argmax(nearness)))


def _openings(room: Shell, main: Standing | None, rng: np.random.Generator) -> dict[int, Opening]:
    """A window and a door in walls of their own; none behind a cabinet that stands around the origin."""
    free = [w for w in room.walls if w or main is None or main.piece.kind != "cabinet"]
    order = [int(w) for w in rng.permutation(free)]
    kinds = [k for k, chance in (("window", WINDOW_CHANCE), ("door", DOOR_CHANCE)) if rng.random() < chance]
    made = {
        w: random_opening(k, room.rectangle_of(w)[:, 0], room.height_m, rng) for w, k in zip(order, kinds, strict=False)
    }
    return {wall: opening for wall, opening in made.items() if opening}


def _furnished(
    room: Shell, first: Standing | None, stage: Stage, options: RoomOptions, rng: np.random.Generator
) -> list[Standing]:
    """The main piece, chairs at it, and pieces along the walls."""
    eye = stage.camera.world_from_camera[:3, 3]
    standing = [first] if first else []
    if first and first.piece.kind in ("table", "round_table"):
        chair = PIECES["chair"](rng)
        for quarter in (q for q in range(4) if rng.random() < CHAIR_CHANCE):
            found = _chair_at(first, chair, quarter, rng)
            standing += [found] if is_free(found, room, standing, eye) else []
    for _ in range(int(options.furniture.draw(rng))):
        piece = PIECES[ALONG_WALLS[int(rng.integers(len(ALONG_WALLS)))]](rng)
        places = (along_a_wall(piece, room, standing, eye, rng) for _ in range(FURNITURE_TRIES))
        free = next(filter(None, places), None)
        standing += [free] if free else []
    return standing


def _chair_at(table: Standing, chair: Piece, quarter: int, rng: np.random.Generator) -> Standing:
    """Before a side of a table, looking at it."""
    (x0, y0), (x1, _) = turned_rectangle(table.rectangle_m, -quarter)
    y = y0 - chair.size_m[1] / 2 - rng.uniform(0.04, 0.3)
    return Standing(chair, quarter, np.array([(x0 + x1) / 2 + rng.uniform(-0.1, 0.1), y]))


def _setting(
    room: Shell, furniture: list[Standing], stage: Stage, options: RoomOptions, rng: np.random.Generator
) -> list[Placed]:
    strength, dimming = options.light.draw(rng), options.light_color.draw(rng) * rng.random(3)
    red, green, blue = (float(v) for v in strength * (1 - dimming))
    light: Emission = (red, green, blue)
    made = built(room, stage, has_ceiling=bool(rng.random() < options.ceiling), light=light, rng=rng)
    kinds: dict[str, int] = {}
    for standing in furniture:
        # Chairs are of one set.
        count = kinds.setdefault(standing.piece.kind, 0)
        made += standing.placed(room, stage, number=count)
        kinds[standing.piece.kind] += standing.piece.kind != "chair"
    return made


def _tops(room: Shell, furniture: list[Standing], first: Standing | None) -> list[_Top]:
    """The main one, and all others."""
    taken = [_corners(s.rectangle_m) for s in furniture]
    floor = _Top(Area(room.rectangle_m, room.floor_m, room.height_m, taken), first is None, len(taken))
    tops = [_Top(a, s is first and n == 0) for s in furniture for n, a in enumerate(s.supports(room.floor_m))]
    return sorted([*tops, floor], key=lambda top: not top.is_main)


def _corners(rectangle: FloatArray) -> FloatArray:
    (x0, y0), (x1, y1) = rectangle
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
