"""A scene's instances, ready to be drawn."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.geometry import transformed
from cyclorama.core.model import Model
from cyclorama.core.scene import Instance
from cyclorama.render.engines.raster.meshes import Mesh, areas_m2
from cyclorama.render.engines.raster.surfaces import Coat

GROUND = "ground"


@dataclass(frozen=True, eq=False)
class Thing:
    """One instance with what the device holds of it; coordinates are relative to the camera.

    Attributes:
        coats: One per material of the model.
        relative_from_object: (4, 4), may scale.
    """

    instance: Instance
    model: Model
    mesh: Mesh
    coats: tuple[Coat, ...]
    relative_from_object: FloatArray

    @property
    def is_ground(self) -> bool:
        """Whether it is what things rest on."""
        return self.instance.layer == GROUND

    @cached_property
    def center(self) -> FloatArray:
        """(3,) middle of its ball."""
        return transformed(self.relative_from_object, self.model.center_m[None])[0]

    @cached_property
    def radius_m(self) -> float:
        """Of a ball that holds it."""
        scale, (low, high) = np.abs(self.instance.scale), self.model.bounds_m
        # Stretched along one axis, its box tells more than its ball.
        return min(self.model.radius_m * float(scale.max()), float(np.linalg.norm(scale * (high - low) / 2)))

    @cached_property
    def normal_from_object(self) -> FloatArray:
        """(3, 3) turns normals, to any length."""
        return np.linalg.inv(self.relative_from_object[:3, :3]).T

    @cached_property
    def radiant_m2(self) -> FloatArray:
        """(3,) emitted radiance times the area that emits it."""
        emissions = np.array([coat.mean_emission() for coat in self.coats])
        if not emissions.any():
            return np.zeros(3)
        areas = areas_m2(self.model, np.asarray(self.instance.scale))
        return np.asarray(areas @ emissions)

    @property
    def solidity(self) -> float:
        """How solid what is seen through is: glass around liquid is a thin shell, which shows the liquid as it is."""
        materials = self.model.materials
        is_shell = any(c.is_translucent for c, m in zip(self.coats, materials, strict=True) if not m.keeps)
        return 0.0 if is_shell and any(m.keeps for m in materials) else self.mesh.solidity

    def translucent_parts(self) -> list["Thing"]:
        """The thing once for liquid and once for what it is in, as far as they are translucent, to be drawn apart."""
        keeps = [material.keeps for material in self.model.materials]
        parts = (self._with_glass_of([k == is_liquid for k in keeps]) for is_liquid in (True, False))
        return [part for part in parts if any(coat.is_translucent for coat in part.coats)]

    def _with_glass_of(self, chosen: list[bool]) -> "Thing":
        """The thing with no translucent materials but those chosen."""
        if all(c or not coat.is_translucent for c, coat in zip(chosen, self.coats, strict=True)):
            return self
        coats = (c if mine else replace(c, is_translucent=False) for c, mine in zip(self.coats, chosen, strict=True))
        return replace(self, coats=tuple(coats))

    @cached_property
    def shows_inside(self) -> bool:
        """Whether some of it has holes, or lets the rest be seen from within."""
        return any(c.has_holes for c in self.coats) or len({c.is_translucent for c in self.coats}) > 1

    @property
    def is_mirrored(self) -> bool:
        """Whether its triangles are turned inside out."""
        return bool(np.linalg.det(self.relative_from_object[:3, :3]) < 0)


def ball_around(things: Sequence[Thing]) -> tuple[FloatArray, float]:
    """Middle (3,) and radius of a ball that holds all; a ball of no size around none."""
    if not things:
        return np.zeros(3), 0.0
    centers, radii = np.array([t.center for t in things]), np.array([t.radius_m for t in things])
    middle = (np.min(centers - radii[:, None], axis=0) + np.max(centers + radii[:, None], axis=0)) / 2
    return middle, float((np.linalg.norm(centers - middle, axis=1) + radii).max())
