"""Where the keypoints of a model are."""

from dataclasses import dataclass, field, replace

import numpy as np

from cyclorama.core.arrays import FloatArray, IntArray, frozen
from cyclorama.core.skeleton import Skeleton


@dataclass(frozen=True, eq=False)
class Landmarks:
    """K places in or on a model.

    Attributes:
        skeleton: What they are.
        points_m: (K, 3) float64, object frame, metres.
        depth_m: A place that lies no deeper than this below the model's surface, along the line of sight, counts as
            being on it; metres before the instance's scale.
        joints: (K,) int32 index of the joint that moves each; -1 for what stands still.
    """

    skeleton: Skeleton
    points_m: FloatArray
    depth_m: float
    joints: IntArray = field(default_factory=lambda: np.zeros(0, np.int32))

    def __post_init__(self) -> None:
        count = len(self.skeleton)
        object.__setattr__(self, "points_m", frozen(self.points_m, np.float64, (count, 3), "points_m"))
        joints = self.joints if len(self.joints) else np.full(count, -1)
        object.__setattr__(self, "joints", frozen(joints, np.int32, (count,), "joints"))

    def at(self, points_m: FloatArray) -> "Landmarks":
        """The same ones at other (K, 3) places."""
        return replace(self, points_m=points_m)
