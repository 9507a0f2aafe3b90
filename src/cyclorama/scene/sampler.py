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
from cyclorama.scene.recipe import LAYOUTS, Recipe

RANDOMIZERS = "cyclorama.scene.randomizers"
# The camera stands before things are placed in its view; all others look at placed things.
BEFORE_LAYOUT = ("camera",)
# Cameras and layouts for one scene, before it is given up.
ATTEMPTS = 20
AFTER_LAYOUT = ("material", "distractors", "ground", "environment", "lamps", "backdrop", "sensor")


def sample_scene(recipe: Recipe, assets: Assets, *, seed: int, index: int) -> Scene:
    """Scene ``index`` of a recipe; depends on nothing but the arguments.

    Camera and layout are drawn anew while not one of the scene's targets fits the view.

    Raises:
        InputError: They never do.
    """
    blank = Camera(recipe.image.width, recipe.image.height, np.eye(3), np.eye(4))
    for attempt in range(ATTEMPTS):
        seen = _randomized(Scene(index, seed, blank), BEFORE_LAYOUT, recipe, assets, attempt)
        scene = _laid_out(seen, recipe, assets, attempt)
        if scene.draws["layout.placed"] or not scene.draws["layout.asked"]:
            return _randomized(scene, AFTER_LAYOUT, recipe, assets)
    raise InputError(
        f"scene {index}: no target fits the view, from {ATTEMPTS} cameras with {recipe.layout.tries} places each; "
        "move the camera away (camera.distance_m), or raise layout.max_crop"
    )


def _randomized(scene: Scene, names: Sequence[str], recipe: Recipe, assets: Assets, attempt: int = 0) -> Scene:
    for name in names:
        dice = Dice(scene.seed, scene.index, name, attempt)
        scene = plugin(RANDOMIZERS, name).apply(scene, recipe, assets, dice)
        scene = replace(scene, draws=scene.draws | dice.draws)
    return scene


def _laid_out(scene: Scene, recipe: Recipe, assets: Assets, attempt: int) -> Scene:
    layout = plugin(LAYOUTS, recipe.layout.kind)
    dice = Dice(scene.seed, scene.index, "layout", attempt)
    targets = _target_things(recipe, assets, dice)
    clutter_dice = Dice(scene.seed, scene.index, "clutter", attempt)
    clutter = _clutter_things(recipe, assets, clutter_dice)
    placed = layout.place([*targets, *clutter], scene.camera, recipe, dice.rng)
    found = sum(p.thing.category is not None for p in placed)
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
    scale = dice.draw("scale", recipe.objects.scale)
    wanted = recipe.objects.orientation
    orientation = wanted if isinstance(wanted, str) else dice.pick_weighted("orientation", wanted)
    return Thing(
        model,
        recipe.targets[number].category,
        scale,
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
