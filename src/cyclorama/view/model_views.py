"""A model from four sides, with its keypoints and their names."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from cyclorama.core.arrays import ByteArray
from cyclorama.core.model import Model
from cyclorama.label.objects.keypoints import HIDDEN, VISIBLE
from cyclorama.render.views import four_views, keypoints_in_four_views
from cyclorama.view.colors import Color
from cyclorama.view.skeletons import draw_skeletons

BONE: Color = (120, 120, 120)
INK: Color = (20, 20, 20)
FONT_PX = 11
# Of a name from its keypoint.
ASIDE_PX = (7, -6)


def draw_model(model: Model) -> ByteArray:
    """(H, W, 3) uint8 sRGB picture of four views; keypoints that the model itself hides are hollow and have no name."""
    picture, marks = four_views(model), model.landmarks
    if marks is None:
        return picture
    seen = keypoints_in_four_views(model)
    points = [np.column_stack([xy, np.where(is_clear, VISIBLE, HIDDEN)]) for xy, is_clear in seen]
    drawn = Image.fromarray(draw_skeletons(picture, points, [marks.skeleton] * len(seen), [BONE] * len(seen)))
    pen, font = ImageDraw.Draw(drawn), ImageFont.load_default(FONT_PX)
    for xy, is_clear in seen:
        for name, place, named in zip(marks.skeleton.names, xy, is_clear, strict=True):
            if named:
                pen.text((place[0] + ASIDE_PX[0], place[1] + ASIDE_PX[1]), name, fill=INK, font=font)
    return np.asarray(drawn)
