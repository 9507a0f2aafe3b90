"""Where results go, looked at before any work is done for them."""

import os
from pathlib import Path

from cyclorama.core.errors import InputError

PICTURES = (".jpg", ".jpeg", ".png")


def output_folder(path: Path) -> Path:
    """``path``, if it is a folder that can be written, or can become one; makes nothing.

    Raises:
        InputError: A file is in the way, or the place is read-only.
    """
    there = next(p for p in (path, *path.absolute().parents) if os.path.lexists(p))
    if not there.is_dir():
        raise InputError(f"{path}: can't be a folder, because '{there}' is a file; choose another folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise InputError(f"{path}: can't be written, '{there}' is read-only; choose another folder")
    return path


def output_picture(path: Path) -> Path:
    """``path``, if a picture can be written there, of the kind that its name says; makes its folder.

    Raises:
        InputError: As ``output_file``, or the name is no picture's.
    """
    if path.suffix.lower() not in PICTURES and not path.is_dir():
        raise InputError(f"{path}: expected a name that ends in {' or '.join(PICTURES)}")
    return output_file(path)


def output_file(path: Path) -> Path:
    """``path``, if a file can be written there; makes its folder.

    Raises:
        InputError: A folder or a file is in the way, or the place is read-only.
    """
    if path.is_dir():
        raise InputError(f"{path}: is a folder; name a file in it")
    output_folder(path.parent).mkdir(parents=True, exist_ok=True)
    return path
