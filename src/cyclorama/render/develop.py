"""From linear light to a picture: backdrop, exposure, tone curve, sensor; for every engine alike."""

import numpy as np
from PIL import Image

from cyclorama.core.arrays import ByteArray, FloatArray
from cyclorama.core.geometry import pixel_rays
from cyclorama.core.library import Library
from cyclorama.core.scene import Backdrop, Scene
from cyclorama.render.sensor import exposed

# Automatic exposure puts the geometric mean of the picture at middle grey.
MIDDLE_GREY = 0.18
# Above this linear value the tone curve bends, so that highlights fade out instead of being cut off.
SHOULDER = 0.6
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)


def develop(scene: Scene, light: FloatArray, library: Library) -> ByteArray:
    """The picture that the scene's camera takes.

    Args:
        scene: Says backdrop and sensor.
        light: (H, W, 4) float32 linear premultiplied RGBA, as engines give it.
        library: Holds photographs and environment maps.

    Returns:
        (H, W, 3) uint8 sRGB.
    """
    alpha = np.clip(light[..., 3:], 0, 1)
    foreground = np.maximum(np.nan_to_num(light[..., :3], posinf=1e4, neginf=0.0), 0)
    gain = _gain(scene, foreground, alpha[..., 0])
    picture = foreground * gain + (1 - alpha) * _backdrop_light(scene, library, gain)
    balanced = np.multiply(picture, np.asarray(scene.sensor.white_balance, np.float32))
    return exposed(scene.sensor, srgb_encoded(_shoulder(balanced)))


def srgb_encoded(linear: FloatArray) -> FloatArray:
    """Transfer curve of sRGB (IEC 61966-2-1) on linear values 0..1."""
    clipped = np.clip(linear, 0, 1)
    return np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * clipped ** (1 / 2.4) - 0.055)


def srgb_decoded(encoded: FloatArray) -> FloatArray:
    """Inverse of ``srgb_encoded``."""
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def _gain(scene: Scene, foreground: FloatArray, alpha: FloatArray) -> float:
    stops = 2.0**scene.sensor.exposure_ev
    covered = foreground[alpha > 0.5]
    if not scene.sensor.auto_exposure or not len(covered):
        return float(stops)
    luminance = covered @ LUMINANCE
    typical = np.exp(np.mean(np.log(luminance + 1e-4)))
    return float(stops * MIDDLE_GREY / max(typical, 1e-3))


def _shoulder(linear: FloatArray) -> FloatArray:
    """Identity up to SHOULDER, then an exponential approach to 1 with a continuous slope."""
    room = 1 - SHOULDER
    return np.where(linear < SHOULDER, linear, 1 - room * np.exp((SHOULDER - linear) / room))


def _backdrop_light(scene: Scene, library: Library, gain: float) -> FloatArray:
    """(H, W, 3) linear light, already exposed: photographs and colours are what a camera made of them."""
    camera, backdrop = scene.camera, scene.backdrop
    stops = 2.0**scene.sensor.exposure_ev
    if backdrop.kind == "color":
        return np.broadcast_to(
            srgb_decoded(np.asarray(backdrop.color, np.float32)) * stops, (camera.height, camera.width, 3)
        )
    if backdrop.kind == "photo" and backdrop.photo is not None:
        image = _cropped(library.image(backdrop.photo), backdrop, camera.width, camera.height)
        return srgb_decoded(image.astype(np.float32) / 255) * stops
    return environment_light(scene, library) * gain


def _cropped(photo: ByteArray, backdrop: Backdrop, width: int, height: int) -> ByteArray:
    rows, columns = photo.shape[:2]
    x0, y0, x1, y1 = backdrop.crop_xyxy
    box = (x0 * columns, y0 * rows, x1 * columns, y1 * rows)
    image = np.asarray(Image.fromarray(photo).resize((width, height), Image.Resampling.LANCZOS, box=box))
    return image[:, ::-1] if backdrop.mirrored else image


def environment_light(scene: Scene, library: Library) -> FloatArray:
    """(H, W, 3) radiance of the environment behind every pixel, linear."""
    camera, environment = scene.camera, scene.environment
    factor = environment.strength * np.asarray(environment.tint, np.float32)
    if environment.map is None:
        return np.broadcast_to(0.5 * factor, (camera.height, camera.width, 3))
    rays = pixel_rays(camera.k, 0, 0, camera.width, camera.height) @ camera.world_from_camera[:3, :3].T
    return environment_radiance(library.environment(environment.map), rays, environment.rotation_rad) * factor


def environment_radiance(radiance: FloatArray, directions: FloatArray, rotation_rad: float) -> FloatArray:
    """Bilinear lookup in an equirectangular map.

    Args:
        radiance: (H, W, 3) linear; see docs/conventions.md for its orientation.
        directions: (..., 3) in the world, any length.
        rotation_rad: Turn of the map about the world's z.

    Returns:
        (..., 3) radiance.
    """
    height, width = radiance.shape[:2]
    unit = directions / np.linalg.norm(directions, axis=-1, keepdims=True)
    azimuth = np.arctan2(unit[..., 1], unit[..., 0]) - rotation_rad
    x = (0.5 - azimuth / (2 * np.pi)) % 1.0 * width - 0.5
    y = np.arccos(np.clip(unit[..., 2], -1, 1)) / np.pi * height - 0.5
    column, row = np.floor(x).astype(int), np.floor(y).astype(int)
    fx, fy = (x - column)[..., None], (y - row)[..., None]
    left, right = column % width, (column + 1) % width
    top, bottom = np.clip(row, 0, height - 1), np.clip(row + 1, 0, height - 1)
    upper = radiance[top, left] * (1 - fx) + radiance[top, right] * fx
    lower = radiance[bottom, left] * (1 - fx) + radiance[bottom, right] * fx
    return (upper * (1 - fy) + lower * fy).astype(np.float32)
