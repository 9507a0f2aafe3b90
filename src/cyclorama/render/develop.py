"""From linear light to a picture: backdrop, exposure, tone curve, sensor; for every engine alike."""

from dataclasses import dataclass

import numpy as np

from cyclorama.core.arrays import BoolArray, ByteArray, FloatArray
from cyclorama.core.library import Library
from cyclorama.core.lights import photo_of_light
from cyclorama.core.scene import CATCHER, Scene
from cyclorama.render.backdrop import environment_backdrop, pictured_backdrop
from cyclorama.render.chip import FULL_WELL, gathered
from cyclorama.render.color import LUMINANCE, srgb_decoded, srgb_encoded
from cyclorama.render.motion import is_turning, smeared_backdrop
from cyclorama.render.optics import through_lens
from cyclorama.render.processor import recorded

# Automatic exposure puts the geometric mean of the picture at middle grey.
MIDDLE_GREY = 0.18
# But at most one pixel in twenty of the objects above this, which the tone curve shows as nearly white.
BRIGHTEST = 2.0
# Above this linear value the tone curve bends, so that highlights fade out instead of being cut off.
SHOULDER = 0.6
CURVE_STEPS = 1 << 16


def develop(scene: Scene, light: FloatArray, library: Library, *, gain: float | None = None) -> ByteArray:
    """The picture that the scene's camera takes.

    Automatic exposure acts on rendered light, the environment's included. Photographs and colours behind it
    have been exposed already: they appear as they are, and what is lit as by a photograph is exposed as it was. The
    sensor's own settings act on all.

    Args:
        scene: Says backdrop and sensor.
        light: (H, W, 4) float32 linear premultiplied RGBA, as engines give it; what is not finite is black.
        library: Holds photographs and environment maps.
        gain: Automatic exposure's, if it is known; left out, that of this picture.

    Returns:
        (H, W, 3) uint8 sRGB.
    """
    sensor, gathering = scene.sensor, _Gathering.of(scene, light, library)
    if not sensor.auto_exposure:
        gain = 1.0
    picture = gathering.light * np.float32(gathering.gain(scene) if gain is None else gain)
    if scene.backdrop.kind != "environment" and gathering.behind.any():
        behind = gathering.behind
        picture[behind] += (1 - gathering.alpha[behind]) * _exposed_backdrop(scene, library, behind)
    picture *= np.asarray(2.0**sensor.exposure_ev * np.asarray(sensor.white_balance), np.float32)
    picture = np.repeat(picture[..., :1], 3, axis=-1) if sensor.infrared else picture
    # What is lost in white is lost before blur can spread it.
    picture = gathered(through_lens(np.minimum(picture, FULL_WELL), sensor), sensor)
    return recorded(sensor, _pictured(picture))


def exposure_gain(scene: Scene, light: FloatArray, library: Library) -> float:
    """Factor by which automatic exposure multiplies light in the picture that ``develop`` makes of it."""
    return _Gathering.of(scene, light, library).gain(scene)


@dataclass(frozen=True, eq=False)
class _Gathering:
    """Light that has not been exposed yet.

    Attributes:
        light: (H, W, 3) linear; of what is behind, only an environment's.
        alpha: (H, W, 1) of what is rendered.
        behind: (H, W) whether something behind that is seen.
        objects: (M, 3) the part of it that objects send.
    """

    light: FloatArray
    alpha: FloatArray
    behind: BoolArray
    objects: FloatArray

    @classmethod
    def of(cls, scene: Scene, light: FloatArray, library: Library) -> "_Gathering":
        light = np.nan_to_num(light, nan=0.0, posinf=0.0, neginf=0.0)
        foreground, alpha = np.maximum(light[..., :3], 0), np.clip(light[..., 3:], 0, 1)
        objects = foreground[_is_object(scene, foreground, alpha[..., 0])]
        # Most pictures of things on a ground show no backdrop.
        behind = alpha[..., 0] < 1
        if scene.backdrop.kind == "environment":
            foreground = foreground + (1 - alpha) * environment_backdrop(scene, library, behind)
        return cls(foreground, alpha, behind, objects)

    def gain(self, scene: Scene) -> float:
        """Automatic exposure's."""
        if scene.backdrop.kind == "environment":
            return auto_gain(self.light.reshape(-1, 3), self.objects)
        return _gain_before_picture(scene, self.objects)


