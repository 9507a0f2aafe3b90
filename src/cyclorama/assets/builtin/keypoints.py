"""Keypoints of built-in models."""

import numpy as np

from cyclorama.core.landmarks import Landmarks
from cyclorama.core.skeleton import Skeleton

# Left and right as one sees them who looks at the handle; metres, on the surface.
_MUG = {
    "rim_handle": (0.03925, 0.0, 0.09675),
    "rim_left": (0.0, -0.03925, 0.09675),
    "rim_far": (-0.03925, 0.0, 0.09675),
    "rim_right": (0.0, 0.03925, 0.09675),
    "handle": (0.0715, 0.0, 0.05),
    "base": (0.0, 0.0, 0.002),
}
_MUG_BONES = ((0, 1), (1, 2), (2, 3), (3, 0), (0, 4), (4, 5))
# A little less than wall and floor are thick: the lip hides nothing of the rim, and the wall all that is behind it.
_MUG_DEPTH_M = 0.003

MARKED = ("mug",)


def landmarks(name: str) -> Landmarks | None:
    """Those of the built-in model ``name``; None where it has none."""
    if name not in MARKED:
        return None
    return Landmarks(Skeleton(tuple(_MUG), _MUG_BONES), np.array(list(_MUG.values())), _MUG_DEPTH_M)
