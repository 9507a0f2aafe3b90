"""What the camera sees where it hits nothing."""

import numpy as np
from PIL import Image

from cyclorama.core.arrays import BoolArray, ByteArray, FloatArray
from cyclorama.core.library import Library
from cyclorama.core.scene import Backdrop, Scene
from cyclorama.render.environment import environment_light
from cyclorama.render.focus import blurred_backdrop
from cyclorama.render.motion import is_turning, smeared_backdrop
from cyclorama.render.rays import picture_rays


def environment_backdrop(scene: Scene, library: Library, seen: BoolArray) -> FloatArray:
    """(H, W, 3) linear radiance of the environment in the (H, W) pixels that are ``seen``; in others it is nothing."""
    camera, exposure_s = scene.camera, scene.sensor.exposure_s
    light = np.zeros((*seen.shape, 3), np.float32)
    if not seen.any():
        return light
    if camera.aperture_m > 0 or is_turning(camera, exposure_s):
        # What is out of focus or moves comes from all around.
        seen = np.ones_like(seen)
    rays = picture_rays(camera)[seen]
    light[seen] = environment_light(scene.environment, rays @ camera.world_from_camera[:3, :3].T, library)
    light = blurred_backdrop(light, camera) if camera.aperture_m > 0 else light
    return smeared_backdrop(light, camera, exposure_s)


def pictured_backdrop(scene: Scene, library: Library) -> FloatArray:
    """(H, W, 3) float32 sRGB 0..1 of a backdrop that is a colour or a photograph."""
    camera, backdrop = scene.camera, scene.backdrop
    if backdrop.kind == "photo" and backdrop.photo is not None:
        photo = _cropped(library.image(backdrop.photo), backdrop, camera.width, camera.height)
        return photo.astype(np.float32) / 255
    return np.broadcast_to(np.asarray(backdrop.color, np.float32), (camera.height, camera.width, 3))


def _cropped(photo: ByteArray, backdrop: Backdrop, width: int, height: int) -> ByteArray:
    rows, columns = photo.shape[:2]
    x0, y0, x1, y1 = backdrop.crop_xyxy
    box = (x0 * columns, y0 * rows, min(x1, 1) * columns, min(y1, 1) * rows)
    image = np.asarray(Image.fromarray(photo).resize((width, height), Image.Resampling.LANCZOS, box=box))
    return image[:, ::-1] if backdrop.mirrored else image
