"""Files that are there whole or not at all."""

import json
import os
from pathlib import Path
from typing import Any

from cyclorama.core.errors import InputError
from cyclorama.core.tars import file_content

TEMPORARY = ".tmp"


def write_bytes(path: Path, content: bytes) -> None:
    """Write under a temporary name, then rename: a reader never sees half a file, not after a power cut either."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + TEMPORARY)
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # Or the new name may reach the disk before the content.
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """As ``write_bytes``; numbers keep every digit."""
    write_bytes(path, as_json(value))


def as_json(value: Any) -> bytes:
    """A file's content, without blanks."""
    return (json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def link_or_copy(source: Path, target: Path) -> None:
    """A second name for a file where the file system can, a copy where not; of a tar archive's member a copy.

    Raises:
        InputError: ``target`` is there with another content.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    # What is there may be a second name of a file of the user's: never write into it.
    if target.exists():
        if target.read_bytes() != file_content(source):
            raise InputError(f"{source}: another image of the dataset is named '{target.name}' too; rename one of them")
        return
    try:
        os.link(source.resolve(), target)
    except OSError:
        target.write_bytes(file_content(source))


def read_json(path: Path) -> Any:
    """A JSON file's value.

    Raises:
        InputError: It is missing or damaged.
    """
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise InputError(f"no file '{path}'") from None
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: is not JSON ({error})") from error
