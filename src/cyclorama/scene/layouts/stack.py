"""Things stand on, or in, each other."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, ClassVar, Literal

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.geometry import rigid, rotation_about, transformed
from cyclorama.scene.distributions import Distribution, number, whole_number
from cyclorama.scene.fields import between, count_between, fixed, share
from cyclorama.scene.layout import LayoutOptions, Placed, Stage, Thing
from cyclorama.scene.placing.footprints import Resting, even_spread_m, hull, meet, point_on_disc, spreads
from cyclorama.scene.placing.physics import Body, settle
from cyclorama.scene.placing.sight import Seen, seen_within_limits

# Of a thing in a stack that stands: most by which its axis may have turned, and its middle moved aside in diameters.
MOST_TILT_RAD, MOST_ASIDE = 0.35, 0.35
# Before it falls onto the one below, in diameters.
GAP = 0.02


class StackOptions(LayoutOptions):
    """Keys of ``kind: stack``.

    Attributes:
        count: Stacks of targets.
        high: Things in a stack; fewer where so many don't stand.
        alike: Chance that a stack holds copies of one thing; else each is one of the targets.
        aside: By which a thing is put beside the middle of the one below, in its diameters.
        yaw_deg: By which a thing is turned from the one below.
        upside_down: Chance that a stack is of things turned over, for ``orientation: any``.
        spread_m: Radius around the middle within which stacks are; 0 is as much as they need.
    """

    kind: Literal["stack"] = "stack"
    count: Annotated[Distribution, whole_number(0, 200)] = count_between(1, 3)
    max_crop: float = share(0.5)
    high: Annotated[Distribution, whole_number(1, 20)] = count_between(2, 5)
    alike: float = share(0.7)
    aside: Annotated[Distribution, number(0, 1)] = between(0.0, 0.06)
    yaw_deg: Annotated[Distribution, number(-180, 180)] = between(-180, 180)
    upside_down: float = share(0.3)
    spread_m: Annotated[Distribution, number(0, 100)] = fixed(0.0)

    @property
    def uses_physics(self) -> bool:
        """Always."""
        return True


class Stack:
    """In stacks on z = 0 that stand by physics, each thing dropped onto the one below: cups nest, boxes make towers.

    Distractors stand singly between them. No two stacks' outlines on the ground meet.
    """

    options: ClassVar = StackOptions

    @staticmethod
    def place(things: Sequence[Thing], stage: Stage, options: StackOptions, rng: np.random.Generator) -> list[Placed]:
        """Things of those stacks that find a place within the limits."""
        stacks = [
            [Resting(t, _axes(t, options, rng)).placed([0, 0, 0])]
            if t.category is None
            else _stack(t, stage, options, rng)
            for t in things
        ]
        spread = options.spread_m.draw(rng) or even_spread_m([_widest(stack) for stack in stacks])
        seen: list[Seen] = []
        covered: list[FloatArray] = []
        heights: list[int] = []
        for stack in stacks:
            for factor in spreads(options.tries):
                moved = _moved(stack, spread * factor, rng)
                footprint = _footprint(moved)
                found = None if any(meet(footprint, c) for c in covered) else _seen(moved, seen, stage, options)
                if found is not None:
                    seen, heights = [*seen, *found], [*heights, len(stack)]
                    covered.append(footprint)
                    break
        stage.facts.update(heights=heights)
        return [s.placed for s in seen]


def _stack(thing: Thing, stage: Stage, options: StackOptions, rng: np.random.Generator) -> list[Placed]:
    """Things that stand on each other at the origin: as many as were drawn, or as many of them as stand."""
    high = int(options.high.draw(rng))
    things, axes = [thing], _axes(thing, options, rng)
    is_alike = rng.random() < options.alike
    while len(things) < high:
        things.append(thing if is_alike else _other(thing, stage, rng))
    while len(things) > 1:
        standing = _standing(_over_each_other(things, axes, is_alike, options, rng))
        if standing is not None:
            return standing
        things = things[:-1]
    return [Resting(thing, axes).placed([0, 0, 0])]


def _other(thing: Thing, stage: Stage, rng: np.random.Generator) -> Thing:
    """Another target, in a size that differs from its model's as the first one's does."""
    other = stage.target(int(rng.integers(stage.target_count)))
    return replace(other, scale=thing.scale)


def _axes(thing: Thing, options: StackOptions, rng: np.random.Generator) -> FloatArray:
    """(3, 3) how all of a stack are turned: as the recipe says, or for "any" upright or turned over."""
    if thing.orientation != "any":
        return thing.rotation(rng)
    over = rotation_about([1, 0, 0], np.pi * float(rng.random() < options.upside_down))
    return np.asarray(rotation_about([0, 0, 1], rng.uniform(0, 2 * np.pi)) @ over)


def _over_each_other(
    things: Sequence[Thing], axes: FloatArray, is_alike: bool, options: StackOptions, rng: np.random.Generator
) -> list[Placed]:
    """Things in the air, each above the one before."""
    placed: list[Placed] = []
    height, place = 0.0, np.zeros(2)
    for thing in things:
        turned = axes if is_alike or thing.orientation == "any" else thing.rotation(rng)
        resting = Resting(thing, rotation_about([0, 0, 1], np.radians(options.yaw_deg.draw(rng))) @ turned)
        angle, aside = rng.uniform(0, 2 * np.pi), 2 * thing.radius_m * options.aside.draw(rng)
        if placed:
            place = place + aside * np.array([np.cos(angle), np.sin(angle)])
        placed.append(resting.placed([*place, height + GAP * thing.radius_m]))
        height += resting.size_m[2] + 2 * GAP * thing.radius_m
    return placed


def _standing(placed: Sequence[Placed]) -> list[Placed] | None:
    """Where things come to rest; None if that is not upon each other as they were."""
    settled = settle([Body(p.thing.model, p.thing.scale, p.world_from_object) for p in placed])
    for before, after in zip(placed, settled.poses, strict=True):
        tilt = np.arccos(np.clip(before.world_from_object[2, :3] @ after[2, :3], -1, 1))
        middles = [transformed(pose, before.thing.center_m[None])[0] for pose in (before.world_from_object, after)]
        aside = np.linalg.norm((middles[1] - middles[0])[:2])
        if tilt > MOST_TILT_RAD or aside > MOST_ASIDE * 2 * before.thing.radius_m:
            return None
    lying = [Placed(p.thing, pose) for p, pose in zip(placed, settled.poses, strict=True)]
    return lying if settled.rests.all() else None


def _widest(stack: Sequence[Placed]) -> Thing:
    return max((p.thing for p in stack), key=lambda thing: thing.radius_m)


def _moved(stack: Sequence[Placed], spread_m: float, rng: np.random.Generator) -> list[Placed]:
    """The stack as a whole at another place and turned about the vertical."""
    place = [*point_on_disc(spread_m, rng), 0]
    move = rigid(rotation_about([0, 0, 1], rng.uniform(0, 2 * np.pi)), place)
    return [Placed(p.thing, move @ p.world_from_object) for p in stack]


def _footprint(stack: Sequence[Placed]) -> FloatArray:
    """(N, 2) convex outline on the ground of all that is above it."""
    return hull(np.concatenate([transformed(p.world_from_object, p.thing.outline_m())[:, :2] for p in stack]))


def _seen(stack: Sequence[Placed], others: Sequence[Seen], stage: Stage, options: StackOptions) -> list[Seen] | None:
    """The stack as it is seen, if all of it is within the limits; within a stack one may hide the other."""
    found = [seen_within_limits(p, others, stage.camera, options) for p in stack]
    return None if any(f is None for f in found) else [f for f in found if f is not None]
