"""Train, val and test: by scene, repeatable, without copying a file."""

from collections.abc import Mapping
from pathlib import Path
from zlib import crc32

import numpy as np

from cyclorama.core.errors import InputError
from cyclorama.core.sample import Dataset
from cyclorama.dataset.files import write_json
from cyclorama.dataset.reading import SPLITS_FILE, read_dataset


def split(root: Path, shares: Mapping[str, float], *, seed: int = 0) -> dict[str, list[str]]:
    """Divide a dataset's scenes at random and write ``splits.json`` beside it.

    Args:
        root: The dataset's folder.
        shares: Name of the split -> share of the scenes; adds up to 1.
        seed: Another seed, another division.

    Returns:
        Name of the split -> ids of its samples. Samples of one group stay together.

    Raises:
        InputError: The dataset can't be read, or has fewer scenes than splits.
    """
    dataset = read_dataset(root)
    groups = _groups(dataset)
    wanted = {name: share for name, share in shares.items() if share > 0}
    if len(groups) < len(wanted):
        raise InputError(f"{root}: has {len(groups)} scenes, too few for {len(wanted)} splits")
    order = np.random.default_rng((seed, crc32(b"split"))).permutation(len(groups))
    keys = sorted(groups)
    members: dict[str, list[str]] = {name: [] for name in shares}
    members |= {
        name: sorted(id for i in order[begin:end] for id in groups[keys[i]])
        for name, (begin, end) in _ranges(len(groups), wanted).items()
    }
    write_json(dataset.root / SPLITS_FILE, {"seed": seed, "shares": dict(shares), "splits": members})
    return members


def _groups(dataset: Dataset) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for sample in dataset.samples:
        groups.setdefault(sample.group or f"sample {sample.id}", []).append(sample.id)
    return groups


def _ranges(count: int, shares: Mapping[str, float]) -> dict[str, tuple[int, int]]:
    """Consecutive ranges of 0..count in the given shares by largest remainder, none of them empty."""
    sizes = {name: int(share * count) for name, share in shares.items()}
    by_remainder = sorted(shares, key=lambda name: sizes[name] - shares[name] * count)
    for name in by_remainder[: count - sum(sizes.values())]:
        sizes[name] += 1
    for name in [name for name, size in sizes.items() if size == 0]:
        sizes[max(sizes, key=lambda n: sizes[n])] -= 1
        sizes[name] = 1
    ends = np.cumsum(list(sizes.values()))
    return {name: (int(end) - sizes[name], int(end)) for name, end in zip(sizes, ends, strict=True)}
