"""WebDataset's shards (https://github.com/webdataset/webdataset): tar archives that are read as a stream."""

import io
import json
import tarfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from cyclorama.core.errors import InputError
from cyclorama.core.progress import Progress
from cyclorama.core.sample import Annotation, Dataset, Deferred, Sample
from cyclorama.core.tars import file_content
from cyclorama.dataset.files import as_json
from cyclorama.dataset.keypoints import flat_keypoints, keypoints_from_flat
from cyclorama.dataset.lazy import LazySamples
from cyclorama.dataset.pictures import load_picture, picture_size
from cyclorama.dataset.shards import Entry, entries, refuse_gaps, shards_in
from cyclorama.dataset.shards_header import HEADER, ShardsHeader, write_header
from cyclorama.dataset.store import encoded_image
from cyclorama.dataset.subsets import each_sample, flat_id, split_named, subsets
from cyclorama.label.objects.amodal_box import AmodalBox
from cyclorama.label.objects.box import Box
from cyclorama.label.objects.keypoints import Keypoints
from cyclorama.label.objects.mask import Mask, mask_from_segmentation
from cyclorama.label.objects.visibility import Visibility

PER_SHARD = 1000
# What the webdataset library decodes; other images are written as PNG.
KNOWN = (".jpg", ".jpeg", ".png")


class Webdataset:
    """SPLIT-000000.tar, ... of KEY.jpg or .png and KEY.json, 1,000 samples each; webdataset.json tells what all share.

    KEY.json: ``width``, ``height``, ``group`` (the scene), and ``annotations`` of ``category``, ``instance_id``,
    ``xyxy`` (pixels, x1 and y1 exclusive), ``ignored`` (why the object counts neither way, or null) and, where known,
    ``segmentation`` (COCO's run lengths), ``amodal_xyxy``, ``visibility``, ``visible_fraction``, ``area`` and
    ``keypoints`` (x, y, v of each in turn, as COCO's), whose names are in the header's ``keypoints``, by category.

    Shards of others are read where KEY.json has such ``annotations``, with COCO's ``bbox`` (x, y, width, height) in
    place of ``xyxy`` if they like, and ``category_id`` in place of ``category`` if a webdataset.json beside the shards
    has ``categories`` of ``id`` and ``name``, as COCO's. A shard named after a split, or in a folder that is, is of it.
    """

    @staticmethod
    def recognises(root: Path) -> bool:
        """By its header, by numbered archives, or as one archive."""
        return (root / HEADER).is_file() or bool(shards_in(root))

    @staticmethod
    def read(root: Path) -> Dataset:
        """All samples of all shards, or of the one that is named; ids are the keys, with the split before them."""
        folder = root if root.is_dir() else root.parent
        header = ShardsHeader.read(folder)
        shards = [root] if root.is_file() else list(header.shards) or shards_in(folder)
        refuse_gaps(shards)
        splits = {shard: _split(folder, shard, header) for shard in shards}
        keys = [entry for shard in shards for entry in _whole(shard, header)]
        ids = _ids(keys, splits)
        members = {s: tuple(i for i, e in enumerate(keys) if splits[e.shard] == s) for s in splits.values() if s}
        names = tuple(header.names.values()) or _names(folder, keys, header)
        samples = LazySamples([*zip(keys, ids, strict=True)], partial(_sample, header), lambda pair: pair[1])
        return Dataset(names, samples, folder, "webdataset", members, header.provenance, header.skeletons)

    @staticmethod
    def write(dataset: Dataset, folder: Path, *, progress: Progress) -> int:
        """An image's bytes stay as they are; a sample's two files follow each other, as readers of streams need it."""
        parts = subsets(dataset, whole="all")
        left_out, shards = 0, []
        numbered = _numbered(dataset, each_sample(dataset, parts, progress))
        for (part, file), group in groupby(numbered, key=lambda item: item[0]):
            with tarfile.open(folder / file, "w") as tar:
                samples = [_add(tar, sample) for _, sample in group]
            shards.append({"file": file, "split": part if part in dataset.splits else None, "samples": len(samples)})
            left_out += sum(samples)
        write_header(dataset, shards, folder)
        return left_out


def _split(folder: Path, shard: Path, header: ShardsHeader) -> str | None:
    if shard in header.shards:
        return header.shards[shard][0]
    return split_named(shard.relative_to(folder).as_posix())


def _whole(shard: Path, header: ShardsHeader) -> list[Entry]:
    """A shard's samples, as many as there were when it was written."""
    if shard in header.shards and not shard.is_file():
        raise InputError(f"{shard}: is missing, one of the {len(header.shards)} shards in {HEADER}; copy it again")
    found = entries(shard)
    _, expected = header.shards.get(shard, (None, len(found)))
    if len(found) != expected:
        raise InputError(f"{shard}: holds {len(found)} samples, not the {expected} that {HEADER} tells; copy it again")
    return found


def _ids(keys: Sequence[Entry], splits: Mapping[Path, str | None]) -> list[str]:
    """Split and key; where others number each shard from 0, the shard's name stands between them."""
    short = [_id(splits[e.shard], e.key) for e in keys]
    return short if len(set(short)) == len(short) else [_id(splits[e.shard], e.shard.stem, e.key) for e in keys]


def _id(*parts: str | None) -> str:
    return "/".join(part for part in parts if part)


def _names(folder: Path, keys: Sequence[Entry], header: ShardsHeader) -> tuple[str, ...]:
    """Every category that occurs, by name."""
    names = {_category(e, a, header) for e in keys for a in _truth(e)["annotations"]}
    if not names:
        raise InputError(f"{folder}: no sample has an annotation; expected categories in them or in {HEADER}")
    return tuple(sorted(names))


