"""Colour and emission of a surface where rays hit it; what the plain engines shade with."""

import cv2
import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.library import Library
from cyclorama.core.model import Material, Model
from cyclorama.core.scene import Surface
from cyclorama.render.bvh import Hits, interpolated
from cyclorama.render.color import LINEAR_OF_BYTE, texture_color
from cyclorama.render.relabel import relabelled


def base_colors(model: Model, hits: Hits, surface: Surface, library: Library | None = None) -> FloatArray:
    """(N, 3) linear base colour at hits of ``model``, none of which may be a miss; wear is left out.

    Args:
        model: Gives materials, textures and vertex colours.
        hits: Where.
        surface: The instance's changes to the materials.
        library: Holds ``surface.texture`` and ``surface.label``; not needed without them.
    """
    keeps = model.keeps[hits.faces]
    if keeps.any():
        colors = np.empty((len(keeps), 3), np.float32)
        colors[keeps] = _own_colors(model, hits[keeps])
        colors[~keeps] = _changed_colors(model, hits[~keeps], surface, library)
        return colors
    return _changed_colors(model, hits, surface, library)


def _changed_colors(model: Model, hits: Hits, surface: Surface, library: Library | None) -> FloatArray:
    if surface.texture is not None and library is not None:
        colors = texture_color(library.image(surface.texture), _box_uv(model, hits, np.array(surface.tile_m)))
    elif surface.base_color is not None:
        return np.broadcast_to(np.asarray(surface.base_color, np.float32), (len(hits.faces), 3))
    else:
        colors = _own_colors(relabelled(model, surface, library), hits)
    return scaled_hsv(hue_turned(colors, surface.hue_shift_rad), surface.saturation, surface.value)


def emissions(model: Model, hits: Hits, surface: Surface) -> FloatArray:
    """(N, 3) linear radiance that the surface gives off by itself; emission textures are left out."""
    if surface.emission is not None:
        return np.broadcast_to(np.asarray(surface.emission, np.float32), (len(hits.faces), 3))
    return np.array([m.emission for m in model.materials], np.float32)[model.face_materials[hits.faces]]


def hue_turned(colors: FloatArray, angle_rad: float) -> FloatArray:
    """(N, 3) linear colours with their hue (HSV) turned."""
    if not angle_rad or not len(colors):
        return colors
    hsv = cv2.cvtColor(np.asarray(colors, np.float32)[None], cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0] + np.degrees(angle_rad)) % 360
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0])


def scaled_hsv(colors: FloatArray, saturation: float, value: float) -> FloatArray:
    """(N, 3) linear colours with factors on their saturation, which ends at 1, and on their value."""
    if (saturation, value) == (1, 1) or not len(colors):
        return colors
    high, low = colors.max(axis=1, keepdims=True), colors.min(axis=1, keepdims=True)
    most = high / np.maximum(high - low, 1e-9)
    return np.asarray(value * (high - (high - colors) * np.minimum(saturation, most)))


def _own_colors(model: Model, hits: Hits) -> FloatArray:
    colors = np.zeros((len(hits.faces), 3), np.float32)
    materials = model.face_materials[hits.faces]
    for index, material in enumerate(model.materials):
        mine = np.flatnonzero(materials == index)
        if len(mine):
            colors[mine] = _material_colors(model, material, hits[mine])
    if model.colors is not None:
        colors *= interpolated(LINEAR_OF_BYTE[model.colors[:, :3]], model, hits)
    return colors


def _material_colors(model: Model, material: Material, hits: Hits) -> FloatArray:
    factor = np.asarray(material.base_color[:3], np.float32)
    texture = model.textures.get(material.base_color_texture or "")
    if texture is None or model.uv is None:
        return factor
    return factor * texture_color(texture, interpolated(model.uv, model, hits))


def _box_uv(model: Model, hits: Hits, tile_m: FloatArray) -> FloatArray:
    """(N, 2) tiles along the two axes of the model's space that a face lies closest to."""
    points = interpolated(model.vertices_m, model, hits) / tile_m
    a, b, c = np.moveaxis(model.vertices_m[model.faces[hits.faces]], 1, 0)
    facing = np.argmax(np.abs(np.cross(b - a, c - a)), axis=1)
    others = np.array([[1, 2], [0, 2], [0, 1]])[facing]
    return np.take_along_axis(points, others, axis=1)
