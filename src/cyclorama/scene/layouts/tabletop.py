"""Things rest on a plane."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.scene import Camera
from cyclorama.scene.distributions import Distribution, number
from cyclorama.scene.dropping import come_to_rest, over, seen_ones
from cyclorama.scene.fields import fixed
from cyclorama.scene.footprints import Resting, meet
from cyclorama.scene.layout import LayoutOptions, Placed, Stage, Thing, cropped_share, image_box, overlap_share

# Half of the table's free area, when the recipe does not say how far things spread.
CROWDING = 0.35


class TabletopOptions(LayoutOptions):
    """Keys of ``kind: tabletop``.

    Attributes:
        spread_m: Radius around the middle within which things lie; 0 is as much as they need.
        physics: Let things fall onto the table and each other, turned as the recipe says, and stay as they come to
            rest; else none lies on another.
    """

    kind: Literal["tabletop"] = "tabletop"
    spread_m: Annotated[Distribution, number(0, 100)] = fixed(0.0)
    physics: bool = False


class Tabletop:
    """On z = 0 in an orientation that the recipe allows; the footprints' convex hulls don't touch, but with physics.

    Seen from the camera things may hide each other, unless the recipe limits the overlap of image boxes.
    """

    options: ClassVar = TabletopOptions
    has_ground: ClassVar = True
    fixtures: ClassVar = ()

    @staticmethod
    def place(
        things: Sequence[Thing], stage: Stage, options: TabletopOptions, rng: np.random.Generator
    ) -> list[Placed]:
        """Places of those things that find one within the limits."""
        if options.physics:
            return _fallen(things, stage.camera, options, rng)
        camera = stage.camera
        placed: list[Placed] = []
        footprints: list[FloatArray] = []
        boxes: list[FloatArray] = []
        spread = options.spread_m.draw(rng) or _even_spread(things)
        for thing in things:
            outline = thing.outline_m()
            for attempt in range(options.tries):
                # A crowded table grows and a view that is too narrow draws things to its middle, in turns.
                change = (attempt if attempt % 2 else -attempt) / options.tries
                resting, place = Resting(thing, thing.rotation(rng)), _place(spread * (1 + change), rng)
                pose = resting.pose(place)
                box = image_box(outline, pose, camera)
                if box is None or (thing.category and cropped_share(box, camera) > options.max_crop):
                    continue
                if _hides(thing, box, placed, boxes, options.max_overlap):
                    continue
                footprint = resting.footprint_m + place[:2]
                if not any(meet(footprint, other) for other in footprints):
                    placed.append(Placed(thing, pose))
                    footprints.append(footprint)
                    boxes.append(box)
                    break
        return placed


def _fallen(
    things: Sequence[Thing], camera: Camera, options: TabletopOptions, rng: np.random.Generator
) -> list[Placed]:
    """Where things come to rest, without those that then lie outside the limits."""
    spread = options.spread_m.draw(rng) or _even_spread(things)
    order = [things[i] for i in rng.permutation(len(things))]
    falling = over(order, lambda _: _place(spread, rng)[:2], 0.0, rng)
    lying = come_to_rest(falling, (), lambda placed: seen_ones(placed, camera, options))
    number = {id(thing): n for n, thing in enumerate(things)}
    return sorted(lying, key=lambda p: number[id(p.thing)])


def _hides(thing: Thing, box: FloatArray, placed: list[Placed], boxes: list[FloatArray], limit: float | None) -> bool:
    """Whether a target would hide or be hidden more than the limit allows."""
    if limit is None:
        return False
    others = [b for p, b in zip(placed, boxes, strict=True) if thing.category or p.thing.category]
    return any(overlap_share(box, other) > limit for other in others)


def _even_spread(things: Sequence[Thing]) -> float:
    area = sum(t.radius_m**2 for t in things)
    return float(np.sqrt(area / CROWDING))


def _place(spread_m: float, rng: np.random.Generator) -> FloatArray:
    """(3,) point of the plane."""
    distance = spread_m * np.sqrt(rng.random())  # The root makes places uniform in area.
    angle = rng.uniform(0, 2 * np.pi)
    return np.array([distance * np.cos(angle), distance * np.sin(angle), 0.0])
