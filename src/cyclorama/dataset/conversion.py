"""A dataset in another tool's layout: whole, or not there."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from cyclorama.core.errors import InputError, did_you_mean
from cyclorama.core.plugins import plugins
from cyclorama.core.progress import Progress, silent
from cyclorama.dataset.format import WritableFormat
from cyclorama.dataset.reading import FORMATS, read_dataset


@dataclass(frozen=True)
class Conversion:
    """What was written.

    Attributes:
        images: Images.
        left_out: Objects that the layout can't hold: those without a visible pixel and, where it has no
            way to say "ignore this", those flagged as ignored.
    """

    images: int
    left_out: int


def convert(root: Path, to: str, out: Path, *, progress: Progress = silent) -> Conversion:
    """Write the dataset in ``root`` in the layout ``to`` into the new folder ``out``.

    It is written under a temporary name and renamed at the end, so that ``out`` is whole or not there.

    Raises:
        InputError: The layout is unknown or can't be written, ``out`` is not empty, or the dataset is broken.
    """
    kinds = plugins(FORMATS)
    kind, writable = kinds.get(to), [name for name, k in kinds.items() if isinstance(k, WritableFormat)]
    if kind is None:
        raise InputError(f"no format '{to}'.{did_you_mean(to, writable)}")
    if not isinstance(kind, WritableFormat):
        raise InputError(f"'{to}' can be read but not written; expected one of: {', '.join(writable)}")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"{out}: is not empty; choose another folder")
    dataset = read_dataset(root)
    if not len(dataset.samples):
        raise InputError(f"{root}: holds no images")
    place = out.resolve()  # "." has no name.
    temporary = place.with_name(f"{place.name}.unfinished")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        left_out = kind.write(dataset, temporary, progress=progress)
        if place.exists():
            place.rmdir()
        temporary.rename(place)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return Conversion(len(dataset.samples), left_out)
