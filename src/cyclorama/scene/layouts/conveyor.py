"""Things lie on a conveyor belt."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.geometry import rigid, rotation_about
from cyclorama.core.scene import Camera
from cyclorama.scene.distributions import Distribution, number
from cyclorama.scene.fields import between, fixed
from cyclorama.scene.layout import LayoutOptions, Placed, PlacementError, Stage, Thing
from cyclorama.scene.placing.carpentry import block
from cyclorama.scene.placing.footprints import CROWDING, Area, Resting, spreads
from cyclorama.scene.placing.sight import Seen, seen_within_limits

# Where the recipe does not say, the belt is so many times as wide as the largest thing, which always passes.
WIDTHS = (1.3, 3.0)
# The belt goes on beyond the picture: its length in camera distances and in widths.
LENGTH_IN_DISTANCES, LENGTH_IN_WIDTHS = 12.0, 4.0
BELT_SHARE, RAIL_SHARE = 0.02, 0.05


class ConveyorOptions(LayoutOptions):
    """Keys of ``kind: conveyor``.

    Attributes:
        width_m: Between the rails; 0 is as wide as suits the things.
        rail: Height of the rails above the belt, as a share of its width.
        yaw_deg: Direction in which the belt runs, seen from above; 0 is the picture's right.
        stands_m: Height of the belt above the floor.
    """

    has_ground: ClassVar = False
    fixtures: ClassVar = ("cube",)

    kind: Literal["conveyor"] = "conveyor"
    width_m: Annotated[Distribution, number(0, 100)] = fixed(0.0)
    rail: Annotated[Distribution, number(0.01, 2)] = between(0.05, 0.2)
    yaw_deg: Annotated[Distribution, number(-180, 180)] = between(-180, 180)
    stands_m: Annotated[Distribution, number(0.05, 100)] = between(0.4, 1.0)


class Conveyor:
    """In one layer on a belt between rails; things rest as the recipe's orientation says and do not touch.

    The belt's middle is the origin.
    """

    options: ClassVar = ConveyorOptions

    @staticmethod
    def place(
        things: Sequence[Thing], stage: Stage, options: ConveyorOptions, rng: np.random.Generator
    ) -> list[Placed]:
        """Things that find a place within the limits, and the conveyor."""
        width = _width_m(things, stage, options, rng)
        frame = _frame(stage, options, rng)
        half = np.array([_length_m(stage, width), width]) / 2
        reach = max(width, sum(t.radius_m**2 for t in things) / (CROWDING * width)) / 2
        made = _Made(frame, Area(np.stack([-half, half]), 0.0), reach)
        seen: list[Seen] = []
        for thing in things:
            found = made.lain(thing, seen, stage.camera, options, rng)
            seen += [] if found is None else [found]
        if not seen and any(2 * t.radius_m > width for t in things):
            raise PlacementError(f"things find no room on a belt {width:.3g} m wide; raise layout.width_m")
        stage.facts.update(width_m=round(width, 4))
        return [*(s.placed for s in seen), *_machine(half, frame, stage, options, rng)]


@dataclass(frozen=True, eq=False)
class _Made:
    """A conveyor.

    Attributes:
        frame: (4, 4) world from the belt's frame, whose x is the way that it runs.
        reach_m: How far from the middle things lie along it.
    """

    frame: FloatArray
    belt: Area
    reach_m: float

    def lain(
        self, thing: Thing, seen: Sequence[Seen], camera: Camera, options: ConveyorOptions, rng: np.random.Generator
    ) -> Seen | None:
        """The thing on the belt, if a place is found within the limits."""
        for factor in spreads(options.tries):
            resting = Resting(thing, thing.rotation(rng))
            slack = np.maximum(self.belt.rectangle_m[1][1] - resting.size_m[1] / 2, 0)
            middle = np.array([self.reach_m * factor * rng.uniform(-1, 1), slack * rng.uniform(-1, 1)])
            if not self.belt.has_room(resting, middle):
                continue
            found = seen_within_limits(Placed(thing, self.frame @ resting.pose([*middle, 0])), seen, camera, options)
            if found is not None:
                self.belt.taken.append(resting.footprint_m + middle)
                return found
        return None


def _width_m(things: Sequence[Thing], stage: Stage, options: ConveyorOptions, rng: np.random.Generator) -> float:
    largest = 2 * max((t.radius_m for t in things), default=stage.target(0).radius_m)
    return options.width_m.draw(rng) or float(largest * rng.uniform(*WIDTHS))


def _length_m(stage: Stage, width_m: float) -> float:
    distance = float(np.linalg.norm(stage.camera.world_from_camera[:3, 3]))
    return max(LENGTH_IN_DISTANCES * distance, LENGTH_IN_WIDTHS * width_m)


def _frame(stage: Stage, options: ConveyorOptions, rng: np.random.Generator) -> FloatArray:
    """(4, 4) world from the conveyor's frame, whose x is the way that the belt runs."""
    right = stage.camera.world_from_camera[:3, 0]
    yaw = np.arctan2(right[1], right[0]) + np.radians(options.yaw_deg.draw(rng))
    return rigid(rotation_about([0, 0, 1], yaw), [0, 0, 0])


def _machine(
    half: FloatArray, frame: FloatArray, stage: Stage, options: ConveyorOptions, rng: np.random.Generator
) -> list[Placed]:
    """Belt, rails and floor; legs under the rails."""
    x, y = half
    rail, thick, floor = options.rail.draw(rng) * 2 * y, BELT_SHARE * 2 * y, -options.stands_m.draw(rng)
    side, sunk = RAIL_SHARE * 2 * y, max(floor, -4 * thick)
    made = [block(stage, frame, [-x, -y, max(floor, -thick)], [x, y, 0], part="belt")]
    for low, high in ((-y - side, -y), (y, y + side)):
        made.append(block(stage, frame, [-x, low, sunk], [x, high, rail], part="rail"))
        for leg in np.arange(-x + y, x, 4 * y) if sunk > floor else ():
            made.append(block(stage, frame, [leg, low, floor], [leg + side, high, sunk], part="legs"))
    far = 2 * x
    made.append(block(stage, frame, [-far, -far, floor - 0.1], [far, far, floor], part="floor"))
    return made
