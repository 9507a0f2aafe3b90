"""Shards of WebDataset: numbered tar archives, in which files of one name but different suffixes are a sample."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cyclorama.core.errors import InputError
from cyclorama.core.pictures import IMAGE_SUFFIXES
from cyclorama.core.tars import tar_members

# A tar of another layout's pictures, val2017.tar, is no shard.
NUMBERED = re.compile(r"(?P<series>(.*[-_])?)(?P<number>\d+)\.tar(\.gz)?")
PLACES = ("*.tar", "*.tar.gz", "*/*.tar", "*/*.tar.gz")
# All before the first dot is the key, as the webdataset library has it.
MEMBER = re.compile(r"(?P<key>(.*/)?[^./]+)\.(?P<suffix>[^/]+)")


@dataclass(frozen=True)
class Entry:
    """A sample in a shard.

    Attributes:
        shard: The archive.
        key: What its files have in common.
        image: Path through the archive: SHARD/KEY.jpg.
        truth: Of the JSON, likewise.
    """

    shard: Path
    key: str
    image: Path
    truth: Path


def shards_in(root: Path) -> list[Path]:
    """The archive itself, or the numbered ones of a folder and of the folders in it, in order."""
    if root.is_file():
        return [root] if root.suffix == ".tar" else []
    return [path for place in PLACES for path in sorted(root.glob(place)) if NUMBERED.fullmatch(path.name)]


def refuse_gaps(shards: Sequence[Path]) -> None:
    """Numbers are to be without gaps.

    Raises:
        InputError: One is missing between two that are there, or is compressed.
    """
    series: dict[tuple[Path, str], dict[int, Path]] = defaultdict(dict)
    for shard in shards:
        found = NUMBERED.fullmatch(shard.name)
        if shard.suffix == ".gz":
            raise InputError(f"{shard}: is compressed, so that no sample can be found in it; unpack it with gunzip")
        if found:
            series[shard.parent, found["series"]][int(found["number"])] = shard
    for there in series.values():
        numbers = sorted(there)
        missing = sorted(set(range(numbers[0], numbers[-1])) - set(numbers))
        if missing:
            raise InputError(
                f"{there[numbers[0]].parent}: shard {missing[0]} is missing between '{there[numbers[0]].name}' and "
                f"'{there[numbers[-1]].name}'; copy it again, or renumber those that are there"
            )


def entries(shard: Path) -> list[Entry]:
    """A shard's samples, in its order.

    Raises:
        InputError: The shard can't be read, or a sample has no image or no JSON.
    """
    return [_entry(shard, key, members) for key, members in _samples(shard).items()]


def _samples(shard: Path) -> Mapping[str, Mapping[str, str]]:
    """Key -> suffix -> name of the member."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for name in tar_members(shard):
        parts = MEMBER.fullmatch(name)
        if parts:
            found[parts["key"]][parts["suffix"].lower()] = name
    return found


def _entry(shard: Path, key: str, members: Mapping[str, str]) -> Entry:
    image = next((name for suffix, name in members.items() if f".{suffix}" in IMAGE_SUFFIXES), None)
    if image is None or "json" not in members:
        raise InputError(
            f"{shard}: sample '{key}' has {', '.join(members)}; expected an image and a .json with its boxes"
        )
    return Entry(shard, key, shard / image, shard / members["json"])
