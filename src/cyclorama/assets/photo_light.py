"""Light from all around, guessed from one photograph."""

import cv2
import numpy as np
from scipy.special import expit

from cyclorama.core.arrays import ByteArray, FloatArray
from cyclorama.core.color import srgb_decoded

HEIGHT, WIDTH = 128, 256
# Of the photograph so many pixels of mean light are left.
COARSE_PX = 24
BLUR_PX = 1.5
# Of its colour, so much is taken for the light's.
COLORFULNESS = 0.35
# Straight up is so many times as bright as the photograph's upper edge, straight down as its lower edge.
ABOVE, BELOW = 2.5, 0.6
# What lights the scene most: so high above the horizon, so wide, and so many times as strong on level ground as all the
# rest.
KEY_ELEVATION_RAD, KEY_RADIUS_RAD, KEY_SHARE = 0.95, 0.12, 2.0
# White may have been any light: the key light comes from where a picture of this power of the light has its middle.
EXPANSION = 3.0
# Level ground of this grey is as bright under the light as the photograph is on average.
GROUND_GREY = 0.4


def photo_light(photo: ByteArray) -> FloatArray:
    """(128, 256, 3) float32 linear radiance of an environment whose middle is what a photograph shows.

    A guess that agrees with the picture: its blurred colours are spread over the half of the sphere before the camera,
    from straight up to straight down, and mirrored behind it (much as Khan et al., "Image-Based Material Editing",
    2006, do), brighter above; and one soft light hangs above where its upper half is brightest, since a photograph
    hides what is brighter than white. It is as strong as makes a grey ground as bright as the photograph.

    Args:
        photo: (H, W, 3) uint8 sRGB.
    """
    coarse = _paler(_coarse(photo))
    azimuth = (0.5 - (np.arange(WIDTH) + 0.5) / WIDTH) * 2 * np.pi
    elevation = (0.5 - (np.arange(HEIGHT) + 0.5) / HEIGHT) * np.pi
    light = _spread(coarse, azimuth, elevation) * _brighter_above(elevation)[:, None, None]
    light = light + _key_light(light, _key_azimuth_rad(coarse), azimuth, elevation)
    ground = GROUND_GREY * (light * _on_ground(elevation)[..., None]).sum(axis=(0, 1)).mean() / np.pi
    return (light * coarse.mean() / max(ground, 1e-9)).astype(np.float32)


def _coarse(photo: ByteArray) -> FloatArray:
    """(COARSE_PX, COARSE_PX, 3) linear light, blurred."""
    small = cv2.resize(photo, (8 * COARSE_PX, 8 * COARSE_PX), interpolation=cv2.INTER_AREA)
    linear = srgb_decoded(small / 255.0)
    coarse = cv2.resize(linear, (COARSE_PX, COARSE_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(coarse, (0, 0), BLUR_PX, borderType=cv2.BORDER_REPLICATE))


def _paler(light: FloatArray) -> FloatArray:
    """With less colour: most of what a photograph has is its things', not its light's."""
    grey = light.mean(axis=2, keepdims=True)
    return np.asarray(grey + COLORFULNESS * (light - grey))


def _spread(coarse: FloatArray, azimuth: FloatArray, elevation: FloatArray) -> FloatArray:
    """(H, W, 3) the picture over the sphere; towards the poles each row becomes one colour."""
    ahead = np.where(np.abs(azimuth) > np.pi / 2, np.sign(azimuth) * np.pi - azimuth, azimuth)
    columns = np.broadcast_to((0.5 - ahead / np.pi) * COARSE_PX - 0.5, (HEIGHT, WIDTH)).astype(np.float32)
    rows = np.broadcast_to((0.5 - elevation[:, None] / np.pi) * COARSE_PX - 0.5, (HEIGHT, WIDTH)).astype(np.float32)
    spread = cv2.remap(coarse, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    level = np.cos(elevation)[:, None, None]
    return np.asarray(level * spread + (1 - level) * spread.mean(axis=1, keepdims=True))


def _brighter_above(elevation: FloatArray) -> FloatArray:
    height = np.sin(elevation)
    return np.where(height > 0, 1 + (ABOVE - 1) * height, 1 + (1 - BELOW) * height)


def _key_azimuth_rad(coarse: FloatArray) -> float:
    """Where the upper half of the picture has the middle of its light."""
    weights = (coarse[: COARSE_PX // 2].mean(axis=(0, 2)) + 1e-6) ** EXPANSION
    places = 0.5 - (np.arange(COARSE_PX) + 0.5) / COARSE_PX
    return float(np.pi * (weights @ places) / weights.sum())


def _on_ground(elevation: FloatArray) -> FloatArray:
    """(H, 1) irradiance on level ground of radiance 1 from one pixel of each row."""
    seen = np.maximum(np.sin(elevation), 0) * np.cos(elevation)
    return np.asarray(seen * (np.pi / HEIGHT) * (2 * np.pi / WIDTH))[:, None]


def _key_light(light: FloatArray, key_azimuth_rad: float, azimuth: FloatArray, elevation: FloatArray) -> FloatArray:
    """(H, W, 3) a soft light, as strong on level ground as ``light`` times KEY_SHARE and of its colour there."""
    height, level = np.sin(elevation)[:, None], np.cos(elevation)[:, None]
    on_ground = _on_ground(elevation)
    cosine = height * np.sin(KEY_ELEVATION_RAD)
    cosine = cosine + level * np.cos(KEY_ELEVATION_RAD) * np.cos(azimuth - key_azimuth_rad)
    lamp = expit((KEY_RADIUS_RAD - np.arccos(np.clip(cosine, -1, 1))) / (0.1 * KEY_RADIUS_RAD))
    irradiance = (light * on_ground[..., None]).sum(axis=(0, 1))
    return np.asarray(lamp[..., None] * (KEY_SHARE * irradiance / (lamp * on_ground).sum()))
