"""A ground that isn't seen but for the shadow on it: what stands on it darkens the backdrop, with any engine.

The engine renders the scene with the ground in matt grey, and the ground alone. By what ratio light falls short of the
ground's own is what shadow leaves of the backdrop: the shadow is a black veil, and the picture stays light over a
backdrop (differential rendering: Debevec, "Rendering Synthetic Objects into Real Scenes", 1998).
"""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.scene import CATCHER, Environment, Instance, Scene, Surface
from cyclorama.render.color import LUMINANCE
from cyclorama.render.hidden import guessed

# As much as pavements, boards and cloths send back on average.
GREY = 0.4
# Noise of path tracing: what falls short of the light by less than this is no shadow, and finer grain is blurred.
LEAST_SHADOW, GRAIN_PX = 0.02, 0.7
# The ground alone is rendered in so many times fewer rows and columns, and in so many more around the picture.
COARSER, AROUND_PX = 2, 2
# Of a pixel that things cover less than this, the ground is known.
LEAST_COVER = 1e-3


def render_caught(scene: Scene, render: Callable[[Scene], FloatArray]) -> FloatArray:
    """(H, W, 4) float32 linear premultiplied light of a scene, a shadow being black with the share that it takes.

    Args:
        scene: May hold catchers; without one it is rendered as it is.
        render: The engine's.
    """
    grounds = tuple(_as_ground(i) for i in scene.instances if i.layer == CATCHER)
    if not grounds:
        return render(scene)
    things = tuple(i for i in scene.instances if i.layer != CATCHER)
    lit = render(replace(scene, instances=(*things, *grounds)))
    bare = _smooth_light(replace(scene, instances=grounds), render)
    # Only the things' outlines matter, and they need no light.
    dark = replace(scene, instances=things, lamps=(), environment=Environment(strength=0.0))
    return _over_shadow(lit, bare, render(dark)[..., 3:])


def _smooth_light(scene: Scene, render: Callable[[Scene], FloatArray]) -> FloatArray:
    """(H, W, 3) radiance of a scene that is smooth, from a picture with fewer pixels and some around it."""
    camera = scene.camera
    width, height = (max(1, size // COARSER) for size in (camera.width, camera.height))
    x_scale, y_scale = width / camera.width, height / camera.height
    k = np.array([[x_scale, 0, AROUND_PX], [0, y_scale, AROUND_PX], [0, 0, 1]]) @ camera.k
    coarse = replace(camera, width=width + 2 * AROUND_PX, height=height + 2 * AROUND_PX, k=k)
    light = guessed(render(replace(scene, camera=coarse)), (3,))[..., :3]
    columns = (np.arange(camera.width, dtype=np.float32) + 0.5) * x_scale + AROUND_PX - 0.5
    rows = (np.arange(camera.height, dtype=np.float32) + 0.5) * y_scale + AROUND_PX - 0.5
    x, y = np.meshgrid(columns, rows)
    return np.asarray(cv2.remap(cv2.GaussianBlur(light, (0, 0), GRAIN_PX), x, y, cv2.INTER_LINEAR))


def _as_ground(catcher: Instance) -> Instance:
    matt = Surface(base_color=(GREY, GREY, GREY), roughness=1.0, metallic=0.0, transmission=0.0)
    return replace(catcher, layer="ground", surface=matt)


def _over_shadow(lit: FloatArray, bare: FloatArray, cover: FloatArray) -> FloatArray:
    """(H, W, 4) things over the shadow on the ground.

    Args:
        lit: (H, W, 4) light of things on the ground.
        bare: (H, W, 3) radiance of the ground alone.
        cover: (H, W, 1) share of each pixel that things cover.
    """
    is_free = cover < LEAST_COVER
    is_ground = (is_free & (lit[..., 3:] > 0.5)).astype(np.float32)
    left = np.where(bare > 0, lit[..., :3] / np.maximum(lit[..., 3:] * bare, 1e-12), 1) * is_ground
    known = np.concatenate([left, is_ground], axis=-1).astype(np.float32)
    share = np.clip(lit[..., 3:] - cover, 0, 1)
    # Along the things' outlines the ground's light is its neighbours'.
    front = np.maximum(lit[..., :3] - share * guessed(known, (3,))[..., :3] * bare, 0) * ~is_free
    return np.concatenate([front, np.clip(cover + share * _shadow(known, bare), 0, 1)], axis=-1).astype(np.float32)


def _shadow(known: FloatArray, bare: FloatArray) -> FloatArray:
    """(H, W, 1) share of the ground's ``bare`` light that is missing.

    Args:
        known: (H, W, 4) premultiplied: what is left of it, and where that is known.
        bare: (H, W, 3).
    """
    smooth = np.asarray(cv2.GaussianBlur(known, (0, 0), GRAIN_PX), np.float32)
    light = bare @ LUMINANCE
    left = (guessed(smooth / np.maximum(smooth[..., 3:].max(), 1e-6), (3,))[..., :3] * bare) @ LUMINANCE
    missing = 1 - np.where(light > 0, left / np.maximum(light, 1e-12), 1)
    return np.clip((missing - LEAST_SHADOW) / (1 - LEAST_SHADOW), 0, 1)[..., None]
