"""A scene becomes a frame."""

from dataclasses import dataclass, replace

from cyclorama.core.arrays import FloatArray
from cyclorama.core.frame import Frame
from cyclorama.core.library import Library
from cyclorama.core.scene import CATCHER, Scene
from cyclorama.render.catcher import render_caught
from cyclorama.render.detail import leveled
from cyclorama.render.develop import develop
from cyclorama.render.focus import focused
from cyclorama.render.geometry import Caster
from cyclorama.render.lens import bent, pinhole
from cyclorama.render.meter import metered_gain
from cyclorama.render.motion import smeared
from cyclorama.render.renderer import Renderer


@dataclass(frozen=True, eq=False)
class Light:
    """What an engine gives of a scene, through the camera's lens.

    Attributes:
        rgba: (H, W, 4) float32 linear premultiplied; the backdrop is left out.
        is_focused: Whether what is out of focus is blurred, as far as it is to be.
    """

    rgba: FloatArray
    is_focused: bool


def render_frame(scene: Scene, renderer: Renderer, caster: Caster, library: Library) -> Frame:
    """Picture and geometry of ``scene``; picture by the engine, geometry by rays, both of the same triangles.

    Args:
        scene: What to show; it is the frame's scene, whatever level of detail its distractors are shown in.
        renderer: Gives the light; one per process.
        caster: Gives the geometry and keeps its hierarchies; one per process.
        library: Holds what the scene names.
    """
    return developed_frame(scene, rendered_light(scene, renderer, library), caster, library)


def rendered_light(scene: Scene, renderer: Renderer, library: Library) -> Light:
    """Light of ``scene`` through its camera's lens; the engine is shown a camera that does not distort.

    Raises:
        InputError: The lens distorts too much for that.
    """
    straight = pinhole(scene.camera)
    rgba = render_caught(replace(leveled(scene, library), camera=straight), renderer.render)
    is_focused = scene.camera.aperture_m == 0 or renderer.has_depth_of_field(scene)
    return Light(bent(rgba, scene.camera, straight), is_focused)


def developed_frame(scene: Scene, light: Light, caster: Caster, library: Library) -> Frame:
    """Picture and geometry of ``scene`` from the light that ``rendered_light`` gave; needs no engine."""
    shown = leveled(scene, library)
    geometry = caster.cast(shown)
    depth_m = geometry.depth_m
    if scene.camera.is_moving or not light.is_focused:
        depth_m = _depth_of_shadows_m(shown, caster, depth_m)
    rgba = light.rgba if light.is_focused else focused(light.rgba, depth_m, scene.camera)
    rgba = smeared(rgba, depth_m, scene.camera, scene.sensor.exposure_s)
    picture = develop(scene, rgba, library, gain=metered_gain(scene, caster, library))
    return Frame(scene, picture, geometry)


def _depth_of_shadows_m(scene: Scene, caster: Caster, depth_m: FloatArray) -> FloatArray:
    """(H, W) depth of what is seen, caught shadows with it, of a scene's own ``depth_m``."""
    if all(i.layer != CATCHER for i in scene.instances):
        return depth_m
    solid = tuple(replace(i, layer="ground") if i.layer == CATCHER else i for i in scene.instances)
    return caster.cast(replace(scene, instances=solid)).depth_m
