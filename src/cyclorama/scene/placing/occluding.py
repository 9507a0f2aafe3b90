"""Things before others, of which they hide a share."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.geometry import random_rotation, rigid, transformed
from cyclorama.scene.distributions import Distribution
from cyclorama.scene.layout import Placed, Stage, Thing
from cyclorama.scene.placing.silhouettes import area, shared_area, silhouette

# Between layers, as a share of their depth.
CLEARANCE = 0.02
# Clutter, turns and ways to shift it that are tried for each occluder.
TRIES = 8
# By how much an occluder's bounding ball may be larger than a disc of the size asked for.
LARGEST_BALL = 2.0


@dataclass(frozen=True)
class Occlusion:
    """How much is hidden.

    Attributes:
        probability: That something is put before a target.
        size: Its area in the picture, relative to the target's.
        cover: Share of the target's area that it covers.
    """

    probability: float
    size: Distribution
    cover: Distribution


def occluders(
    targets: Sequence[Placed], seen: Sequence[Placed], stage: Stage, occlusion: Occlusion, rng: np.random.Generator
) -> list[Placed]:
    """Clutter before some targets, none of which it hides more than asked for at most.

    Args:
        targets: Those that may be hidden in part.
        seen: All that stays behind the occluders, targets among them.
        stage: Of which clutter is taken; is told what came of it.
        occlusion: How often and how much.
        rng: Source of chance.
    """
    outlines = [silhouette(target, stage.camera) for target in targets]
    hidden = np.zeros(len(targets))
    made: list[Placed] = []
    asked: list[float] = []
    front_m = min((depth_range(placed, stage)[0] for placed in seen), default=1.0)
    for outline in (o for o in outlines if rng.random() < occlusion.probability):
        asked.append(occlusion.cover.draw(rng))
        for _ in range(TRIES):
            placed = _occluder(outline, asked[-1], front_m, stage, occlusion, rng)
            covers = 0 if placed is None else _covers(placed, outlines, stage)
            if placed is not None and (hidden + covers <= occlusion.cover.range[1]).all():
                made.append(placed)
                hidden += covers
                front_m = depth_range(placed, stage)[0]
                break
    stage.facts.update(
        occluders=len(made), occluder_cover=[round(a, 3) for a in asked], occluded=[round(float(h), 3) for h in hidden]
    )
    return made


def _covers(placed: Placed, outlines: list[FloatArray], stage: Stage) -> FloatArray:
    """(N,) share of each outline that a thing before it hides."""
    shape = silhouette(placed, stage.camera)
    return np.array([shared_area(shape, o) / area(o) for o in outlines])


def _occluder(
    outline: FloatArray, cover: float, front_m: float, stage: Stage, occlusion: Occlusion, rng: np.random.Generator
) -> Placed | None:
    """Clutter before a depth, of the size asked for, that covers as much of a target's outline as asked for."""
    thing, rotation, middle = stage.clutter(), random_rotation(rng), outline.mean(axis=0)
    wanted = occlusion.size.draw(rng) * area(outline)
    disc = float(np.sqrt(wanted / np.pi))
    first = _before(thing, rotation, middle, disc, front_m, stage)
    ball = disc * float(np.sqrt(wanted / max(area(silhouette(first, stage.camera)), 1e-12)))
    if ball > LARGEST_BALL * disc:
        return None
    central = _before(thing, rotation, middle, ball, front_m, stage)
    angle = rng.uniform(0, 2 * np.pi)
    way = np.array([np.cos(angle), np.sin(angle)])
    far = ball + float(np.linalg.norm(outline - middle, axis=1).max())
    shift = _shift(silhouette(central, stage.camera), outline, way * far, cover * area(outline))
    return _before(thing, rotation, middle + shift, ball, front_m, stage)


def _shift(shape: FloatArray, outline: FloatArray, farthest: FloatArray, wanted: float) -> FloatArray:
    """(2,) by how much a shape is moved from within an outline on the way out until they share the area wanted."""
    near, far = 0.0, 1.0
    for _ in range(12):
        middle = (near + far) / 2
        if shared_area(shape + middle * farthest, outline) > wanted:
            near = middle
        else:
            far = middle
    return near * farthest


def _before(
    thing: Thing, rotation: FloatArray, middle: FloatArray, radius: float, front_m: float, stage: Stage
) -> Placed:
    """A thing before a depth whose bounding ball has this middle (2,) and radius one metre before the camera."""
    depth = front_m * (1 - CLEARANCE) / (1 + radius)
    sized = replace(thing, scale=np.full(3, radius * depth / thing.model.radius_m))
    center = stage.camera.world_from_camera @ [*(middle * depth), depth, 1.0]
    return Placed(sized, rigid(rotation, center[:3] - rotation @ sized.center_m))


def depth_range(placed: Placed, stage: Stage) -> tuple[float, float]:
    """Nearest and farthest depth of a thing's bounding ball, metres."""
    middle = transformed(placed.world_from_object, placed.thing.center_m[None])[0]
    pose = stage.camera.world_from_camera
    depth = float((middle - pose[:3, 3]) @ pose[:3, 2])
    return depth - placed.thing.radius_m, depth + placed.thing.radius_m
