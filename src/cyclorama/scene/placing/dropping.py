"""Things are let fall, and stay where they come to rest."""

from collections.abc import Callable, Sequence

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.geometry import rigid, transformed
from cyclorama.core.scene import Camera
from cyclorama.scene.layout import LayoutOptions, Placed, PlacementError, Thing
from cyclorama.scene.placing.physics import Block, Body, settle
from cyclorama.scene.placing.sight import Seen, seen_within_limits

# Times that things fall: after each, those that may not stay are taken away, and the others fall again.
ROUNDS = 6
# Between things before they fall, in diameters of each.
GAP = 0.02


def fallen(
    things: Sequence[Thing],
    *,
    place: Callable[[Thing], FloatArray],
    staying: Callable[[Sequence[Placed]], list[Placed]],
    rng: np.random.Generator,
    blocks: Sequence[Block] = (),
    floor_m: float = 0.0,
) -> list[Placed]:
    """Those of things that stay, in the order given, where they rest after falling in an order by chance.

    Args:
        things: Fall.
        place: Gives the (2,) point of the ground over which a thing starts.
        staying: Gives those that may stay, as they lie.
        rng: Turns them, and decides their order.
        blocks: Walls and boards.
        floor_m: Height over which they start.

    Raises:
        PlacementError: Some don't come to rest.
    """
    order = [things[i] for i in rng.permutation(len(things))]
    lying = come_to_rest(over(order, place, floor_m, rng), blocks, staying)
    number = {id(thing): n for n, thing in enumerate(things)}
    return sorted(lying, key=lambda p: number[id(p.thing)])


def over(
    things: Sequence[Thing], place: Callable[[Thing], FloatArray], floor_m: float, rng: np.random.Generator
) -> list[Placed]:
    """Things in the air, turned as each may be, apart from each other, as low as that allows.

    Args:
        things: In the order in which they come down.
        place: Gives the (2,) point of the ground over which a thing starts.
        floor_m: Height over which they start.
        rng: Turns them.
    """
    placed: list[Placed] = []
    balls = np.zeros((0, 4))  # Middle and radius.
    for thing in things:
        rotation, point, radius = thing.rotation(rng), place(thing), thing.radius_m * (1 + GAP)
        lowest = (thing.outline_m() @ rotation.T)[:, 2].min() - (rotation @ thing.center_m)[2]
        away = np.linalg.norm(balls[:, :2] - point, axis=1)
        reach = balls[:, 3] + radius
        below = away < reach
        tops = balls[below, 2] + np.sqrt(reach[below] ** 2 - away[below] ** 2)
        height = max(floor_m - lowest + GAP * radius, *tops) if len(tops) else floor_m - lowest + GAP * radius
        middle = np.array([*point, height])
        balls = np.vstack([balls, [*middle, radius]])
        placed.append(Placed(thing, rigid(rotation, middle - rotation @ thing.center_m)))
    return placed


def come_to_rest(
    placed: Sequence[Placed], blocks: Sequence[Block], staying: Callable[[Sequence[Placed]], list[Placed]]
) -> list[Placed]:
    """Those of things in the air that stay, where they rest without the others.

    Args:
        placed: In no other thing.
        blocks: Walls and boards.
        staying: Gives those that may stay, as they lie.

    Raises:
        PlacementError: Some don't come to rest.
    """
    restless: list[str] = []
    for _ in range(ROUNDS):
        settled = settle([Body(p.thing.model, p.thing.scale, p.world_from_object) for p in placed], blocks)
        lying = [Placed(p.thing, pose) for p, pose in zip(placed, settled.poses, strict=True)]
        rests = {id(p): bool(rest) for p, rest in zip(lying, settled.rests, strict=True)}
        kept = staying(lying)
        restless = sorted({p.thing.model.name for p in kept if not rests[id(p)]})
        if len(kept) == len(lying) and not restless:
            return kept
        placed = kept
    names = ", ".join(f"'{name}'" for name in restless)
    why = f"{names} did not come to rest" if names else "things kept falling out of the view"
    raise PlacementError(f"{why}; lower layout.count or distractors.count, or choose a layout without physics")


def seen_ones(placed: Sequence[Placed], camera: Camera, options: LayoutOptions) -> list[Placed]:
    """Those that the camera sees within the recipe's limits."""
    seen: list[Seen] = []
    for one in placed:
        found = seen_within_limits(one, seen, camera, options)
        seen += [] if found is None else [found]
    return [s.placed for s in seen]


def middle_m(placed: Placed) -> FloatArray:
    """(3,) middle of a thing's box, in the world."""
    return np.asarray(transformed(placed.world_from_object, placed.thing.center_m[None])[0])
