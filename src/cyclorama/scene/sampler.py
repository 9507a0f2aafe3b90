"""A recipe and a number become a scene."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cyclorama.assets.rest import stable_rotations
from cyclorama.core.errors import InputError
from cyclorama.core.plugins import plugin
from cyclorama.core.scene import Camera, Instance, Scene
from cyclorama.scene.chance import Dice
from cyclorama.scene.gather import Assets
from cyclorama.scene.layout import Placed, Thing
from cyclorama.scene.recipe import Recipe

LAYOUTS, RANDOMIZERS = "cyclorama.scene.layouts", "cyclorama.scene.randomizers"
# The camera stands before things are placed in its view; all others look at placed things.
BEFORE_LAYOUT = ("camera",)
AFTER_LAYOUT = ("material", "distractors", "ground", "environment", "lamps", "backdrop", "sensor")


def sample_scene(recipe: Recipe, assets: Assets, *, seed: int, index: int) -> Scene:
    """Scene ``index`` of a recipe; depends on nothing but the arguments.

    Raises:
        InputError: Not one of the scene's targets fits the view.
    """
    blank = Camera(recipe.image.width, recipe.image.height, np.eye(3), np.eye(4))
    scene = _randomized(Scene(index, seed, blank), BEFORE_LAYOUT, recipe, assets)
    scene = _laid_out(scene, recipe, assets)
    return _randomized(scene, AFTER_LAYOUT, recipe, assets)


def _randomized(scene: Scene, names: Sequence[str], recipe: Recipe, assets: Assets) -> Scene:
    for name in names:
        dice = Dice(scene.seed, scene.index, name)
        scene = plugin(RANDOMIZERS, name).apply(scene, recipe, assets, dice)
        scene = replace(scene, draws=scene.draws | dice.draws)
    return scene


def _laid_out(scene: Scene, recipe: Recipe, assets: Assets) -> Scene:
    layout = plugin(LAYOUTS, recipe.layout.kind)
    dice = Dice(scene.seed, scene.index, "layout")
    targets = _target_things(recipe, assets, dice)
    clutter_dice = Dice(scene.seed, scene.index, "clutter")
    clutter = _clutter_things(recipe, assets, clutter_dice)
    placed = layout.place([*targets, *clutter], scene.camera, recipe, dice.rng)
    found = sum(p.thing.category is not None for p in placed)
    if targets and not found:
        raise InputError(
            f"scene {scene.index}: none of {len(targets)} targets fits the view within {recipe.layout.tries} tries; "
            "move the camera away (camera.distance_m), or raise layout.max_crop"
        )
    instances = [_instance(i + 1, p) for i, p in enumerate(placed)]
    if layout.has_ground:
        size = recipe.ground.size_m
        instances.append(Instance(len(instances) + 1, assets.plane, np.eye(4), None, "ground", (size, size, 1.0)))
    draws = dice.draws | clutter_dice.draws | {"layout.placed": found, "layout.asked": len(targets)}
    return replace(scene, instances=tuple(instances), draws=scene.draws | draws)


def _target_things(recipe: Recipe, assets: Assets, dice: Dice) -> list[Thing]:
    if dice.happens("empty", recipe.empty_share):
        return []
    weights = np.array([t.weight for t in recipe.targets])
    count = dice.count("count", recipe.layout.count)
    chosen = dice.rng.choice(len(recipe.targets), size=count, p=weights / weights.sum())
    return [_target_thing(recipe, assets, int(i), dice) for i in chosen]


def _target_thing(recipe: Recipe, assets: Assets, number: int, dice: Dice) -> Thing:
    model = assets.library.model(assets.targets[number])
    orientation = recipe.objects.orientation
    return Thing(
        model,
        recipe.targets[number].category,
        dice.draw("scale", recipe.objects.scale),
        orientation,
        stable_rotations(model) if orientation == "stable" else None,
    )


def _clutter_things(recipe: Recipe, assets: Assets, dice: Dice) -> list[Thing]:
    if not assets.distractors:
        return []
    sizes = [assets.library.model(id).radius_m for id in assets.targets]
    things = []
    for _ in range(dice.count("count", recipe.distractors.count)):
        model = assets.library.model(dice.pick("model", assets.distractors))
        size = dice.draw("relative_size", recipe.distractors.relative_size) * float(dice.rng.choice(sizes))
        resting = recipe.objects.orientation != "any"
        rests = stable_rotations(model) if resting else None
        things.append(Thing(model, None, size / model.radius_m, "stable" if resting else "any", rests))
    return things


def _instance(id: int, placed: Placed) -> Instance:
    thing = placed.thing
    layer = "distractor" if thing.category is None else "target"
    scale = (thing.scale, thing.scale, thing.scale)
    return Instance(id, thing.model.id, placed.world_from_object, thing.category, layer, scale)
