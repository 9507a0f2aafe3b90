"""What every engine can do."""

from typing import ClassVar, Protocol

from cyclorama.core.arrays import FloatArray
from cyclorama.core.library import Library
from cyclorama.core.render import RenderSettings
from cyclorama.core.scene import Scene


class Renderer(Protocol):
    """Light of a scene; a file of ``render/engines`` holds one. Use one per process.

    Attributes:
        cores_per_worker: Cores that one process makes good use of: so many fewer processes there are by default.
    """

    cores_per_worker: ClassVar[int]

    def __init__(self, library: Library, settings: RenderSettings) -> None: ...

    def render(self, scene: Scene) -> FloatArray:
        """(H, W, 4) float32 linear premultiplied RGBA; alpha is 0 where the camera hits nothing.

        The camera does not distort: ``render.lens`` bends the light of every engine alike. The backdrop is left out:
        ``develop`` composites it.
        """

    def has_depth_of_field(self, scene: Scene) -> bool:
        """Whether the light that it renders of this scene is blurred where the camera has it out of focus.

        Else that is done afterwards, from the geometry's depth.
        """

    def close(self) -> None:
        """Release what the engine holds."""
