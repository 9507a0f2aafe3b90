"""Furniture of boxes and cylinders, in the sizes that furniture has.

A piece's frame: x along its front, y out of its front, z up from the floor; the middle of its footprint is the origin.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cyclorama.core.arrays import ArrayLike, FloatArray
from cyclorama.scene.layout import Emission
from cyclorama.scene.placing.footprints import Area


@dataclass(frozen=True, eq=False)
class Part:
    """A box or a cylinder from its lowest to its highest corner, metres.

    Attributes:
        shape: "cube" or "cylinder".
        look: Parts of a piece that have the same look alike.
    """

    low_m: FloatArray
    high_m: FloatArray
    shape: str = "cube"
    look: str = ""
    emission: Emission | None = None


@dataclass(frozen=True, eq=False)
class Piece:
    """A piece of furniture, and what things can stand on; the first support is what it is for."""

    kind: str
    parts: tuple[Part, ...]
    supports: tuple[Area, ...] = ()

    @property
    def size_m(self) -> FloatArray:
        """(3,) edges of a box around its origin that holds it."""
        reach = np.max([np.maximum(np.abs(p.low_m), np.abs(p.high_m)) for p in self.parts], axis=0)
        return np.array([2 * reach[0], 2 * reach[1], reach[2]])


def table(rng: np.random.Generator) -> Piece:
    """A top on four legs, as high as one sits at."""
    return _table("table", rng.uniform(0.9, 1.8), rng.uniform(0.6, 0.95), rng.uniform(0.68, 0.78), rng)


def coffee_table(rng: np.random.Generator) -> Piece:
    """A low table."""
    return _table("coffee_table", rng.uniform(0.7, 1.2), rng.uniform(0.45, 0.7), rng.uniform(0.36, 0.5), rng)


def round_table(rng: np.random.Generator) -> Piece:
    """A round top on one leg."""
    radius, height, thick = rng.uniform(0.35, 0.6), rng.uniform(0.68, 0.76), rng.uniform(0.02, 0.045)
    leg, foot = rng.uniform(0.03, 0.06), radius * rng.uniform(0.5, 0.7)
    parts = (
        _round(radius, height - thick, height),
        _round(leg, 0.02, height - thick, "legs"),
        _round(foot, 0, 0.02, "legs"),
    )
    inner = 0.7 * radius * np.array([[-1, -1], [1, 1]])
    return Piece("round_table", parts, (Area(inner, height),))


def cabinet(rng: np.random.Generator) -> Piece:
    """A chest with doors or drawers, on whose top things stand."""
    return _cabinet("cabinet", rng.uniform(0.6, 1.6), rng.uniform(0.35, 0.55), rng.uniform(0.5, 1.05), rng)


def wardrobe(rng: np.random.Generator) -> Piece:
    """A cabinet as high as a door."""
    made = _cabinet("wardrobe", rng.uniform(0.8, 1.8), rng.uniform(0.45, 0.62), rng.uniform(1.7, 2.15), rng)
    return Piece(made.kind, made.parts)


def bookshelf(rng: np.random.Generator) -> Piece:
    """Boards between two sides before a back."""
    width, depth, thick = rng.uniform(0.6, 1.2), rng.uniform(0.25, 0.38), rng.uniform(0.018, 0.03)
    floors = np.cumsum([0.06, *rng.uniform(0.26, 0.4, int(rng.integers(2, 6)))])
    x, y = width / 2, depth / 2
    sides = [_box([s, -y, 0], [s + thick, y, floors[-1]]) for s in (-x, x - thick)]
    back = _box([-x + thick, -y, 0], [x - thick, -y + 0.008, floors[-1]], "back")
    boards = [_box([-x + thick, -y + 0.008, f - thick], [x - thick, y, f]) for f in floors]
    inner = np.array([[-x + thick, -y + 0.008], [x - thick, y]])
    clear = [*(np.diff(floors) - thick), np.inf]
    order = [len(floors) - 1, *range(len(floors) - 1)]
    supports = tuple(Area(inner, float(floors[i]), float(clear[i])) for i in order)
    return Piece("bookshelf", (*sides, back, *boards), supports)


def chair(rng: np.random.Generator) -> Piece:
    """A seat with a back on four legs."""
    edge, height, top = rng.uniform(0.38, 0.46), rng.uniform(0.43, 0.48), rng.uniform(0.8, 1.0)
    legs = _legs(edge, edge, height - 0.03, rng.uniform(0.02, 0.04), "cube")
    seat = _box([-edge / 2, -edge / 2, height - 0.03], [edge / 2, edge / 2, height])
    low = rng.uniform(height, height + 0.25)
    back = _box([-edge / 2, -edge / 2, low], [edge / 2, -edge / 2 + 0.025, top])
    posts = [_box([s, -edge / 2, height], [s + 0.025, -edge / 2 + 0.025, low]) for s in (-edge / 2, edge / 2 - 0.025)]
    return Piece("chair", (*legs, seat, back, *(posts if low > height + 1e-3 else ())))


def sofa(rng: np.random.Generator) -> Piece:
    """A seat of one to three cushions between two arms."""
    seats, depth, seat, top = int(rng.integers(1, 4)), rng.uniform(0.75, 0.95), 0.28, rng.uniform(0.7, 0.9)
    cushion, arm = rng.uniform(0.55, 0.7), rng.uniform(0.12, 0.22)
    x, y = (seats * cushion) / 2, depth / 2
    parts = [_box([-x, -y + 0.2, 0.08], [x, y, seat]), _box([-x - arm, -y, 0.08], [x + arm, -y + 0.2, top])]
    parts += [_box([s, -y + 0.2, 0.08], [s + arm, y, 0.58]) for s in (-x - arm, x)]
    for i in range(seats):
        left = -x + i * cushion
        parts.append(_box([left + 0.008, -y + 0.2, seat], [left + cushion - 0.008, y + 0.01, seat + 0.15], "cushions"))
    return Piece("sofa", tuple(parts))


def lamp(rng: np.random.Generator) -> Piece:
    """A standing lamp whose shade glows."""
    height, radius, shade = rng.uniform(1.2, 1.75), rng.uniform(0.12, 0.24), rng.uniform(0.2, 0.35)
    red, green, blue = rng.uniform(2, 6) * np.array([1.0, rng.uniform(0.75, 1), rng.uniform(0.5, 1)])
    light = (float(red), float(green), float(blue))
    glow = _round(radius, height - shade, height, "shade", light)
    return Piece("lamp", (_round(0.8 * radius, 0, 0.025), _round(0.012, 0.025, height - shade), glow))


PIECES: dict[str, Callable[[np.random.Generator], Piece]] = {
    f.__name__: f for f in (table, coffee_table, round_table, cabinet, wardrobe, bookshelf, chair, sofa, lamp)
}


def _table(kind: str, width: float, depth: float, height: float, rng: np.random.Generator) -> Piece:
    thick, leg = rng.uniform(0.02, 0.045), rng.uniform(0.035, 0.075)
    inset = rng.uniform(0, 0.06)
    shape = "cylinder" if rng.random() < 0.4 else "cube"
    legs = _legs(width - 2 * inset, depth - 2 * inset, height - thick, leg, shape)
    half = np.array([width, depth]) / 2
    top = _box([*-half, height - thick], [*half, height])
    return Piece(kind, (top, *legs), (Area(np.stack([-half, half]), height),))


def _legs(width: float, depth: float, height: float, thick: float, shape: str) -> list[Part]:
    corners = [(x, y) for x in (-width / 2, width / 2 - thick) for y in (-depth / 2, depth / 2 - thick)]
    return [Part(np.array([x, y, 0]), np.array([x + thick, y + thick, height]), shape, "legs") for x, y in corners]


def _cabinet(kind: str, width: float, depth: float, height: float, rng: np.random.Generator) -> Piece:
    x, y, foot = width / 2, depth / 2, 0.06
    parts = [_box([-x, -y, foot], [x, y - 0.02, height]), _box([-x + 0.03, -y, 0], [x - 0.03, y - 0.05, foot], "legs")]
    columns, rows = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    cell = np.array([width / columns, (height - foot) / rows])
    for column in range(columns):
        for row in range(rows):
            low = np.array([-x + column * cell[0], foot + row * cell[1]]) + 0.004
            high = low + cell - 0.008
            parts.append(_box([low[0], y - 0.02, low[1]], [high[0], y, high[1]], "fronts"))
            middle = (low + high) / 2
            knob = [middle[0] - 0.05, y, middle[1] - 0.006], [middle[0] + 0.05, y + 0.02, middle[1] + 0.006]
            parts.append(_box(*knob, "knobs"))
    top = Area(np.array([[-x, -y], [x, y - 0.02]]), height)
    return Piece(kind, tuple(parts), (top,))


def _box(low: ArrayLike, high: ArrayLike, look: str = "") -> Part:
    return Part(np.asarray(low, float), np.asarray(high, float), "cube", look)


def _round(radius: float, low: float, high: float, look: str = "", emission: Emission | None = None) -> Part:
    return Part(np.array([-radius, -radius, low]), np.array([radius, radius, high]), "cylinder", look, emission)
