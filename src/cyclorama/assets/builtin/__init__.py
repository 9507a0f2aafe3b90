"""Models, textures and environments that our code generates: everything works with no download."""

from cyclorama.assets.builtin.environments import ENVIRONMENTS, environment
from cyclorama.assets.builtin.families import FAMILIES, MATERIALS, WEAR, material_map, wear_map
from cyclorama.assets.builtin.keypoints import MARKED
from cyclorama.assets.builtin.models import MODELS, SHAPES, SURFACES, model
from cyclorama.assets.builtin.prints import DECALS, LABELS, decal, label
from cyclorama.assets.builtin.procedural import FAMILIES as SHAPE_FAMILIES
from cyclorama.assets.builtin.procedural import PROCEDURAL
from cyclorama.assets.builtin.skies import sky_light
from cyclorama.assets.builtin.textures import TEXTURES, texture

# Part of every built-in's id: raise it when what our code generates changes.
VERSION = 1

__all__ = [
    "DECALS",
    "ENVIRONMENTS",
    "FAMILIES",
    "LABELS",
    "MARKED",
    "MATERIALS",
    "MODELS",
    "PROCEDURAL",
    "SHAPES",
    "SHAPE_FAMILIES",
    "SURFACES",
    "TEXTURES",
    "VERSION",
    "WEAR",
    "decal",
    "environment",
    "label",
    "material_map",
    "model",
    "sky_light",
    "texture",
    "wear_map",
]
