"""Things float in the camera's view."""

from collections.abc import Sequence
from typing import ClassVar, Literal

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.geometry import rigid, transformed
from cyclorama.core.scene import Camera
from cyclorama.scene.layout import LayoutOptions, Placed, Stage, Thing, cropped_share, image_box, overlap_share

# Depth of the view volume around the distance at which the camera looks.
NEAREST, FARTHEST = 0.7, 1.5
# Share of the smaller of two image boxes that the other may cover, where the recipe does not say.
MAX_OVERLAP = 0.3
# Two bounding spheres may come this near, relative to the sum of their radii.
CLEARANCE = 0.6


class FloatingOptions(LayoutOptions):
    """Keys of ``kind: floating``; boxes overlap by at most .3 where max_overlap does not say."""

    has_ground: ClassVar = False

    kind: Literal["floating"] = "floating"


class Floating:
    """Anywhere in the view volume, turned as the recipe says; overlap and crop of image boxes are limited."""

    options: ClassVar = FloatingOptions

    @staticmethod
    def place(
        things: Sequence[Thing], stage: Stage, options: FloatingOptions, rng: np.random.Generator
    ) -> list[Placed]:
        """Places of those things that find one within the limits."""
        camera = stage.camera
        placed: list[Placed] = []
        boxes: list[FloatArray] = []
        for thing in things:
            outline = thing.outline_m()
            for _ in range(options.tries):
                pose = _random_pose(thing, camera, rng)
                box = image_box(outline, pose, camera)
                if box is not None and _fits(thing, pose, box, placed, boxes, camera, options):
                    placed.append(Placed(thing, pose))
                    boxes.append(box)
                    break
        return placed


def _random_pose(thing: Thing, camera: Camera, rng: np.random.Generator) -> FloatArray:
    distance = float(np.linalg.norm(camera.world_from_camera[:3, 3])) * rng.uniform(NEAREST, FARTHEST)
    x, y = rng.uniform(0, camera.width), rng.uniform(0, camera.height)
    ray = np.array([*camera.unprojected(np.array([[x, y]]))[0], 1.0])
    middle = transformed(camera.world_from_camera, distance * ray[None])[0]
    rotation = thing.rotation(rng)
    return rigid(rotation, middle - rotation @ thing.center_m)


def _fits(
    thing: Thing,
    pose: FloatArray,
    box: FloatArray,
    placed: list[Placed],
    boxes: list[FloatArray],
    camera: Camera,
    options: FloatingOptions,
) -> bool:
    if cropped_share(box, camera) > options.max_crop:
        return False
    limit = MAX_OVERLAP if options.max_overlap is None else options.max_overlap
    middle, radius = _ball(thing, pose)
    for other, other_box in zip(placed, boxes, strict=True):
        other_middle, other_radius = _ball(other.thing, other.world_from_object)
        if np.linalg.norm(middle - other_middle) < CLEARANCE * (radius + other_radius):
            return False
        both_clutter = thing.category is None and other.thing.category is None
        if not both_clutter and overlap_share(box, other_box) > limit:
            return False
    return True


def _ball(thing: Thing, pose: FloatArray) -> tuple[FloatArray, float]:
    return transformed(pose, thing.center_m[None])[0], thing.radius_m
