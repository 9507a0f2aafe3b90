"""Where a picture that is stuck on a model shows, whichever engine shows it.

It is projected along its normal through a box that is half as deep as the picture's longer edge, and shows where the
surface within turns to it: there colour is the picture's as far as its alpha goes, dry and dull as paper.
"""

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.scene import Decal

PAPER_ROUGHNESS = 0.6
# Either way along the normal, in the picture's longer edge.
DEPTH = 0.25
# Least cosine between the surface's normal and the decal's.
FACING = 0.3


def box_from_model(decal: Decal) -> FloatArray:
    """(4, 4) from the model's frame: x and y run from 0 to 1 over the picture, v up, z from -1 to 1 through the box."""
    right, up = np.asarray(decal.right), np.asarray(decal.up)
    width, height = decal.size_m
    rows = np.stack([right / width, up / height, np.cross(right, up) / (DEPTH * max(decal.size_m))])
    box = np.eye(4)
    box[:3, :3] = rows
    box[:3, 3] = [0.5, 0.5, 0.0] - rows @ np.asarray(decal.center_m)
    return box
