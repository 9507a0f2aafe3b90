"""Distractors before they are placed."""

import numpy as np

from cyclorama.assets.rest import stable_rotations
from cyclorama.scene.chance import Dice
from cyclorama.scene.gathered import Assets
from cyclorama.scene.layout import Thing
from cyclorama.scene.randomizers.distractors import CARD
from cyclorama.scene.recipe import Recipe

# Height over width.
CARD_ASPECTS = (0.6, 1.6)


def clutter_things(recipe: Recipe, assets: Assets, dice: Dice) -> list[Thing]:
    """As many as the recipe says."""
    if not assets.files["distractors.models"]:
        return []
    return [clutter_thing(recipe, assets, dice) for _ in range(dice.count("count", recipe.distractors.count))]


def clutter_thing(recipe: Recipe, assets: Assets, dice: Dice) -> Thing:
    """One distractor: of the models, a card, a target that is not labelled, or a hard negative."""
    roles = recipe.distractors.roles
    role = dice.pick_weighted("role", roles) if len(roles) > 1 else "model"
    model = assets.library.model(_drawn_id(role, assets, dice))
    if role in ("target", "hard_negative"):
        scale = np.full(3, dice.draw("scale", recipe.objects.scale))
    else:
        relative = dice.draw("relative_size", recipe.distractors.relative_size)
        size = relative * assets.library.model(assets.targets[int(dice.rng.integers(len(assets.targets)))]).radius_m
        scale = np.full(3, size / model.radius_m)
    if role == "card":
        aspect = np.sqrt(dice.rng.uniform(*CARD_ASPECTS))
        scale = scale * [1 / aspect, aspect, 1]
    resting = recipe.objects.orientation != "any"
    rests = stable_rotations(model) if resting else None
    return Thing(model, None, scale, "stable" if resting else "any", rests, layer="distractor")


def _drawn_id(role: str, assets: Assets, dice: Dice) -> str:
    if role == "card":
        return assets.fixtures[CARD]
    if role == "target":
        return dice.pick("target", assets.targets)
    return dice.pick(role, assets.files[f"distractors.{role}s"])
