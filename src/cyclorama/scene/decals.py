"""Stickers, tags and stains at places of a model's surface."""

from typing import Annotated

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.model import Model
from cyclorama.core.scene import Decal
from cyclorama.scene.chance import Dice
from cyclorama.scene.distributions import Distribution, number, whole_number
from cyclorama.scene.fields import Decals, Section, between, builtin_files, fixed
from cyclorama.scene.gathered import Assets

MOST_DECALS = 4


class DecalOptions(Section):
    """Keys of what may have stickers.

    Attributes:
        decals: Pictures of stickers, tags and stains, whose alpha is their outline.
        decal_count: How many are on each target, anywhere on its surface.
        decal_size: Longer edge, in the diameter of the model's bounding sphere.
    """

    decals: Decals = builtin_files()
    decal_count: Annotated[Distribution, whole_number(0, MOST_DECALS)] = fixed(0.0)
    decal_size: Annotated[Distribution, number(0.01, 1)] = between(0.15, 0.35)

    @property
    def has_decals(self) -> bool:
        """Whether there could be one."""
        return self.decal_count.range[1] > 0


def sample_decals(
    model: Model, options: DecalOptions, ids: tuple[str, ...], assets: Assets, dice: Dice
) -> tuple[Decal, ...]:
    """Decals of those image ids on a model, turned any way; places of equal area have equal chances, none on liquid."""
    if not options.has_decals:
        return ()
    count = dice.count("decal_count", options.decal_count)
    return tuple(_sample_decal(model, options, dice.pick("decal", ids), assets, dice) for _ in range(count))


def _sample_decal(model: Model, options: DecalOptions, image: str, assets: Assets, dice: Dice) -> Decal:
    edge_m = dice.draw("decal_size", options.decal_size) * 2 * model.radius_m
    height, width = assets.library.image(image).shape[:2]
    corners = model.vertices_m[model.faces[~model.keeps]].astype(np.float64)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    shares = np.cumsum(np.linalg.norm(normals, axis=1))
    face = int(np.searchsorted(shares, dice.rng.random() * shares[-1], side="right"))
    center = dice.rng.dirichlet([1.0, 1.0, 1.0]) @ corners[face]
    normal = normals[face] / np.linalg.norm(normals[face])
    # Any direction that isn't the normal's.
    across = np.cross(normal, np.eye(3)[int(np.argmin(np.abs(normal)))])
    across /= np.linalg.norm(across)
    angle = dice.rng.uniform(0, 2 * np.pi)
    right = np.cos(angle) * across + np.sin(angle) * np.cross(normal, across)
    size_m = (edge_m * width / max(width, height), edge_m * height / max(width, height))
    return Decal(image, _xyz(center), _xyz(right), _xyz(np.cross(normal, right)), size_m)


def _xyz(vector: FloatArray) -> tuple[float, float, float]:
    x, y, z = (float(v) for v in vector)
    return x, y, z
