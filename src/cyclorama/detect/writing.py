"""A full disk or a folder without permission is the user's to mend, and said in one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cyclorama.core.errors import InputError


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Within the block the folder is written.

    Raises:
        InputError: It can't be.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"{folder}: can't be written ({reason}); make room or choose another folder") from error
