"""Image files of datasets: found by name, measured without decoding, turned as their boxes were drawn."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import ImageOps

from cyclorama.core.arrays import ByteArray
from cyclorama.core.errors import InputError
from cyclorama.core.pictures import DAMAGED, IMAGE_SUFFIXES, opened_picture

EXIF_ORIENTATION = 0x0112
QUARTER_TURNS = (5, 6, 7, 8)


def is_picture(path: Path) -> bool:
    """Whether the name is that of an image file."""
    return path.suffix.lower() in IMAGE_SUFFIXES


def pictures_in(folder: Path) -> list[Path]:
    """All image files under a folder, sorted."""
    return sorted(p for p in folder.rglob("*") if is_picture(p) and not p.name.startswith("."))


def first_file(places: Iterable[Path]) -> Path | None:
    """The first of several paths that is a file."""
    return next((p for p in places if p.is_file()), None)


def picture_size(path: Path) -> tuple[int, int]:
    """Width and height as a viewer shows it (turned as EXIF says), from the file's head.

    Raises:
        InputError: The file is missing or no image.
    """
    with opened_picture(path) as image:
        try:
            turned = image.getexif().get(EXIF_ORIENTATION) in QUARTER_TURNS
        except DAMAGED as error:
            raise InputError(f"{path}: its EXIF data can't be read ({error}); remove them") from error
        width, height = image.size
        return (height, width) if turned else (width, height)


def load_picture(path: Path, *, size: tuple[int, int] | None = None) -> ByteArray:
    """(H, W, 3) uint8 sRGB, turned as EXIF says unless only the unturned picture has the annotated size.

    Args:
        path: File.
        size: Width and height in which the boxes were drawn.

    Raises:
        InputError: The file is missing, damaged, or has another size than its annotation says.
    """
    with opened_picture(path) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
        if size and upright.size != size and image.size == size:
            upright = image.convert("RGB")
    if size and upright.size != size:
        found, expected = ("{}x{}".format(*s) for s in (upright.size, size))
        raise InputError(f"{path}: is {found} pixels, but its annotation says {expected}")
    return np.asarray(upright)
