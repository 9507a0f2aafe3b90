"""Things are thrown into a bin."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.geometry import rigid, rotation_about
from cyclorama.scene.distributions import Distribution, number, whole_number
from cyclorama.scene.fields import between, count_between, fixed, share
from cyclorama.scene.layout import LayoutOptions, Placed, PlacementError, Stage, Thing
from cyclorama.scene.placing.carpentry import block
from cyclorama.scene.placing.dropping import fallen, middle_m, seen_ones
from cyclorama.scene.placing.physics import Block

# A wall's thickness, as a share of the bin's longer side.
WALL_SHARE = 0.03
# Of a bin as large as things need: the share of its floor that their bounding circles would cover in one layer, and the
# share of its volume that their boxes fill.
COVER, FILL = 1.6, 0.45


class BinOptions(LayoutOptions):
    """Keys of ``kind: bin``; every thing is thrown once, whatever ``tries`` says.

    Attributes:
        width_m: Inside; 0 is as much as the things need.
        depth_m: Inside; 0 is a share of the width.
        stretch: That share.
        height_m: Of the walls above the bin's floor; 0 is as much as the things need.
    """

    fixtures: ClassVar = ("cube",)

    kind: Literal["bin"] = "bin"
    count: Annotated[Distribution, whole_number(0, 500)] = count_between(4, 12)
    max_crop: float = share(0.6)
    width_m: Annotated[Distribution, number(0, 100)] = fixed(0.0)
    depth_m: Annotated[Distribution, number(0, 100)] = fixed(0.0)
    stretch: Annotated[Distribution, number(0.2, 5)] = between(0.6, 1.0)
    height_m: Annotated[Distribution, number(0, 100)] = fixed(0.0)

    @property
    def uses_physics(self) -> bool:
        """Always."""
        return True


class Bin:
    """In a bin on z = 0 whose middle is the origin, as they come to rest in it, by physics.

    They start turned as the recipe's orientation says. What falls beside the bin, or lies outside the limits of what
    the camera sees, is taken away, and the others come to rest without it. Clutter that the bin can't hold is left out.
    """

    options: ClassVar = BinOptions

    @staticmethod
    def place(things: Sequence[Thing], stage: Stage, options: BinOptions, rng: np.random.Generator) -> list[Placed]:
        """Things that lie in the bin, and the bin."""
        opening_m = _opening_m(things, stage, options, rng)
        fitting = [thing for thing in things if _fits(thing, opening_m)]
        made = _made(fitting, opening_m, stage, options, rng)

        def staying(lying: Sequence[Placed]) -> list[Placed]:
            return seen_ones([p for p in lying if made.holds(p)], stage.camera, options)

        lying = fallen(
            fitting,
            place=lambda thing: made.place(thing, rng),
            staying=staying,
            rng=rng,
            blocks=made.blocks(),
            floor_m=made.wall_m,
        )
        stage.facts.update(bin_m=made.inside_m.tolist(), dropped=len(things) - len(lying))
        return lying + made.furniture(stage)


@dataclass(frozen=True, eq=False)
class _Made:
    """A bin.

    Attributes:
        frame: (4, 4) world from the bin's frame: z up, the origin in the middle of its underside.
        inside_m: (3,) width, depth and height.
        wall_m: Thickness of walls and floor.
    """

    frame: FloatArray
    inside_m: FloatArray
    wall_m: float

    def boxes(self) -> list[tuple[FloatArray, FloatArray]]:
        """(3,) lowest and highest corners of the floor and of four walls, in the bin's frame."""
        (x, y), z, wall = self.inside_m[:2] / 2, self.inside_m[2] + self.wall_m, self.wall_m
        spans = [((-x, -y, 0), (x, y, wall))]
        spans += [((side, -y - wall, 0), (side + wall, y + wall, z)) for side in (-x - wall, x)]
        spans += [((-x, side, 0), (x, side + wall, z)) for side in (-y - wall, y)]
        return [(np.array(low, float), np.array(high, float)) for low, high in spans]

    def blocks(self) -> list[Block]:
        """What things lie in."""
        return [Block(self.frame @ rigid(np.eye(3), (low + high) / 2), high - low) for low, high in self.boxes()]

    def furniture(self, stage: Stage) -> list[Placed]:
        """What is seen of it."""
        return [block(stage, self.frame, low, high, part="bin") for low, high in self.boxes()]

    def place(self, thing: Thing, rng: np.random.Generator) -> FloatArray:
        """(2,) point of the world within the walls; the middle for what is too wide to be anywhere else."""
        room = np.maximum(self.inside_m[:2] / 2 - thing.radius_m, 0)
        return np.asarray((self.frame[:3, :2] @ rng.uniform(-room, room))[:2])

    def holds(self, placed: Placed) -> bool:
        """Whether a thing's middle is between the walls, or above."""
        local = self.frame[:3, :3].T @ middle_m(placed)
        return bool((np.abs(local[:2]) <= self.inside_m[:2] / 2).all())


def _opening_m(things: Sequence[Thing], stage: Stage, options: BinOptions, rng: np.random.Generator) -> FloatArray:
    """(2,) inner width and depth."""
    radii = _radii_m(things, stage)
    widest, area = 2.1 * float(radii.max()), np.pi * float((radii**2).sum()) / COVER
    stretch = options.stretch.draw(rng)
    width = options.width_m.draw(rng) or max(np.sqrt(area / stretch), widest)
    depth = options.depth_m.draw(rng) or max(width * stretch, widest)
    return np.array([width, depth])


def _made(
    things: Sequence[Thing], opening_m: FloatArray, stage: Stage, options: BinOptions, rng: np.random.Generator
) -> _Made:
    width, depth = opening_m
    volume = sum(float(np.prod(np.ptp(t.model.bounds_m, axis=0) * t.scale)) for t in things)
    height = options.height_m.draw(rng) or max(volume / (FILL * width * depth), 0.5 * _radii_m(things, stage).max())
    frame = rigid(rotation_about([0, 0, 1], rng.uniform(0, 2 * np.pi)), [0, 0, 0])
    return _Made(frame, np.array([width, depth, height]), WALL_SHARE * max(width, depth))


def _radii_m(things: Sequence[Thing], stage: Stage) -> FloatArray:
    """Of the things, or of a target where there are none."""
    return np.array([t.radius_m for t in things] or [stage.target(0).radius_m])


def _fits(thing: Thing, opening_m: FloatArray) -> bool:
    """Whether the two shorter edges of a thing's box go through the bin's opening.

    Raises:
        PlacementError: Those of a target don't.
    """
    edges = np.sort(np.ptp(thing.model.bounds_m, axis=0) * thing.scale)[:2]
    opening = np.sort(opening_m)
    fits = bool((edges <= opening).all())
    if not fits and thing.category is not None:
        sizes = " x ".join(f"{v:.3g}" for v in edges), " x ".join(f"{v:.3g}" for v in opening)
        raise PlacementError(
            f"layout 'bin': '{thing.model.name}' is {sizes[0]} m across and the bin {sizes[1]} m; raise layout.width_m "
            "and layout.depth_m, or lower objects.scale"
        )
    return fits