def _is_object(scene: Scene, foreground: FloatArray, alpha: FloatArray) -> BoolArray:
    """(H, W) whether a thing is seen, and no shadow that a catcher has caught."""
    seen = alpha > 0.5
    return seen & foreground.any(axis=-1) if any(i.layer == CATCHER for i in scene.instances) else seen


def _exposed_backdrop(scene: Scene, library: Library, seen: BoolArray) -> FloatArray:
    """(N, 3) float32 linear light of a photograph or colour in the (H, W) pixels that are ``seen``."""
    encoded, exposure_s = pictured_backdrop(scene, library), scene.sensor.exposure_s
    if not is_turning(scene.camera, exposure_s):
        return _untoned(encoded[seen]).astype(np.float32)
    return smeared_backdrop(_untoned(encoded), scene.camera, exposure_s)[seen]


def _gain_before_picture(scene: Scene, objects: FloatArray) -> float:
    """Factor for (M, 3) linear light of objects before a photograph or colour."""
    if photo_of_light(scene.environment.map or "") is None:
        return auto_gain(objects, objects)
    return min(1.0, BRIGHTEST / max(_brightest(objects), 1e-9))


def auto_gain(light: FloatArray, objects: FloatArray) -> float:
    """Factor that makes (N, 3) linear light neither black nor white, nor the (M, 3) part of it that objects send.

    1 where there is no light. A window or a lamp behind the objects may burn out, as in a photograph.
    """
    luminance = np.maximum(light @ LUMINANCE, 0)
    if not luminance.any():
        return 1.0
    # Deep shadow counts as dark, not as infinitely dark.
    floor = 1e-3 * float(np.percentile(luminance[luminance > 0], 95))
    gain = MIDDLE_GREY / float(np.exp(np.mean(np.log(np.maximum(luminance, floor)))))
    bright = _brightest(objects)
    return min(gain, BRIGHTEST / bright) if bright > 0 else gain


def _brightest(objects: FloatArray) -> float:
    """Luminance that one in twenty of (M, 3) linear values is above."""
    return float(np.percentile(objects @ LUMINANCE, 95)) if len(objects) else 0.0


def _toned(linear: FloatArray) -> FloatArray:
    """Identity up to SHOULDER, then an exponential approach to 1 with a continuous slope."""
    room = 1 - SHOULDER
    return np.where(linear < SHOULDER, linear, 1 - room * np.exp(np.minimum(SHOULDER - linear, 0) / room))


def _pictured(linear: FloatArray) -> FloatArray:
    """Float32 sRGB 0..1 of linear light: tone curve and transfer curve, looked up."""
    steps = np.sqrt(np.clip(linear, 0, FULL_WELL)) * np.float32((CURVE_STEPS - 1) / FULL_WELL**0.5) + np.float32(0.5)
    return CURVE[steps.astype(np.uint16)]


def _untoned(encoded: FloatArray) -> FloatArray:
    """Linear light that ``_toned`` and sRGB turn into ``encoded``; white comes from nearly white."""
    toned, room = np.minimum(srgb_decoded(encoded), 0.999), 1 - SHOULDER
    return np.where(toned < SHOULDER, toned, SHOULDER - room * np.log(np.minimum((1 - toned) / room, 1)))


# Both curves at even steps of the light's square root: within 1e-4 of the formulas, a fortieth of a level of a byte.
CURVE = srgb_encoded(_toned(FULL_WELL * (np.arange(CURVE_STEPS) / (CURVE_STEPS - 1)) ** 2)).astype(np.float32)
CURVE.flags.writeable = False
