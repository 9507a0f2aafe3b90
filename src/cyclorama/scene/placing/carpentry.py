"""Settings made of blocks."""

import numpy as np

from cyclorama.core.arrays import ArrayLike, FloatArray
from cyclorama.core.geometry import rigid
from cyclorama.scene.layout import Emission, Placed, Stage


def block(
    stage: Stage, frame: FloatArray, low_m: ArrayLike, high_m: ArrayLike, *, part: str, emission: Emission | None = None
) -> Placed:
    """A box of the setting, from its lowest to its highest corner; the layout's fixtures must hold "cube".

    Args:
        stage: Has the cube.
        frame: (4, 4) world from the corners' frame.
        low_m: (3,) corner.
        high_m: (3,) opposite corner.
        part: What it belongs to.
        emission: RGB linear radiance that it gives off.
    """
    low, high = np.asarray(low_m, float), np.asarray(high_m, float)
    pose = frame @ rigid(np.eye(3), (low + high) / 2)
    return stage.fixture("cube", pose, (high - low).tolist(), part=part, emission=emission)