def _truth(entry: Entry) -> dict[str, Any]:
    try:
        plain = json.loads(file_content(entry.truth))
    except ValueError as error:
        raise InputError(f"{entry.truth}: is not JSON ({error})") from error
    found = plain.get("annotations") if isinstance(plain, dict) else None
    if not isinstance(found, list) or not all(isinstance(a, dict) for a in found):
        raise InputError(f"{entry.truth}: has no list 'annotations'; expected one of 'category' and 'xyxy' or 'bbox'")
    return plain


def _category(entry: Entry, plain: Mapping[str, Any], header: ShardsHeader) -> str:
    if isinstance(plain.get("category"), str):
        return plain["category"]
    number = plain.get("category_id")
    if not isinstance(number, int) or number not in header.names:
        raise InputError(
            f"{entry.truth}: an annotation has no 'category', and its 'category_id' {number!r} has no name; put "
            f'{HEADER} beside the shards: {{"categories": [{{"id": 1, "name": "cup"}}, ...]}}'
        )
    return header.names[number]


def _sample(header: ShardsHeader, pair: tuple[Entry, str]) -> Sample:
    entry, id = pair
    plain = _truth(entry)
    try:
        size = (int(plain["width"]), int(plain["height"])) if "width" in plain else picture_size(entry.image)
        annotations = [_annotation(entry, a, i, header, size) for i, a in enumerate(plain["annotations"])]
    except InputError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{entry.truth}: is not laid out as expected: {error!r}") from error
    return Sample(
        id=id,
        width=size[0],
        height=size[1],
        image=entry.image,
        load_image=partial(load_picture, entry.image, size=size),
        annotations=tuple(annotations),
        group=None if plain.get("group") is None else str(plain["group"]),
    )


def _annotation(
    entry: Entry, plain: Mapping[str, Any], position: int, header: ShardsHeader, size: tuple[int, int]
) -> Annotation:
    labels: dict[type[Any], Any] = {Box: _box(entry, plain)}
    if plain.get("segmentation"):
        labels[Mask] = Deferred(lambda: Mask(mask_from_segmentation(plain["segmentation"], size[::-1])))
    if plain.get("amodal_xyxy"):
        labels[AmodalBox] = AmodalBox.from_plain(plain["amodal_xyxy"])
    if plain.get("visibility"):
        labels[Visibility] = Visibility.from_plain(plain["visibility"])
    category = _category(entry, plain, header)
    if plain.get("keypoints") and category in header.skeletons:
        labels[Keypoints] = keypoints_from_flat(str(entry.truth), plain["keypoints"], header.skeletons[category])
    ignored = plain.get("ignored") or ("crowd" if plain.get("iscrowd") else None)
    return Annotation(
        category=category,
        instance_id=int(plain.get("instance_id", position + 1)),
        labels=labels,
        ignored=None if ignored is None else str(ignored),
        stated_area_px=_number(plain.get("area")),
        stated_visible=_number(plain.get("visible_fraction")),
    )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _box(entry: Entry, plain: Mapping[str, Any]) -> Box:
    try:
        if "xyxy" in plain:
            return Box(*(float(n) for n in plain["xyxy"]))
        x, y, width, height = (float(n) for n in plain["bbox"])
        return Box(x, y, x + width, y + height)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{entry.truth}: an annotation's box can't be read ({error!r}); expected 'xyxy' of [x0, y0, x1, y1], or "
            "'bbox' of [x, y, width, height]"
        ) from error


def _numbered(
    dataset: Dataset, samples: Iterator[tuple[str, Sample]]
) -> Iterator[tuple[tuple[str, str], tuple[str, Sample]]]:
    """((split, file of the shard), (key, sample)) of each sample."""
    counts: Counter[str] = Counter()
    owners: set[tuple[str, str]] = set()
    for part, sample in samples:
        # A dot would end the key.
        key = flat_id(sample).replace(".", "_")
        if (part, key) in owners:
            raise InputError(f"{dataset.root}: two images would have the key '{key}', one of '{sample.id}'; rename it")
        owners.add((part, key))
        yield (part, f"{part}-{counts[part] // PER_SHARD:06d}.tar"), (key, sample)
        counts[part] += 1


def _add(tar: tarfile.TarFile, named: tuple[str, Sample]) -> int:
    """Add a sample's two files; the number of objects that have no box and are left out."""
    key, sample = named
    suffix = sample.image.suffix.lower()
    known = suffix in KNOWN
    image = file_content(sample.image) if known else encoded_image(sample.load_image(), "png")
    kept = [a for a in sample.annotations if Box in a]
    truth: dict[str, Any] = {"width": sample.width, "height": sample.height, "group": sample.group}
    truth |= {"annotations": [_plain(a) for a in kept]}
    for name, content in ((f"{key}{suffix if known else '.png'}", image), (f"{key}.json", as_json(truth))):
        member = tarfile.TarInfo(name)
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return len(sample.annotations) - len(kept)


def _plain(annotation: Annotation) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "category": annotation.category,
        "instance_id": annotation.instance_id,
        "xyxy": annotation[Box].to_plain(),
        "ignored": annotation.ignored,
    }
    labels: tuple[tuple[str, type[Any]], ...] = (
        ("segmentation", Mask),
        ("amodal_xyxy", AmodalBox),
        ("visibility", Visibility),
    )
    plain |= {name: annotation[kind].to_plain() for name, kind in labels if kind in annotation}
    if Keypoints in annotation:
        plain["keypoints"] = flat_keypoints(annotation[Keypoints])
    stated = {"area": annotation.stated_area_px, "visible_fraction": annotation.stated_visible}
    return plain | {name: value for name, value in stated.items() if value is not None}
