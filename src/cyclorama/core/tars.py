"""Files inside tar archives, read at any place: ``cups-000000.tar/0000012.png`` names a member of an archive."""

import io
import tarfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import IO

from cyclorama.core.errors import InputError

SUFFIX = ".tar"
BLOCK = 512
# Indexes of so many archives are kept: 300 bytes for each member.
KEPT = 4096

# Where a member's content begins in the archive, and how many bytes it has.
Span = tuple[int, int]


def tar_members(tar: Path) -> Mapping[str, Span]:
    """Where the files of an archive lie in it, in its order; its headers are read once, and again if it changes.

    Raises:
        InputError: The archive is missing, damaged, compressed or cut off.
    """
    try:
        state = tar.stat()
    except FileNotFoundError:
        raise InputError(f"no archive '{tar}'") from None
    return _members(tar, (state.st_size, state.st_mtime_ns))


@lru_cache(KEPT)
def _members(tar: Path, _state: tuple[int, int]) -> Mapping[str, Span]:
    spans: dict[str, Span] = {}
    with tar.open("rb") as file:
        try:
            with tarfile.open(fileobj=file, mode="r:") as archive:
                for member in archive:
                    if member.isfile():
                        spans[member.name.removeprefix("./")] = member.offset_data, member.size
                end = archive.offset
        except (tarfile.TarError, OSError) as error:
            raise InputError(f"{tar}: {_whence(spans)}; copy it again ({error})") from error
        file.seek(end)
        # tarfile takes a header that is damaged, or not there, for the end.
        if file.read(BLOCK) != bytes(BLOCK):
            raise InputError(f"{tar}: {_whence(spans)}; copy it again")
    return spans


def _whence(spans: Mapping[str, Span]) -> str:
    if spans:
        return f"is cut off or damaged in or behind '{list(spans)[-1]}'"
    return "is no tar archive, or a compressed one"


def tar_of(path: Path) -> Path | None:
    """The archive in which a path names a member; None where it names a file of its own."""
    return next((p for p in path.parents if p.suffix == SUFFIX and p.is_file()), None)


def file_content(path: Path) -> bytes:
    """What a file holds, or a member of an archive.

    Raises:
        FileNotFoundError: There is none.
        InputError: Its archive can't be read.
    """
    tar = tar_of(path)
    if tar is None:
        return path.read_bytes()
    span = tar_members(tar).get(path.relative_to(tar).as_posix())
    if span is None:
        raise FileNotFoundError(path)
    with tar.open("rb") as file:
        file.seek(span[0])
        return file.read(span[1])


def readable(path: Path) -> Path | IO[bytes]:
    """What a reader of files can open: the path itself, or a member's content."""
    return path if tar_of(path) is None else io.BytesIO(file_content(path))
