"""A model whose labels have another picture on them."""

from dataclasses import replace

import cv2
import numpy as np

from cyclorama.core.arrays import ByteArray
from cyclorama.core.library import Library
from cyclorama.core.model import Material, Model
from cyclorama.core.scene import Surface


def relabelled(model: Model, surface: Surface, library: Library | None) -> Model:
    """The model with the surface's label in place of the colours of some of its materials; itself without one.

    Of a material with holes, or one that is faded, the outline stays: labels on pixels are made of that.
    """
    if surface.label is None or library is None:
        return model
    picture, materials, textures = library.image(surface.label), list(model.materials), dict(model.textures)
    for slot in surface.label_materials:
        material = materials[slot]
        name = f"{surface.label} on {slot}"
        textures[name] = _cut_out(picture, material, model)
        alpha = material.base_color[3]
        materials[slot] = replace(material, base_color=(1.0, 1.0, 1.0, alpha), base_color_texture=name)
    made_from = model.made_from and relabelled(model.made_from, surface, library)
    return replace(model, materials=tuple(materials), textures=textures, made_from=made_from)


def _cut_out(picture: ByteArray, material: Material, model: Model) -> ByteArray:
    own = model.textures.get(material.base_color_texture or "")
    if material.alpha_mode == "opaque" or own is None or own.shape[2] < 4:
        return picture
    size = (own.shape[1], own.shape[0])
    return np.dstack([cv2.resize(picture, size, interpolation=cv2.INTER_AREA), own[..., 3]])
