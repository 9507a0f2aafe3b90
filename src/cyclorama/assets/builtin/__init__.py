"""Models, textures and environments that our code generates: everything works with no download."""

from cyclorama.assets.builtin.environments import ENVIRONMENTS, environment
from cyclorama.assets.builtin.models import MODELS, SHAPES, SURFACES, model
from cyclorama.assets.builtin.textures import TEXTURES, texture

# Part of every built-in's id: raise it when what our code generates changes.
VERSION = 1

__all__ = ["ENVIRONMENTS", "MODELS", "SHAPES", "SURFACES", "TEXTURES", "VERSION", "environment", "model", "texture"]
