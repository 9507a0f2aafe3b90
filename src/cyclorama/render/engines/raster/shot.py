"""What the passes draw."""

from collections.abc import Sequence
from dataclasses import dataclass

from cyclorama.core.arrays import FloatArray
from cyclorama.render.engines.raster.probe import Probe
from cyclorama.render.engines.raster.shadow_map import Lighting
from cyclorama.render.engines.raster.things import Thing
from cyclorama.render.engines.raster.view import View


@dataclass(frozen=True, eq=False)
class Ambience:
    """The environment as this scene has it.

    Attributes:
        factor: (3,) on the map's radiance.
        turns: Of the map about the world's z.
        ground: (4,) radiance that comes from below the horizon, and 1; zeros without a ground.
        reach_m: How far off things hide the environment's light.
    """

    factor: FloatArray
    turns: float
    ground: FloatArray
    reach_m: float


@dataclass(frozen=True, eq=False)
class Shot:
    """What is drawn, and in which light."""

    view: View
    things: Sequence[Thing]
    probe: Probe
    ambience: Ambience
    lighting: Lighting

    @property
    def has_glass(self) -> bool:
        """Whether anything is translucent."""
        return any(coat.is_translucent for thing in self.things for coat in thing.coats)
