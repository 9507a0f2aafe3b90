"""Keypoints on pictures."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from cyclorama.core.arrays import ByteArray, FloatArray
from cyclorama.core.skeleton import Skeleton
from cyclorama.view.colors import Color, color_of

# Of a picture's shorter side.
RADIUS = 1 / 110
LEAST_RADIUS_PX = 2.0
DARK: Color = (20, 20, 20)


def draw_skeletons(
    image: ByteArray, points: Sequence[FloatArray], skeletons: Sequence[Skeleton | None], colors: Sequence[Color]
) -> ByteArray:
    """A copy of the image with keypoints, each in a colour of its own, and their bones.

    Args:
        image: (H, W, 3) uint8 sRGB.
        points: N times (K, 3) x, y in pixels, and 0 for what isn't drawn, 1 for a ring, 2 for a disc.
        skeletons: Of each object; None draws nothing of it.
        colors: Of each object's bones.
    """
    picture = Image.fromarray(image)
    pen = ImageDraw.Draw(picture)
    radius = max(LEAST_RADIUS_PX, min(picture.size) * RADIUS)
    for own, skeleton, color in zip(points, skeletons, colors, strict=True):
        if skeleton is not None:
            # PIL puts a line of even width half a pixel to the right of its middle.
            _bones(pen, own, skeleton, color, round(radius) | 1)
            _discs(pen, own, radius)
    return np.asarray(picture)


def _bones(pen: ImageDraw.ImageDraw, points: FloatArray, skeleton: Skeleton, color: Color, width: int) -> None:
    for one, other in skeleton.bones:
        if points[one, 2] and points[other, 2]:
            pen.line([tuple(points[i, :2].tolist()) for i in (one, other)], fill=color, width=width)


def _discs(pen: ImageDraw.ImageDraw, points: FloatArray, radius: float) -> None:
    for number, (x, y, look) in enumerate(points.tolist()):
        if look:
            color = color_of(number)
            fill, rim = (color, DARK) if look > 1 else (None, color)
            box = (x - radius, y - radius, x + radius, y + radius)
            pen.ellipse(box, fill=fill, outline=rim, width=max(1, round(radius / 3)))
