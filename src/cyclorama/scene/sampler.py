"""A recipe and a number become a scene."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cyclorama.assets.rest import stable_rotations
from cyclorama.core.errors import InputError
from cyclorama.core.geometry import transformed
from cyclorama.core.once import once_for_each
from cyclorama.core.plugins import plugin
from cyclorama.core.scene import SCENE_NUMBER, Camera, Instance, Scene, Surface
from cyclorama.scene.chance import Dice
from cyclorama.scene.clutter import clutter_thing, clutter_things
from cyclorama.scene.gathered import GROUND, Assets
from cyclorama.scene.geometry import shaped
from cyclorama.scene.layout import LAYOUTS, Placed, PlacementError, Stage, Thing, cropped_share, image_box
from cyclorama.scene.liquids import Pouring
from cyclorama.scene.placing.sight import Obstacles, is_open
from cyclorama.scene.recipe import Recipe
from cyclorama.scene.rig import Rig, sample_rig

RANDOMIZERS = "cyclorama.scene.randomizers"
# The camera stands before things are placed in its view; all others look at placed things.
BEFORE_LAYOUT = ("camera",)
# Cameras and layouts for one scene, before it is given up.
ATTEMPTS = 20
NOT_SEEN = (
    "no target fits the view; move the camera away (camera.distance_m), or raise layout.max_crop or layout.max_overlap"
)
NOT_OPEN = (
    "the camera stands in the setting or sees no target past it; change camera.distance_m or camera.elevation_deg, "
    "or make the layout larger"
)
NO_WAY = (
    "the camera's path leads below the ground, into a thing or behind the setting; shorten camera.path, or change "
    "camera.distance_m or camera.elevation_deg"
)
# What all views of a scene share, and what each has of its own.
OF_SCENE = ("material", "distractors", "ground", "environment", "lamps")
OF_VIEW = ("backdrop", "sensor", "render")
AFTER_LAYOUT = (*OF_SCENE, *OF_VIEW)


def sample_scene(recipe: Recipe, assets: Assets, *, seed: int, index: int) -> Scene:
    """What image ``index`` of a recipe shows; depends on nothing but the arguments.

    Camera and layout are drawn anew while not one of the scene's targets fits the view. Where a scene has several
    views, things are placed for the first one's camera, and each other camera is drawn anew until it sees a target; or
    they share all chance, and the camera stands at places along a path, or in pairs.

    Raises:
        InputError: They never do.
    """
    number, view = divmod(index, recipe.views_per_scene)
    blank = Camera(recipe.image.width, recipe.image.height, np.eye(3), np.eye(4))
    rig = sample_rig(recipe.camera.path, recipe.camera.stereo, recipe.views_per_scene, Dice(seed, number, "rig"))
    # The view of whose chance this one is, and at whose number it stands.
    stream = index - view + rig.drawn_view(view)
    first, arrangement = _shared_first_view(Scene(index - view, seed, blank), number, recipe, assets, rig)
    seen = first
    if rig.drawn_view(view):
        seen = _other_view(Scene(stream, seed, blank), number, arrangement, recipe, assets, rig)
    draws = seen.draws | arrangement.draws | rig.draws
    draws |= {SCENE_NUMBER: number} if recipe.views_per_scene > 1 else {}
    scene = replace(first, index=index, instances=arrangement.instances, draws=draws)
    scene = replace(_randomized(scene, OF_SCENE, recipe, assets, stream=number), camera=rig.camera(seen.camera, view))
    scene = _randomized(scene, OF_VIEW, recipe, assets, stream=stream)
    if rig.is_shared and recipe.sensor.exposure == "locked":
        scene = replace(scene, meter=rig.camera(seen.camera, rig.drawn_view(view)))
    return _with_own_noise(scene, index - stream)


def _with_own_noise(scene: Scene, views: int) -> Scene:
    """The scene of a sensor whose noise is that of so many views later."""
    seed = (scene.sensor.noise_seed + views) % 2**31
    return replace(scene, sensor=replace(scene.sensor, noise_seed=seed)) if views else scene


@dataclass(frozen=True, eq=False)
class _Arrangement:
    """Things at their places, before their looks are decided."""

    placed: Sequence[Placed]
    instances: tuple[Instance, ...]
    draws: dict[str, Any]

    @property
    def is_good(self) -> bool:
        """Whether a target found its place, or there is to be none."""
        return bool(self.draws["layout.placed"] or not self.draws["layout.asked"])

    def is_open_to(self, camera: Camera) -> bool:
        """Whether nothing of the setting is around the camera, or between it and all targets."""
        setting = [p for p in self.placed if p.thing.layer == "setting"]
        targets = [p for p in self.placed if p.thing.category is not None]
        return not setting or is_open(camera, Obstacles.of(setting), targets)


@once_for_each
def _latest(assets: Assets) -> list[Any]:  # noqa: ARG001
    """Recipe, seed, number, and what ``_first_view`` gave for them, of the last scene of these assets."""
    return []


def _shared_first_view(
    blank: Scene, number: int, recipe: Recipe, assets: Assets, rig: Rig
) -> tuple[Scene, _Arrangement]:
    """``_first_view``, once for views that are asked for one after the other: things may take long to settle."""
    latest = _latest(assets)
    if not latest or latest[0] is not recipe or latest[1:3] != [blank.seed, number]:
        latest[:] = recipe, blank.seed, number, _first_view(blank, number, recipe, assets, rig)
    first, arrangement = latest[3]
    return first, arrangement


def _first_view(blank: Scene, number: int, recipe: Recipe, assets: Assets, rig: Rig) -> tuple[Scene, _Arrangement]:
    reason = ""
    for attempt in range(ATTEMPTS):
        seen = _randomized(blank, BEFORE_LAYOUT, recipe, assets, stream=blank.index, attempt=attempt)
        try:
            arrangement = _arranged(seen, number, recipe, assets, attempt)
        except PlacementError as why:
            reason = str(why)
            continue
        if arrangement.is_good and arrangement.is_open_to(seen.camera):
            if _has_room_for(rig, arrangement, seen.camera, recipe):
                return seen, arrangement
            reason = NO_WAY
        else:
            reason = NOT_OPEN if arrangement.is_good else ""
    raise InputError(f"scene {number}, drawn {ATTEMPTS} times: {reason or NOT_SEEN}")


def _has_room_for(rig: Rig, arrangement: _Arrangement, drawn: Camera, recipe: Recipe) -> bool:
    """Whether all cameras that follow from one that is drawn are above the ground, in no thing, and see past walls."""
    things = [p for p in arrangement.placed if p.thing.layer != "setting"]
    for camera in rig.others(drawn):
        if (recipe.layout.has_ground and camera.world_from_camera[2, 3] <= 0) or any(
            _is_around(camera, p) for p in things
        ):
            return False
        if not arrangement.is_open_to(camera):
            return False
    return True


def _other_view(
    blank: Scene, number: int, arrangement: _Arrangement, recipe: Recipe, assets: Assets, rig: Rig
) -> Scene:
    for attempt in range(ATTEMPTS):
        seen = _randomized(blank, BEFORE_LAYOUT, recipe, assets, stream=blank.index, attempt=attempt)
        if _is_view_of(arrangement, seen.camera, recipe) and _has_room_for(rig, arrangement, seen.camera, recipe):
            return seen
    raise InputError(
        f"image {blank.index}: none of {ATTEMPTS} cameras sees a target of scene {number}; "
        "move the camera away (camera.distance_m), raise layout.max_crop, or lower views_per_scene"
    )


def _is_view_of(arrangement: _Arrangement, camera: Camera, recipe: Recipe) -> bool:
    """Whether the camera is in no thing, and sees a target if there is one."""
    if any(_is_around(camera, p) for p in arrangement.placed if p.thing.layer != "setting"):
        return False
    if not arrangement.is_open_to(camera):
        return False
    targets = [p for p in arrangement.placed if p.thing.category is not None]
    return not targets or any(_is_in_view(p, camera, recipe) for p in targets)


def _is_around(camera: Camera, placed: Placed) -> bool:
    thing = placed.thing
    middle = transformed(placed.world_from_object, thing.center_m[None])[0]
    return float(np.linalg.norm(camera.world_from_camera[:3, 3] - middle)) <= thing.radius_m


def _is_in_view(placed: Placed, camera: Camera, recipe: Recipe) -> bool:
    box = image_box(placed.thing.outline_m(), placed.world_from_object, camera)
    return box is not None and cropped_share(box, camera) <= recipe.layout.max_crop


def _randomized(
    scene: Scene, names: Sequence[str], recipe: Recipe, assets: Assets, *, stream: int, attempt: int = 0
) -> Scene:
    for name in names:
        dice = Dice(scene.seed, stream, name, attempt)
        scene = plugin(RANDOMIZERS, name).apply(scene, getattr(recipe, name), assets, dice)
        scene = replace(scene, draws=scene.draws | dice.draws)
    return scene


def _arranged(seen: Scene, number: int, recipe: Recipe, assets: Assets, attempt: int) -> _Arrangement:
    layout = plugin(LAYOUTS, recipe.layout.kind)
    dice = Dice(seen.seed, number, "layout", attempt)
    targets = _target_things(recipe, assets, dice)
    clutter_dice = Dice(seen.seed, number, "clutter", attempt)
    clutter = clutter_things(recipe, assets, clutter_dice)
    shape_dice = Dice(seen.seed, number, "geometry", attempt)
    things = [shaped(thing, recipe.geometry, assets.library, shape_dice) for thing in (*targets, *clutter)]
    stage = _stage(seen, number, recipe, assets, attempt)
    liquid_dice = Dice(seen.seed, number, "geometry.liquid", attempt)
    pouring = Pouring.of(recipe.geometry, recipe.material)
    placed = [
        pouring.into(p, assets.library, liquid_dice) for p in layout.place(things, stage, recipe.layout, dice.rng)
    ]
    found = sum(p.thing.category is not None for p in placed)
    instances = [_instance(i + 1, p) for i, p in enumerate(placed)]
    if recipe.layout.has_ground:
        size, layer = recipe.ground.size_m, recipe.layout.ground_layer
        instances.append(
            Instance(len(instances) + 1, assets.fixtures[GROUND], np.eye(4), None, layer, (size, size, 1.0))
        )
    facts = {"placed": found, "asked": len(targets)} | stage.facts
    draws = dice.draws | clutter_dice.draws | shape_dice.draws | liquid_dice.draws
    draws |= {f"layout.{name}": value for name, value in facts.items()}
    return _Arrangement(placed, tuple(instances), draws)


def _stage(seen: Scene, number: int, recipe: Recipe, assets: Assets, attempt: int) -> Stage:
    more, shapes = (Dice(seen.seed, number, f"more {part}", attempt) for part in ("clutter", "geometry"))

    def target(which: int) -> Thing:
        model = assets.library.model(assets.targets[which])
        thing = Thing(model, recipe.targets[which].category, np.ones(3), "any")
        return shaped(thing, recipe.geometry, assets.library, shapes)

    return Stage(
        seen.camera,
        {name: assets.library.model(assets.fixtures[name]) for name in recipe.layout.fixtures},
        number,
        len(recipe.targets),
        target,
        lambda: shaped(clutter_thing(recipe, assets, more), recipe.geometry, assets.library, shapes),
    )


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
        np.full(3, scale),
        orientation,
        stable_rotations(model) if orientation == "stable" else None,
    )


def _instance(id: int, placed: Placed) -> Instance:
    thing = placed.thing
    x, y, z = (float(s) for s in thing.scale)
    pose, surface = placed.world_from_object, Surface(emission=thing.emission)
    return Instance(id, thing.model.id, pose, thing.category, thing.layer, (x, y, z), surface, thing.part)
