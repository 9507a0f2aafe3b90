"""A scene becomes a frame."""

from cyclorama.core.frame import Frame
from cyclorama.core.library import Library
from cyclorama.core.scene import Scene
from cyclorama.render.develop import develop
from cyclorama.render.geometry import Caster
from cyclorama.render.renderer import Renderer


def render_frame(scene: Scene, renderer: Renderer, caster: Caster, library: Library) -> Frame:
    """Picture and geometry of ``scene``; picture by the engine, geometry by rays.

    Args:
        scene: What to show.
        renderer: Gives the light; one per process.
        caster: Gives the geometry and keeps its hierarchies; one per process.
        library: Holds what the scene names.
    """
    return Frame(scene, develop(scene, renderer.render(scene), library), caster.cast(scene))
