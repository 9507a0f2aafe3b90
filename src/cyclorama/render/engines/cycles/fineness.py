"""How fine a texture must be to look as sharp as it is, and coarser copies of those that are finer.

Cycles reads one texel per path, however small the texture looks: what is finer than a pixel costs time and memory and
is seen as noise.
"""

import cv2
import numpy as np

from cyclorama.core.arrays import ByteArray, FloatArray, frozen
from cyclorama.core.model import Material, Model
from cyclorama.core.scene import Camera, Instance
from cyclorama.render.color import LINEAR_OF_BYTE, srgb_encoded

# What is kept along a pixel's edge, where the texture is nearest to the camera.
TEXELS_PER_PIXEL = 2.0
# However near it is: on its way to Blender a texture of this size takes a gigabyte.
LARGEST_PX = 8192
# The most stretched part of the surface, which may become less sharp.
STRETCHED_SHARE = 0.05
LIGHT_OF_BYTE = frozen(np.rint(65535 * LINEAR_OF_BYTE), np.uint16, (256,), "light of bytes")
BYTE_OF_LIGHT = frozen(np.rint(255 * srgb_encoded(np.arange(65536) / 65535)), np.uint8, (65536,), "bytes of light")


def edges_per_m(model: Model, texture: str) -> float:
    """How many of a texture's edges fit along a metre of the model, where it is stretched most.

    0 where the model has no texture coordinates.
    """
    if model.uv is None:
        return 0.0
    wearing = np.array([texture in _textures(material) for material in model.materials])
    faces = model.faces[wearing[model.face_materials]]
    on_model = _areas(model.vertices_m[faces])
    on_texture = _areas(np.pad(model.uv[faces], ((0, 0), (0, 0), (0, 1))))
    seen = on_model > 0
    return _low_quantile(np.sqrt(on_texture[seen] / on_model[seen]), on_model[seen])


def spare_halvings(
    size_px: tuple[int, ...], edges_per_m: float, model: Model, instance: Instance, camera: Camera
) -> int:
    """How often a texture can be made half as large and still be sharp, or must be.

    Args:
        size_px: The texture's height and width.
        edges_per_m: How many of its edges fit along a metre of the model before that is scaled.
        model: What it is on.
        instance: Where that stands.
        camera: Sees it.
    """
    scale = max(abs(s) for s in instance.scale)
    texels_per_m = np.sqrt(np.prod(size_px)) * edges_per_m / scale
    pixels_per_m = max(camera.k[0, 0], camera.k[1, 1]) / max(1e-9, _nearest_m(model, instance, camera))
    spare = np.clip(texels_per_m / pixels_per_m / TEXELS_PER_PIXEL, 1, min(size_px))
    return max(must_halvings(size_px), int(np.log2(spare)))


def must_halvings(size_px: tuple[int, ...]) -> int:
    """How often a texture has to be made half as large for memory's sake."""
    return max(0, int(np.ceil(np.log2(max(size_px) / LARGEST_PX))))


def halved(pixels: ByteArray, times: int, *, is_color: bool) -> ByteArray:
    """A texture made half as large so many times; colours are averaged as light, which their bytes are not."""
    if not times:
        return pixels
    size = (max(1, pixels.shape[1] >> times), max(1, pixels.shape[0] >> times))
    if pixels.shape[2] == 4:  # Alpha is no light.
        parts = halved(pixels[..., :3], times, is_color=is_color), halved(pixels[..., 3:], times, is_color=False)
        return np.dstack(parts)
    if not is_color:
        return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    light = cv2.resize(cv2.LUT(pixels, LIGHT_OF_BYTE), size, interpolation=cv2.INTER_AREA)
    return np.take(BYTE_OF_LIGHT, np.asarray(light, np.uint16))


def _textures(material: Material) -> tuple[str | None, ...]:
    return (
        material.base_color_texture,
        material.metallic_roughness_texture,
        material.normal_texture,
        material.emission_texture,
    )


def _areas(corners: FloatArray) -> FloatArray:
    """(F,) of (F, 3, 3) triangles."""
    a, b, c = np.moveaxis(corners.astype(float), 1, 0)
    return 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1)


def _low_quantile(values: FloatArray, weights: FloatArray) -> float:
    """The value that all but STRETCHED_SHARE of the weight exceeds or equals."""
    if not len(values):
        return 0.0
    order = np.argsort(values)
    passed = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(passed, STRETCHED_SHARE * passed[-1])])


def _nearest_m(model: Model, instance: Instance, camera: Camera) -> float:
    """Depth at which the model's sphere begins; negative if the camera may be inside."""
    center = instance.world_from_model @ [*model.center_m, 1.0]
    eye, forward = camera.world_from_camera[:3, 3], camera.world_from_camera[:3, 2]
    return float((center[:3] - eye) @ forward) - max(abs(s) for s in instance.scale) * model.radius_m
