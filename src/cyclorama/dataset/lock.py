"""One writer at a time."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from cyclorama.core.errors import InputError

if sys.platform != "win32":
    import fcntl


@contextmanager
def only_writer(file: Path) -> Iterator[None]:
    """Within the block nobody else is let in with the same ``file``, which must be there and isn't changed.

    The system lets go of it when the process ends, however it ends. Where there are no locks (Windows, some network
    disks) everybody is let in.

    Raises:
        InputError: Another process is in.
    """
    with file.open("rb+") as handle:
        _lock(handle, file.parent)
        yield


def _lock(handle: IO[bytes], folder: Path) -> None:
    if sys.platform == "win32":
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise InputError(
            f"{folder}: another command is writing there; wait until it is done, or choose another folder"
        ) from error
    except OSError:
        pass  # This disk has no locks.
