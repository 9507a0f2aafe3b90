"""A scene becomes a frame."""

from cyclorama.core.arrays import FloatArray
from cyclorama.core.frame import Frame
from cyclorama.core.library import Library
from cyclorama.core.scene import Scene
from cyclorama.render.detail import leveled
from cyclorama.render.develop import develop
from cyclorama.render.geometry import Caster
from cyclorama.render.renderer import Renderer


def render_frame(scene: Scene, renderer: Renderer, caster: Caster, library: Library) -> Frame:
    """Picture and geometry of ``scene``; picture by the engine, geometry by rays, both of the same triangles.

    Args:
        scene: What to show; it is the frame's scene, whatever level of detail its distractors are shown in.
        renderer: Gives the light; one per process.
        caster: Gives the geometry and keeps its hierarchies; one per process.
        library: Holds what the scene names.
    """
    return developed_frame(scene, rendered_light(scene, renderer, library), caster, library)


def rendered_light(scene: Scene, renderer: Renderer, library: Library) -> FloatArray:
    """(H, W, 4) light of ``scene``, as engines give it."""
    return renderer.render(leveled(scene, library))


def developed_frame(scene: Scene, light: FloatArray, caster: Caster, library: Library) -> Frame:
    """Picture and geometry of ``scene`` from the light that ``rendered_light`` gave; needs no engine."""
    return Frame(scene, develop(scene, light, library), caster.cast(leveled(scene, library)))
