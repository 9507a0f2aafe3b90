"""Joints: what moves one part of a model against another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.geometry import rigid, rotation_about

# How far joints are open, by index: shares of their ways, from -1 to 1; those left out are at rest.
Shares = Mapping[int, float]


@dataclass(frozen=True)
class Joint:
    """What moves one part of a model against another; places and directions are the model's at rest.

    Attributes:
        name: As the file has it.
        kind: "revolute", "continuous" (a full turn) or "prismatic" (slides).
        parent: Index of the joint that moves what this one hangs on, lower than its own; -1 where that stands still.
        origin_m: (3,) a point of its axis, metres.
        axis: (3,) unit vector: what turns does so about it, right-handed; what slides goes along it.
        low: Limit on the one side of the rest, at most 0; radians, or metres.
        high: Limit on the other side, at least 0.
        leader: Index of the joint that it follows, lower than its own; -1 where it moves by itself.
        ratio: By how much it moves for each radian or metre of its leader's.
    """

    name: str
    kind: str
    parent: int
    origin_m: tuple[float, float, float]
    axis: tuple[float, float, float]
    low: float
    high: float
    leader: int = -1
    ratio: float = 1.0

    def position(self, share: float) -> float:
        """Where it is, from the rest: at 1 the farther one of its limits, at -1 the other."""
        first, second = (self.high, self.low) if self.high >= -self.low else (self.low, self.high)
        return share * first if share >= 0 else -share * second

    def motion(self, position: float) -> FloatArray:
        """(4, 4) that takes points of its part at rest to where they are, if all else is at rest."""
        axis, origin = np.array(self.axis), np.array(self.origin_m)
        if self.kind == "prismatic":
            return rigid(np.eye(3), position * axis)
        turn = rotation_about(axis, position)
        return rigid(turn, origin - turn @ origin)


def motions(joints: Sequence[Joint], shares: Shares) -> FloatArray:
    """(J + 1, 4, 4) that take each joint's part from the rest to where it is; the last is of what stands still."""
    positions: list[float] = []
    made = np.tile(np.eye(4), (len(joints) + 1, 1, 1))
    for index, joint in enumerate(joints):
        follows = joint.leader >= 0
        wanted = joint.ratio * positions[joint.leader] if follows else joint.position(shares.get(index, 0.0))
        positions.append(float(np.clip(wanted, joint.low, joint.high)))
        made[index] = made[joint.parent] @ joint.motion(positions[index])
    return made
