"""Things rest on a plane."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.scene import Camera
from cyclorama.scene.distributions import Distribution, number
from cyclorama.scene.fields import fixed
from cyclorama.scene.layout import LayoutOptions, Placed, Stage, Thing
from cyclorama.scene.placing.dropping import fallen, seen_ones
from cyclorama.scene.placing.footprints import Resting, even_spread_m, meet, point_on_disc, spreads
from cyclorama.scene.placing.sight import Seen, seen_within_limits


class TabletopOptions(LayoutOptions):
    """Keys of ``kind: tabletop``.

    Attributes:
        spread_m: Radius around the middle within which things lie; 0 is as much as they need.
        physics: Let things fall onto the table and each other, turned as the recipe says, and stay as they come to
            rest, whatever ``tries`` says; else none lies on another.
    """

    kind: Literal["tabletop"] = "tabletop"
    spread_m: Annotated[Distribution, number(0, 100)] = fixed(0.0)
    physics: bool = False

    @property
    def uses_physics(self) -> bool:
        """If asked for."""
        return self.physics


class Tabletop:
    """On z = 0 in an orientation that the recipe allows; the footprints' convex hulls don't touch, but with physics.

    Seen from the camera things may hide each other, unless the recipe limits the overlap of image boxes.
    """

    options: ClassVar[type[LayoutOptions]] = TabletopOptions

    @staticmethod
    def place(
        things: Sequence[Thing], stage: Stage, options: TabletopOptions, rng: np.random.Generator
    ) -> list[Placed]:
        """Places of those things that find one within the limits."""
        if options.physics:
            return _fallen(things, stage.camera, options, rng)
        seen: list[Seen] = []
        footprints: list[FloatArray] = []
        spread = options.spread_m.draw(rng) or even_spread_m(things)
        for thing in things:
            for factor in spreads(options.tries):
                resting, place = Resting(thing, thing.rotation(rng)), point_on_disc(spread * factor, rng)
                found = seen_within_limits(resting.placed([*place, 0]), seen, stage.camera, options)
                if found is None:
                    continue
                footprint = resting.footprint_m + place
                if not any(meet(footprint, other) for other in footprints):
                    seen.append(found)
                    footprints.append(footprint)
                    break
        return [s.placed for s in seen]


def _fallen(
    things: Sequence[Thing], camera: Camera, options: TabletopOptions, rng: np.random.Generator
) -> list[Placed]:
    """Where things come to rest, without those that then lie outside the limits."""
    spread = options.spread_m.draw(rng) or even_spread_m(things)
    return fallen(
        things,
        place=lambda _: point_on_disc(spread, rng),
        staying=lambda placed: seen_ones(placed, camera, options),
        rng=rng,
    )
