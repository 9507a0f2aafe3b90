"""What a user points at: pictures, videos, cameras, folders, patterns, lists and addresses."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from cyclorama.core.arrays import ByteArray
from cyclorama.core.errors import InputError
from cyclorama.core.pictures import DAMAGED
from cyclorama.dataset.pictures import is_picture, load_picture, pictures_in
from cyclorama.detect.fetching import fetched, is_address, name_of

VIDEO_SUFFIXES = (".mp4", ".avi", ".mov", ".mkv", ".webm")
LIST_SUFFIX = ".txt"
CAMERA = "webcam:"
# What makes a pattern of a path.
MAGIC = frozenset("*?[")


@dataclass(frozen=True)
class Source:
    """One picture, video or camera.

    Attributes:
        place: Path, address or ``webcam:0``.
        kind: "picture", "video" or "camera".
    """

    place: str
    kind: str = "picture"

    @property
    def name(self) -> str:
        """Of the file."""
        return name_of(self.place) if is_address(self.place) else Path(self.place).name

    def load(self) -> ByteArray:
        """(H, W, 3) pixels of a picture, turned as EXIF says.

        Raises:
            InputError: It is missing, damaged, or can't be reached.
        """
        with warnings.catch_warnings():
            # What the user points at is no attack; Pillow refuses from 180 megapixels on.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return _downloaded(self.place) if is_address(self.place) else load_picture(Path(self.place))


def sources(places: Sequence[str]) -> tuple[Source, ...]:
    """Everything at some places, in the order given; what is in a folder sorted by name.

    Args:
        places: Images, videos, folders, patterns with ``*``, .txt files with a place on each line, http addresses,
            ``webcam:0``.

    Raises:
        InputError: A place that is missing or holds none.
    """
    return tuple(source for place in places for source in _at(place))


def _at(place: str) -> Iterator[Source]:
    path = Path(place)
    if is_address(place):
        if Path(name_of(place)).suffix.lower() in VIDEO_SUFFIXES:
            raise InputError(f"{place}: videos are read from files; fetch it yourself and name the file")
        yield Source(place)
    elif place.startswith(CAMERA):
        if not place.removeprefix(CAMERA).isdecimal():
            raise InputError(f"{place}: expected the camera's number, as in {CAMERA}0")
        yield Source(place, "camera")
    elif path.is_dir():
        yield from _in_folder(path)
    elif path.is_file():
        yield from _listed(path) if path.suffix.lower() == LIST_SUFFIX else [_file(path)]
    elif MAGIC & set(place):
        yield from _matching(place)
    else:
        raise InputError(f"no image '{place}'")


def _in_folder(folder: Path) -> list[Source]:
    videos = [p for p in folder.rglob("*") if _is_video(p) and not p.name.startswith(".")]
    found = sorted([*pictures_in(folder), *videos])
    if not found:
        raise InputError(f"{folder}: holds no images (.jpg, .png, .webp, ...) and no videos (.mp4, ...)")
    return [_file(path) for path in found]


def _matching(pattern: str) -> list[Source]:
    root = Path(pattern).anchor
    paths = sorted(Path(root or ".").glob(pattern.removeprefix(root)))
    found = [_file(path) for path in paths if path.is_file() and (is_picture(path) or _is_video(path))]
    if not found and any(path.is_dir() for path in paths):
        raise InputError(f"{pattern}: only folders are called so; name a folder, or what is in it: '{pattern}/*'")
    if not found:
        raise InputError(f"{pattern}: no image or video is called so; is the pattern right, and in quotes?")
    return found


def _listed(path: Path) -> Iterator[Source]:
    """Of a file with a place on each line; paths are relative to the file, lines with # say nothing."""
    try:
        lines = [line.strip() for line in path.read_text("utf-8-sig").splitlines()]
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is no text; expected a path or an address on each line") from error
    entries = [(number, line) for number, line in enumerate(lines, 1) if line and not line.startswith("#")]
    if not entries:
        raise InputError(f"{path}: lists nothing; expected a path or an address on each line")
    for number, line in entries:
        if line.lower().endswith(LIST_SUFFIX):
            raise InputError(f"{path}:{number}: lists can't hold lists; name '{line}' beside this one")
        try:
            yield from _at(line if is_address(line) or line.startswith(CAMERA) else str(path.parent / line))
        except InputError as error:
            raise InputError(f"{path}:{number}: {error}") from error


def _file(path: Path) -> Source:
    if _is_video(path):
        return Source(str(path), "video")
    if not is_picture(path):
        raise InputError(
            f"{path}: is no image; expected .jpg, .png, .webp, ..., a video (.mp4, ...) or a list of them (.txt)"
        )
    return Source(str(path))


def _is_video(path: Path) -> bool:
    return path.suffix.lower() in VIDEO_SUFFIXES


def _downloaded(address: str) -> ByteArray:
    try:
        with Image.open(BytesIO(fetched(address))) as image:
            return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    except InputError:
        raise
    except (*DAMAGED, Image.DecompressionBombError) as error:
        raise InputError(f"{address}: is no image that can be decoded ({error})") from error
