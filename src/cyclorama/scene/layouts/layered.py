"""Things before a background of things, some of them behind others: Hinterstoisser et al. 2019 (arXiv 1902.09967)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from cyclorama.core.arrays import FloatArray
from cyclorama.core.geometry import rigid, rotation_between, transformed
from cyclorama.scene.distributions import Distribution, number, whole_number
from cyclorama.scene.fields import between, fixed, share
from cyclorama.scene.layout import LayoutOptions, Placed, Stage, Thing, cropped_share, overlap_share
from cyclorama.scene.placing.covering import covering
from cyclorama.scene.placing.curriculum import Curriculum, Step, linear_in_area
from cyclorama.scene.placing.occluding import CLEARANCE, Occlusion, depth_range, occluders
from cyclorama.scene.placing.sight import Seen, seen_within_limits
from cyclorama.scene.placing.silhouettes import apart, area, silhouette

# Share of the smaller of two image boxes that the other may cover, where the recipe does not say.
MAX_OVERLAP = 0.3


class LayeredOptions(LayoutOptions):
    """Keys of ``kind: layered``; the defaults are the paper's or, where it has none, those of SynthDet.

    Attributes:
        count: Of targets; the curriculum takes the same number for each image.
        max_overlap: Of two image boxes, as a share of the smaller; left out, .3.
        poses: "curriculum" shows all targets from all sides, near to far, as the image's number says and whatever
            the recipe's orientation is; "random" turns them as that says, at any of the distances.
        nearest_size: Diameter of a target's bounding ball in the picture when it is nearest, as a share of the
            picture's shorter side; the camera's distance has no effect.
        farthest_size: The same when it is farthest; between the two the area changes linearly.
        levels: Distances of the curriculum.
        subdivisions: Of the icosahedron whose vertices are the curriculum's views: 0 gives 12, 1 gives 42, 2 gives 162.
        turns: Of each view in the picture's plane.
        curriculum_scenes: Scenes in which the curriculum goes from near to far; if they have fewer places than it has
            poses, each takes any of the next few. Then it starts again. 0: as many as it takes with every pose once.
        background_scale: Size in the picture of what is behind, relative to the targets'.
        occluder_probability: That something is put before a target.
        occluder_size: Its area in the picture, relative to the target's.
        occluder_cover: Share of the target's area that it covers.
    """

    needs_clutter: ClassVar = True
    has_ground: ClassVar = False
    fixtures: ClassVar = ("cube",)

    kind: Literal["layered"] = "layered"
    count: Annotated[Distribution, whole_number(0, 500)] = fixed(6)
    max_crop: float = share(0.5)
    tries: int = Field(default=100, ge=1, le=10_000)
    poses: Literal["curriculum", "random"] = "curriculum"
    nearest_size: float = Field(default=0.6, gt=0.01, le=2)
    farthest_size: float = Field(default=0.25, gt=0.01, le=2)
    levels: int = Field(default=4, ge=1, le=100)
    subdivisions: int = Field(default=1, ge=0, le=4)
    turns: int = Field(default=36, ge=1, le=360)
    curriculum_scenes: int = Field(default=1000, ge=0)
    background_scale: Annotated[Distribution, number(0.1, 10)] = between(0.9, 1.5)
    occluder_probability: float = share(0.3)
    occluder_size: Annotated[Distribution, number(0.01, 1)] = between(0.2, 0.3)
    occluder_cover: Annotated[Distribution, number(0.01, 0.9)] = between(0.1, 0.3)

    @model_validator(mode="after")
    def _makes_sense(self) -> "LayeredOptions":
        if self.farthest_size > self.nearest_size:
            raise ValueError(f"farthest_size {self.farthest_size:g} is above nearest_size {self.nearest_size:g}")
        if self.poses == "curriculum" and len(set(self.count.range)) > 1:
            raise ValueError(
                "count: the curriculum takes the same number of targets for each image; give a number, or poses: random"
            )
        return self


class Layered:
    """A foreground of targets, a background that covers the whole picture, and occluders before some targets.

    Covered is the picture of the scene's first camera; other views of the same scene see past the background.
    """

    options: ClassVar = LayeredOptions

    @staticmethod
    def place(things: Sequence[Thing], stage: Stage, options: LayeredOptions, rng: np.random.Generator) -> list[Placed]:
        """Things within the limits, occluders, and the background; in the curriculum other targets than were given."""
        poses = _poses(things, stage, options, rng)
        seen = _foreground(poses, stage, options, rng)
        occlusion = Occlusion(options.occluder_probability, options.occluder_size, options.occluder_cover)
        targets = [s.placed for s in seen if s.placed.thing.category]
        before = occluders(targets, [s.placed for s in seen], stage, occlusion, rng)
        sizes = [p.size for p in poses if p.thing.category] or [options.nearest_size]
        depths = [depth_range(s.placed, stage)[1] for s in seen]
        behind = covering(
            stage.camera,
            max(depths, default=1.0) * (1 + CLEARANCE),
            float(np.mean(sizes)) * _shorter_side(stage),
            scales=options.background_scale,
            clutter=stage.clutter,
            solid=Thing(stage.fixtures["cube"], None, np.ones(3), "any", layer="distractor"),
            rng=rng,
        )
        stage.facts.update(_facts(seen, stage), background_scale=[round(s, 3) for s in behind.scales])
        return [*(s.placed for s in seen), *before, *behind.placed]


@dataclass(frozen=True, eq=False)
class _Pose:
    """What is to be placed and how.

    Attributes:
        size: Diameter of its ball in the picture, as a share of the shorter side.
        rotation: (3, 3) camera from object for one that has it on its axis; None is as its orientation says.
        step: Of the curriculum.
    """

    thing: Thing
    size: float
    rotation: FloatArray | None = None
    step: Step | None = None


def _poses(things: Sequence[Thing], stage: Stage, options: LayeredOptions, rng: np.random.Generator) -> list[_Pose]:
    """Of all things, targets first; clutter is as large as it is beside a target of middle size."""
    targets = [thing for thing in things if thing.category is not None]
    if options.poses == "curriculum":
        made = _curriculum_poses(targets, stage, options, rng)
    else:
        lowest, highest = options.farthest_size**2, options.nearest_size**2
        made = [_Pose(thing, float(np.sqrt(rng.uniform(lowest, highest)))) for thing in targets]
    size = np.mean([p.size for p in made] or [options.nearest_size])
    radius_m = np.mean([p.thing.radius_m for p in made] or [stage.target(0).radius_m])
    clutter = (thing for thing in things if thing.category is None)
    return made + [_Pose(thing, float(size * thing.radius_m / radius_m)) for thing in clutter]


def _curriculum_poses(
    targets: list[Thing], stage: Stage, options: LayeredOptions, rng: np.random.Generator
) -> list[_Pose]:
    curriculum = Curriculum(options.levels, options.subdivisions, options.turns, stage.target_count)
    sizes = linear_in_area(options.levels, options.nearest_size, options.farthest_size)
    made = []
    for place, given in enumerate(targets):
        step = curriculum.step(_position(stage.number, place, len(targets), len(curriculum), options, rng))
        thing = replace(stage.target(step.target), scale=given.scale)
        made.append(_Pose(thing, float(sizes[step.level]), curriculum.rotation(step), step))
    return made


def _position(
    scene: int, place: int, places: int, length: int, options: LayeredOptions, rng: np.random.Generator
) -> int:
    """Of the pose that is shown at a place of a scene."""
    scenes = options.curriculum_scenes
    if not scenes or scenes * places >= length:
        return scene * places + place
    return int(((scene % scenes) * places + place + rng.random()) * length / (scenes * places))


def _foreground(poses: list[_Pose], stage: Stage, options: LayeredOptions, rng: np.random.Generator) -> list[Seen]:
    """Those that find a place, uniform in the picture; the curriculum's image ends with the first that finds none."""
    seen: list[Seen] = []
    steps: list[Step] = []
    for pose in poses:
        found = _found(pose, seen, stage, options, rng)
        if found is not None:
            seen.append(found)
            steps += [pose.step] if pose.step else []
        elif pose.step:
            break
    stage.facts.update({name: [getattr(s, name) for s in steps] for name in ("level", "view", "turn") if steps})
    return seen


