"""Boxes, masks and maps on pictures."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from cyclorama.core.arrays import BoolArray, ByteArray, FloatArray
from cyclorama.core.detections import Detections
from cyclorama.core.sample import Sample
from cyclorama.core.skeleton import Skeleton
from cyclorama.label.objects.box import Box
from cyclorama.label.objects.keypoints import Keypoints
from cyclorama.label.objects.mask import Mask, decoded
from cyclorama.view.colors import Color, color_of
from cyclorama.view.skeletons import draw_skeletons

MASK_OPACITY = 0.25
# Keypoints with a lower score are hollow.
UNSURE = 0.5


def draw_boxes(image: ByteArray, boxes: FloatArray, texts: Sequence[str], colors: Sequence[Color]) -> ByteArray:
    """A copy of the image with boxes and their captions.

    Args:
        image: (H, W, 3) uint8 sRGB.
        boxes: (N, 4) xyxy in pixels.
        texts: N captions; an empty one is left out.
        colors: N colours.
    """
    picture = Image.fromarray(image)
    pen = ImageDraw.Draw(picture)
    line = max(2, round(min(picture.size) / 200))
    font = ImageFont.load_default(max(11, round(min(picture.size) / 28)))
    for box, text, color in zip(np.asarray(boxes, float), texts, colors, strict=True):
        x0, y0, x1, y1 = box[0], box[1], max(box[2] - 1, box[0]), max(box[3] - 1, box[1])
        pen.rectangle((x0, y0, x1, y1), outline=color, width=line)
        if text:
            _caption(pen, (x0, y0), text, color, font)
    return np.asarray(picture)


def _caption(
    pen: ImageDraw.ImageDraw,
    corner: tuple[float, float],
    text: str,
    color: Color,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
) -> None:
    """On the box's upper edge, or inside where the picture ends."""
    _, top, width, bottom = pen.textbbox((0, 0), text, font=font)
    height = bottom - top + 4
    x, y = corner[0], corner[1] - height if corner[1] >= height else corner[1]
    dark = sum(color) < 330
    pen.rectangle((x, y, x + width + 4, y + height), fill=color)
    pen.text((x + 2, y + 2 - top), text, fill=(255, 255, 255) if dark else (0, 0, 0), font=font)


def draw_masks(image: ByteArray, masks: Iterable[BoolArray], colors: Sequence[Color]) -> ByteArray:
    """A copy of the image with (H, W) masks tinted."""
    picture = image.copy()
    for mask, color in zip(masks, colors, strict=True):
        picture[mask] = picture[mask] * (1 - MASK_OPACITY) + np.array(color, np.float32) * MASK_OPACITY
    return picture


def draw_sample(sample: Sample, skeletons: Mapping[str, Skeleton] | None = None) -> ByteArray:
    """A sample with its labels: masks in a colour for each object, boxes, names, keypoints; what is ignored in grey.

    Args:
        sample: What is drawn.
        skeletons: Of the categories that have keypoints; hidden ones are hollow.
    """
    shown = [a for a in sample.annotations if Box in a]
    colors = [(150, 150, 150) if a.ignored else color_of(a.instance_id) for a in shown]
    masked = [(a[Mask].pixels, color) for a, color in zip(shown, colors, strict=True) if Mask in a]
    image = draw_masks(sample.load_image(), [m for m, _ in masked], [c for _, c in masked])
    texts = [f"{a.category} ({a.ignored})" if a.ignored else a.category for a in shown]
    image = draw_boxes(image, np.array([a[Box].xyxy for a in shown]).reshape(-1, 4), texts, colors)
    marked = [(a, color) for a, color in zip(shown, colors, strict=True) if Keypoints in a]
    points = [np.column_stack([a[Keypoints].xy, a[Keypoints].visibility]) for a, _ in marked]
    named = [(skeletons or {}).get(a.category) for a, _ in marked]
    return draw_skeletons(image, points, named, [color for _, color in marked])


def draw_depth(depth_m: FloatArray) -> ByteArray:
    """(H, W, 3) picture of depth: near is bright, nothing is black."""
    seen = np.isfinite(depth_m)
    if not seen.any():
        return np.zeros((*depth_m.shape, 3), np.uint8)
    near, far = np.percentile(depth_m[seen], [1, 99])
    nearness = 1 - np.clip((depth_m - near) / max(far - near, 1e-6), 0, 1) * 0.85
    return np.repeat((np.where(seen, nearness, 0) * 255).astype(np.uint8)[..., None], 3, axis=2)


def draw_normals(normals: FloatArray) -> ByteArray:
    """(H, W, 3) picture of normals in the camera's frame as the field draws them: right red, up green, near blue."""
    hit = np.any(normals != 0, axis=-1, keepdims=True)
    levels = (normals * [1, -1, -1] + 1) * 127.5
    return np.where(hit, levels, 0).astype(np.uint8)


def draw_detections(
    image: ByteArray,
    found: Detections,
    categories: Sequence[str],
    skeletons: Mapping[str, Skeleton] | None = None,
) -> ByteArray:
    """A copy of the image with boxes, names and scores, masks and keypoints where there are some, in classes' colours.

    Args:
        image: (H, W, 3) uint8 sRGB.
        found: What is drawn.
        categories: Names.
        skeletons: Of the categories that have keypoints.
    """
    colors = [color_of(int(c)) for c in found.classes]
    texts = [f"{categories[c]} {s:.2f}" for c, s in zip(found.classes, found.scores, strict=True)]
    if found.masks is not None:
        image = draw_masks(image, (decoded(dict(mask)) for mask in found.masks), colors)
    return draw_keypoints(draw_boxes(image, found.boxes, texts, colors), found, categories, skeletons or {}, colors)


def draw_keypoints(
    image: ByteArray,
    found: Detections,
    categories: Sequence[str],
    skeletons: Mapping[str, Skeleton],
    colors: Sequence[Color],
) -> ByteArray:
    """A copy of the image with the keypoints of detections, where there are some; those with a score below .5 hollow.

    Args:
        image: (H, W, 3) uint8 sRGB.
        found: The detections.
        categories: Names.
        skeletons: Of the categories that have keypoints.
        colors: Of each detection's bones.
    """
    if found.keypoints is None:
        return image
    looks = [np.column_stack([own[:, :2], np.where(own[:, 2] < UNSURE, 1, 2)]) for own in found.keypoints]
    return draw_skeletons(image, looks, [skeletons.get(categories[c]) for c in found.classes], colors)
