"""Recipes say what may vary; sampling turns a recipe into scenes in which nothing is left to chance."""

from cyclorama.scene.gather import gather
from cyclorama.scene.gathered import Assets
from cyclorama.scene.loading import is_recipe, load_recipe, preset_names
from cyclorama.scene.recipe import Recipe, schema
from cyclorama.scene.sampler import sample_scene

__all__ = ["Assets", "Recipe", "gather", "is_recipe", "load_recipe", "preset_names", "sample_scene", "schema"]
