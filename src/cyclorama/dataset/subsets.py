"""The parts of a dataset that a layout keeps in folders of their own."""

import re
from collections.abc import Iterator

from cyclorama.core.errors import InputError
from cyclorama.core.progress import Progress
from cyclorama.core.sample import Dataset, Sample

SPLIT_NAMES = {"train": "train", "valid": "val", "val": "val", "validation": "val", "test": "test"}


def split_named(text: str) -> str | None:
    """The split of which a file's or folder's name tells: "instances_val2017" is "val"."""
    words = re.findall(r"[a-z]+", text.lower())
    return next((SPLIT_NAMES[word] for word in words if word in SPLIT_NAMES), None)


def subsets(dataset: Dataset, *, whole: str) -> dict[str, tuple[int, ...]]:
    """Splits that have members, or all samples under the name ``whole``; what no split has is under it too."""
    parts = {name: members for name, members in dataset.splits.items() if members}
    spoken_for = {i for members in parts.values() for i in members}
    rest = tuple(i for i in range(len(dataset.samples)) if i not in spoken_for)
    return parts | ({whole: (*parts.get(whole, ()), *rest)} if rest else {})


def each_sample(
    dataset: Dataset, parts: dict[str, tuple[int, ...]], progress: Progress
) -> Iterator[tuple[str, Sample]]:
    """(name of the part, sample) for all parts, telling ``progress``.

    Raises:
        InputError: Two samples would have the same file.
    """
    total = sum(len(members) for members in parts.values())
    done = 0
    owners: dict[str, int] = {}
    for name, members in parts.items():
        for i in members:
            sample = dataset.samples[i]
            if owners.setdefault(flat_id(sample), i) != i:
                raise InputError(
                    f"{dataset.root}: two images have the id '{sample.id}'; rename one, or name one annotation file"
                )
            yield name, sample
            done += 1
            progress(done, total)


def file_name(sample: Sample) -> str:
    """A flat name for the sample's image, unique in its dataset."""
    return flat_id(sample) + sample.image.suffix.lower()


def flat_id(sample: Sample) -> str:
    """The sample's id as the name of a file."""
    return sample.id.replace("/", "__")
