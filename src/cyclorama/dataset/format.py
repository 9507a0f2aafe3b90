"""What a layout on disk can do."""

from pathlib import Path
from typing import Protocol, runtime_checkable

from cyclorama.core.progress import Progress
from cyclorama.core.sample import Dataset


class Format(Protocol):
    """A layout that we read; a file of ``dataset/formats`` holds one."""

    @staticmethod
    def recognises(root: Path) -> bool:
        """Whether ``root``, a folder or a file, looks like this layout; looks at names, reads little."""

    @staticmethod
    def read(root: Path) -> Dataset:
        """The dataset; samples are read when asked for.

        Raises:
            InputError: The layout is broken: what, where, what was expected.
        """


@runtime_checkable
class WritableFormat(Format, Protocol):
    """A layout that we write too."""

    @staticmethod
    def write(dataset: Dataset, folder: Path, *, progress: Progress) -> int:
        """Write into the empty ``folder``; images are linked where the file system can.

        Args:
            dataset: What to write; each sample goes to its split, and to "all" or "train" where there is none.
            folder: Exists and is empty.
            progress: Is told (done, total).

        Returns:
            Objects that the layout can't hold and that were left out.
        """
