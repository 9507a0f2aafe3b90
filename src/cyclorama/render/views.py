"""A model seen from four sides, for a person to judge its size, axes, colours and holes."""

from types import MappingProxyType

import cv2
import numpy as np

from cyclorama.core.arrays import BoolArray, ByteArray, FloatArray
from cyclorama.core.geometry import intrinsics, look_at, rigid
from cyclorama.core.model import Model
from cyclorama.core.scene import Camera, Instance, Scene, Surface
from cyclorama.render.color import srgb_encoded
from cyclorama.render.geometry import Caster
from cyclorama.render.surface import base_colors

FOV_RAD = 0.5
PAPER = (242, 242, 240)
INK = (70, 70, 70)
# Columns are the camera's right, down and forward in the model's space; z is up, and the front looks along +y.
AXES = MappingProxyType(
    {
        "front": ((1, 0, 0), (0, 0, -1), (0, 1, 0)),
        "side": ((0, 1, 0), (0, 0, -1), (-1, 0, 0)),
        "top": ((1, 0, 0), (0, -1, 0), (0, 0, -1)),
    }
)


class _Only:
    """A library of one model."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def model(self, id: str) -> Model:  # noqa: ARG002
        return self._model

    def image(self, id: str) -> ByteArray:
        raise KeyError(id)

    def environment(self, id: str) -> FloatArray:
        raise KeyError(id)


def four_views(model: Model, *, size_px: int = 320) -> ByteArray:
    """(2 size, 2 size, 3) uint8 sRGB picture: front, side, top and three-quarter, with captions.

    The model is lit from the camera and drawn to fill each view, whatever its size.
    """
    caster = Caster(_Only(model))
    views = [_captioned(_drawn(model, caster, pose, size_px), name) for name, pose in _poses().items()]
    return np.vstack([np.hstack(views[:2]), np.hstack(views[2:])])


def keypoints_in_four_views(model: Model, *, size_px: int = 320) -> list[tuple[FloatArray, BoolArray]]:
    """Where each of ``four_views`` shows a model's keypoints; nothing of a model that has none.

    Returns:
        (K, 2) pixels of the whole picture, and (K,) whether nothing hides them, for each view.
    """
    caster = Caster(_Only(model))
    if model.landmarks is None:
        return []
    seen = [caster.cast(_scene(model, pose, size_px)).keypoints[1] for pose in _poses().values()]
    corners = [(0, 0), (size_px, 0), (0, size_px), (size_px, size_px)]
    return [(points.xy + corner, points.is_clear) for points, corner in zip(seen, corners, strict=True)]


def _poses() -> dict[str, FloatArray]:
    """world_from_camera of each view, of a model of radius 1 at the origin."""
    poses = {name: rigid(np.array(axes).T, -_distance() * np.array(axes[2])) for name, axes in AXES.items()}
    eye = np.array([0.55, -0.7, 0.45]) / np.linalg.norm([0.55, -0.7, 0.45]) * _distance()
    return poses | {"three-quarter": look_at(eye, [0, 0, 0])}


def _distance() -> float:
    """Where a camera sees a sphere of radius 1 with a little air around it."""
    return 1.08 / np.sin(FOV_RAD / 2)


def _drawn(model: Model, caster: Caster, world_from_camera: FloatArray, size_px: int) -> ByteArray:
    fine_px = 2 * size_px  # Twice as fine, then averaged: smooth edges.
    pixels, hits = caster.layers(_scene(model, world_from_camera, fine_px)).hits(1)
    picture = np.full((fine_px, fine_px, 3), PAPER, np.uint8)
    towards_light = np.array([-0.35, -0.5, -0.8]) / np.linalg.norm([0.35, 0.5, 0.8])
    shade = 0.3 + 0.7 * np.clip(hits.normals @ towards_light, 0, 1)
    colors = srgb_encoded(base_colors(model, hits, Surface()) * shade[:, None])
    picture.reshape(-1, 3)[pixels] = np.rint(colors * 255).astype(np.uint8)
    return np.asarray(cv2.resize(picture, (size_px, size_px), interpolation=cv2.INTER_AREA))


def _scene(model: Model, world_from_camera: FloatArray, size_px: int) -> Scene:
    camera = Camera(size_px, size_px, intrinsics(size_px, size_px, FOV_RAD), world_from_camera)
    scale = 1 / max(model.radius_m, 1e-12)
    pose = rigid(np.eye(3), -scale * model.center_m)
    return Scene(0, 0, camera, (Instance(1, model.id, pose, category=model.name, scale=(scale, scale, scale)),))


def _captioned(picture: ByteArray, text: str) -> ByteArray:
    picture = np.ascontiguousarray(picture)
    cv2.putText(picture, text, (10, 22), cv2.FONT_HERSHEY_SIMPLEX, 0.5, INK, 1, cv2.LINE_AA)
    return picture