def _found(
    pose: _Pose, seen: list[Seen], stage: Stage, options: LayeredOptions, rng: np.random.Generator
) -> Seen | None:
    camera, thing = stage.camera, pose.thing
    depth = 2 * thing.radius_m / (pose.size * _shorter_side(stage))
    for _ in range(options.tries):
        pixel = rng.uniform(0, [camera.width, camera.height])
        ray = np.array([*camera.unprojected(pixel[None])[0], 1.0])
        rotation = thing.rotation(rng)
        if pose.rotation is not None:
            # Seen off the axis, a thing is turned with the ray, so that it shows the same side.
            rotation = camera.world_from_camera[:3, :3] @ rotation_between([0, 0, 1], ray) @ pose.rotation
        middle = transformed(camera.world_from_camera, depth * ray[None])[0]
        placed = Placed(thing, rigid(rotation, middle - rotation @ thing.center_m))
        found = seen_within_limits(placed, seen, camera, options, max_overlap=MAX_OVERLAP)
        if found is not None and not any(_touch(found, other) for other in seen):
            return found
    return None


def _touch(a: Seen, b: Seen) -> bool:
    if not overlap_share(a.box, b.box):
        return False
    first, second = (transformed(s.placed.world_from_object, s.placed.thing.outline_m()) for s in (a, b))
    return not apart(first, second)


def _shorter_side(stage: Stage) -> float:
    """Of the picture, on the plane one metre before the camera."""
    return float(min(stage.camera.width / stage.camera.k[0, 0], stage.camera.height / stage.camera.k[1, 1]))


def _facts(seen: list[Seen], stage: Stage) -> dict[str, Any]:
    """What came of the limits for each target: by image boxes the crop and the largest overlap, by outlines its size.

    ``covered`` is the share of the picture that its outline would fill.
    """
    camera = stage.camera
    picture = camera.width / camera.k[0, 0] * camera.height / camera.k[1, 1]
    mine = [s for s in seen if s.placed.thing.category is not None]
    overlaps = [max((overlap_share(s.box, o.box) for o in seen if o is not s), default=0.0) for s in mine]
    return {
        "crop": [round(cropped_share(s.box, camera), 3) for s in mine],
        "overlap": [round(o, 3) for o in overlaps],
        "covered": [round(area(silhouette(s.placed, camera)) / picture, 4) for s in mine],
    }
