"""Lamps as rows of numbers for the shaders."""

from dataclasses import dataclass

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.scene import Lamp
from cyclorama.render.engines.raster.shadows import ShadowView, lamp_views, sun_view
from cyclorama.render.engines.raster.things import Thing

KINDS = {"point": 0.0, "area": 1.0, "spot": 2.0, "sun": 3.0}
# The sun's disc, as the cycles engine has it, and Blender's own softness of a spot's edge.
SUN_ANGLE_RAD = 0.0093
SPOT_BLEND = 0.15
# A glowing thing thinner than this share of its size shines to two sides, another to all.
FLAT = 0.05


@dataclass(frozen=True, eq=False)
class Shining:
    """A lamp relative to the camera.

    Attributes:
        kind: A key of ``KINDS``.
        position: (3,) metres; a sun's means nothing.
        towards: (3,) unit direction it shines in; a point's means nothing.
        power: (3,) intensity in W/sr, head-on; a sun's is irradiance in W/m^2.
        size: Radius in metres; a sun's is the tangent of its half angle.
        spot: Cosine of the cone's half angle, and one over the width of its edge in cosines.
        gloss: Whose highlights it makes: its "own", "none", or those of the "map" whose sun it is.
        source: Id of the instance that shines, and casts no shadow in its own light; None for a lamp.
    """

    kind: str
    position: FloatArray
    towards: FloatArray
    power: FloatArray
    size: float
    spot: tuple[float, float] = (0.0, 0.0)
    gloss: str = "own"
    source: int | None = None

    def views(self, center: FloatArray, radius_m: float) -> list[ShadowView]:
        """From where its shadows of what is in a ball are drawn."""
        if self.kind == "sun":
            return [sun_view(self.towards, center, radius_m)]
        return lamp_views(self.position, center, radius_m)

    def row(self, first_view: int, views: int) -> FloatArray:
        """(4, 4) what ``lighting.glsl`` needs to know."""
        return np.array(
            [
                [*self.position, KINDS[self.kind]],
                [*self.towards, self.spot[0]],
                [*self.power, self.size],
                [self.spot[1], first_view, views, {"own": 1, "none": 0, "map": -1}[self.gloss]],
            ]
        )


def shining(lamp: Lamp, eye: FloatArray) -> Shining:
    """A scene's lamp, seen from a camera at ``eye`` (3,)."""
    towards = np.asarray(lamp.direction, float) / max(float(np.linalg.norm(lamp.direction)), 1e-9)
    position = np.asarray(lamp.position_m, float) - eye
    power = lamp.power_w * np.asarray(lamp.color, float)
    match lamp.kind:
        case "sun":
            return Shining("sun", np.zeros(3), towards, power, float(np.tan(SUN_ANGLE_RAD / 2)))
        case "area":
            # A disc of the square's area.
            return Shining("area", position, towards, power / np.pi, lamp.size_m / float(np.sqrt(np.pi)))
        case "spot":
            cosine = float(np.cos(lamp.spot_angle_rad / 2))
            spot = (cosine, 1 / max((1 - cosine) * SPOT_BLEND, 1e-6))
            return Shining("spot", position, towards, power / (4 * np.pi), lamp.size_m, spot)
        case _:
            return Shining("point", position, towards, power / (4 * np.pi), lamp.size_m)


def glowing(thing: Thing) -> list[Shining]:
    """What a thing that emits light is to others: a lamp of its mean radiance and area, without highlights."""
    sizes = (thing.model.bounds_m[1] - thing.model.bounds_m[0]) * np.abs(thing.instance.scale)
    # A convex thing shows a quarter of its area on average (Cauchy), a flat one half of it, head-on.
    if sizes.min() > FLAT * sizes.max():
        return [_glow("point", thing, np.zeros(3), thing.radiant_m2 / 4, thing.radius_m / 2)]
    axis = thing.normal_from_object[:, np.argmin(sizes)]
    axis = axis / np.linalg.norm(axis)
    return [_glow("area", thing, side * axis, thing.radiant_m2 / 2, thing.radius_m / 2) for side in (1, -1)]


def _glow(kind: str, thing: Thing, towards: FloatArray, power: FloatArray, size: float) -> Shining:
    return Shining(kind, thing.center, towards, power, size, gloss="none", source=thing.instance.id)
