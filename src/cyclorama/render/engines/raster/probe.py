"""An environment as light on surfaces: irradiance, blurred reflections, and its sun, if it has one."""

from dataclasses import dataclass

import cv2
import moderngl
import numpy as np

from cyclorama.assets.environment_maps import BRIGHTEST, Sun, reduced, split_sun, texel_directions
from cyclorama.core.arrays import FloatArray
from cyclorama.render.engines.raster.programs import assign, bind, new_program
from cyclorama.render.engines.raster.textures import data_texture
from cyclorama.render.environment import irradiance_map

IRRADIANCE_WIDTH_PX = 128
# Of the map's levels; in step with ROUGHNESS of environment.glsl.
ROUGHNESS = (0.0, 0.1, 0.25, 0.45, 0.7, 1.0)
# Into which each level looks; the narrow lobes of the large levels need few.
DIRECTIONS = (1, 16, 32, 48, 48, 48)


@dataclass(eq=False)
class Probe:
    """One environment map on the device.

    Attributes:
        above: Irradiance without what lies below the horizon.
        irradiance_up: (3,) W/m^2 on a surface that faces up.
        shaded_reflections: Without the sun.
        sun: Is left out of both irradiances.
    """

    reflections: moderngl.Texture
    shaded_reflections: moderngl.Texture
    irradiance: moderngl.Texture
    above: moderngl.Texture
    irradiance_up: FloatArray
    sun: Sun | None

    def release(self) -> None:
        """Give the device's memory back."""
        for texture in (self.reflections, self.shaded_reflections, self.irradiance, self.above):
            texture.release()


class ProbeMaker:
    """Makes probes of maps."""

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self._program = new_program(context, "screen.vert", ["reflections.frag"])
        self._screen = context.vertex_array(self._program, [])

    def make(self, radiance: FloatArray) -> tuple[Probe, int]:
        """The probe of an equirectangular (H, W, 3) map of linear radiance, and its size in bytes."""
        small = reduced(radiance)
        sun, rest = split_sun(small)
        above = rest * (texel_directions(rest.shape[0])[0][..., 2:] > 0)
        from_above = irradiance_map(_averaged(above))
        reflections = [self._reflections(m) for m in (small, rest)[: 1 if sun is None else 2]]
        irradiances = [_map_texture(self._context, m) for m in (irradiance_map(_averaged(rest)), from_above)]
        texels = len(reflections) * small.shape[0] * small.shape[1]
        up = from_above[0].mean(axis=0)
        return Probe(reflections[0], reflections[-1], irradiances[0], irradiances[1], up, sun), texels * 16 * 4 // 3

    def _reflections(self, radiance: FloatArray) -> moderngl.Texture:
        height, width = radiance.shape[:2]
        dtype = "f2" if radiance.max() <= BRIGHTEST else "f4"
        source, result = (self._texture(radiance, dtype) for _ in range(2))
        result.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        for level, roughness in enumerate(ROUGHNESS[1:], start=1):
            size = (max(1, width >> level), max(1, height >> level))
            target = self._context.texture(size, 4, dtype=dtype)
            buffer = self._context.framebuffer([target])
            buffer.use()
            self._context.disable(moderngl.DEPTH_TEST | moderngl.BLEND | moderngl.CULL_FACE)
            assign(self._program, size=size, alpha=roughness**2, count=DIRECTIONS[level])
            bind(self._program, radiance=source)
            self._screen.render(vertices=3)
            result.write(target.read(), level=level)
            buffer.release()
            target.release()
        source.release()
        return result

    def _texture(self, radiance: FloatArray, dtype: str) -> moderngl.Texture:
        height, width = radiance.shape[:2]
        rgba = np.ones((height, width, 4), dtype)
        rgba[..., :3] = radiance
        texture = self._context.texture((width, height), 4, rgba.tobytes(), dtype=dtype)
        texture.repeat_y = False
        texture.build_mipmaps(max_level=max(len(ROUGHNESS) - 1, 0))
        texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        return texture


def _averaged(radiance: FloatArray) -> FloatArray:
    """A map that is fine enough for irradiance, which is smooth."""
    size = (IRRADIANCE_WIDTH_PX, IRRADIANCE_WIDTH_PX // 2)
    return np.asarray(cv2.resize(radiance, size, interpolation=cv2.INTER_AREA), np.float32)


def _map_texture(context: moderngl.Context, values: FloatArray) -> moderngl.Texture:
    rgba = np.ones((*values.shape[:2], 4), np.float32)
    rgba[..., :3] = values
    texture = data_texture(context, rgba)
    texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
    texture.repeat_y = False
    return texture


def lobe_albedos(size: int = 32, count: int = 256) -> FloatArray:
    """(size, size, 2) scale and bias of the reflectance at normal incidence that give a GGX lobe's albedo.

    Rows are roughness, columns the cosine to the viewer, at the middles of ``size`` steps from 0 to 1 (Karis, "Real
    shading in Unreal Engine 4", 2013, equation 8). One scattering only.
    """
    steps = (np.arange(size) + 0.5) / size
    alpha = (steps**2)[:, None, None]
    view = np.stack([np.sqrt(1 - steps**2), 0 * steps, steps], axis=-1)[None, :, None]
    u = (np.arange(count) + 0.5) / count
    around = 2 * np.pi * (np.arange(count) * 0.6180339887 % 1)
    cosine = np.sqrt((1 - u) / (1 + (alpha**2 - 1) * u))
    sine = np.sqrt(1 - cosine**2)
    middle = np.stack([sine * np.cos(around), sine * np.sin(around), cosine], axis=-1)
    vh = (middle * view).sum(axis=-1)
    nl = 2 * vh * cosine - view[..., 2]
    nv, a2 = view[..., 2], alpha**2
    masking = 2 * nv * nl / (nl * np.sqrt(nv**2 * (1 - a2) + a2) + nv * np.sqrt(nl**2 * (1 - a2) + a2))
    weight = np.where((nl > 0) & (vh > 0), masking * vh / np.maximum(cosine * nv, 1e-9), 0)
    grazing = (1 - np.clip(vh, 0, 1)) ** 5
    return np.stack([(weight * (1 - grazing)).mean(axis=-1), (weight * grazing).mean(axis=-1)], axis=-1)
