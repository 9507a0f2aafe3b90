"""The images that a run learned from, and those that chose its checkpoint: noted by training, asked by judging."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cyclorama.core.errors import InputError
from cyclorama.core.plain import from_plain, to_plain
from cyclorama.core.tars import file_content, tar_of
from cyclorama.dataset.files import read_json, write_json
from cyclorama.detect.results import Seen
from cyclorama.detect.weights import HUB, NONE
from cyclorama.detect.writing import writing

SEEN = "seen.json"
# Of a file, so much of its end is looked at: compressed pictures differ there.
END_BYTES = 4096


@dataclass(frozen=True)
class Marks:
    """What tells the images that a run has seen from others.

    Attributes:
        trained_on: Of those that it learned from, with labels or without.
        chosen_by: Of those that chose its best checkpoint.
    """

    trained_on: tuple[str, ...] = ()
    chosen_by: tuple[str, ...] = ()


def mark(picture: Path) -> str:
    """What a picture's file is known by wherever it lies and whatever it is called: its size and its end.

    Raises:
        OSError: It can't be read.
        InputError: Its archive can't be read.
    """
    if tar_of(picture) is not None:
        content = file_content(picture)
        size, end = len(content), content[-END_BYTES:]
    else:
        with picture.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - END_BYTES))
            end = file.read()
    return f"{size:x}-{hashlib.sha256(end).hexdigest()[:16]}"


def note_seen(run: Path, trained_on: Iterable[Path], chosen_by: Iterable[Path], *, weights: str) -> None:
    """Note what a run sees, besides what it, or the run that its weights come from, saw before.

    Args:
        run: Its folder.
        trained_on: Pictures that it learns from; those that can't be read are left out.
        chosen_by: Pictures that choose its best checkpoint.
        weights: That it begins with, as its settings name them.

    Raises:
        InputError: The folder can't be written.
    """
    known = [found for folder in (run, *_folders(weights)) if (found := _read(folder))]
    now = Marks(
        tuple(sorted(_marks(trained_on).union(*(found.trained_on for found in known)))),
        tuple(sorted(_marks(chosen_by).union(*(found.chosen_by for found in known)))),
    )
    if now == _read(run):
        return
    with writing(run):
        write_json(run / SEEN, to_plain(now))


def seen_by(run: Path, pictures: Sequence[Path]) -> Seen | None:
    """How many of the pictures a run has seen; None if it doesn't tell, as those of earlier versions.

    Raises:
        InputError: What it tells is damaged.
    """
    known = _read(run)
    if known is None:
        return None
    trained_on, chosen_by = set(known.trained_on), set(known.chosen_by)
    marks = [found for picture in pictures for found in _marks([picture])]
    learned = sum(found in trained_on for found in marks)
    return Seen(learned, sum(found in chosen_by - trained_on for found in marks))


def _marks(pictures: Iterable[Path]) -> set[str]:
    """Of those that can be read; of the others whoever needs them tells."""
    found = set()
    for picture in pictures:
        try:
            found.add(mark(picture))
        except (OSError, InputError):
            continue
    return found


def _folders(weights: str) -> tuple[Path, ...]:
    """Where the run would be whose weights they are."""
    path = Path(weights)
    return () if weights in (HUB, NONE) else (path if path.is_dir() else path.parent,)


def _read(run: Path) -> Marks | None:
    if not (run / SEEN).is_file():
        return None
    try:
        return from_plain(Marks, read_json(run / SEEN))
    except (TypeError, KeyError, AttributeError) as error:
        raise InputError(f"{run / SEEN}: is damaged ({error!r}); copy it again, or delete it") from error
