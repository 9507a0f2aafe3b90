"""What every object label can do."""

from typing import Any, Protocol, Self

from cyclorama.core.frame import Frame
from cyclorama.core.scene import Instance


class Label(Protocol):
    """A fact about one object in one image; a file of ``label/objects`` holds one."""

    @classmethod
    def measure(cls, frame: Frame, instance: Instance) -> Self | None:
        """The label of ``instance`` in ``frame``; None where it has none (nothing of it is visible)."""

    def to_plain(self) -> Any:
        """JSON-able value."""

    @classmethod
    def from_plain(cls, value: Any) -> Self:
        """The label that ``to_plain`` wrote."""
