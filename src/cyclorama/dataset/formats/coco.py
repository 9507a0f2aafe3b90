"""COCO's object detection JSON (https://cocodataset.org/#format-data)."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from cyclorama.core.errors import InputError
from cyclorama.core.progress import Progress
from cyclorama.core.sample import Annotation, Dataset, Deferred, Sample
from cyclorama.core.skeleton import Skeleton
from cyclorama.dataset.files import link_or_copy, read_json, write_json
from cyclorama.dataset.keypoints import (
    category_from_skeleton,
    flat_keypoints,
    keypoints_from_flat,
    keypoints_of,
    merged_skeletons,
    skeleton_from_category,
)
from cyclorama.dataset.lazy import LazySamples
from cyclorama.dataset.outline import polygons_from_mask
from cyclorama.dataset.pictures import first_file, load_picture
from cyclorama.dataset.subsets import each_sample, file_name, split_named, subsets
from cyclorama.label.objects.amodal_box import AmodalBox
from cyclorama.label.objects.box import Box
from cyclorama.label.objects.keypoints import Keypoints
from cyclorama.label.objects.mask import Mask, encoded, mask_from_segmentation
from cyclorama.label.objects.visibility import Visibility

LAYOUTS = ("*.json", "annotations/*.json", "*/_annotations.coco.json")


class Coco:
    """One JSON for each split in ``annotations/``, images in ``images/SPLIT/``; category ids from 1.

    Keypoints are in the same coordinates as boxes: 0 is the picture's left edge, .5 the middle of its first pixels.
    """

    @staticmethod
    def recognises(root: Path) -> bool:
        """A .json file that begins as COCO's do, or a folder with one in the places where tools put it."""
        return bool(_files(root))

    @staticmethod
    def read(root: Path) -> Dataset:
        """All JSON files of the folder; where one is named after a split, it is that split."""
        parts = [_part(path) for path in _files(root)]
        names = tuple(dict.fromkeys(name for part in parts for name in part.categories.values()))
        if not names:
            raise InputError(f"{root}: has no categories; expected a list 'categories' of id and name")
        keys = [(part, image) for part in parts for image in part.images]
        split_of = [part.split for part, _ in keys]
        splits = {s: tuple(i for i, own in enumerate(split_of) if own == s) for s in dict.fromkeys(split_of) if s}
        folder = root if root.is_dir() else root.parent
        kinds = {part.kind for part in parts}
        provenance = {"kind": kinds.pop()} if len(kinds) == 1 and None not in kinds else {}
        samples, skeletons = LazySamples(keys, partial(_sample, folder)), [part.skeletons for part in parts]
        return Dataset(names, samples, folder, "coco", splits, provenance, merged_skeletons(str(root), *skeletons))

    @staticmethod
    def write(dataset: Dataset, folder: Path, *, progress: Progress) -> int:
        """Masks are polygons along pixel edges, exact; what is flagged as ignored is ``iscrowd``, with its reason."""
        parts = subsets(dataset, whole="all")
        writers = {name: _Writer(dataset, folder, name) for name in parts}
        for name, sample in each_sample(dataset, parts, progress):
            writers[name].add(sample)
        return sum(writer.finish() for writer in writers.values())


@dataclass(frozen=True, eq=False)
class _Part:
    path: Path
    split: str | None
    kind: str | None
    categories: Mapping[int, str]
    skeletons: Mapping[str, Skeleton]
    images: Sequence[Mapping[str, Any]]
    annotations: Mapping[int, Sequence[Mapping[str, Any]]]


def _files(root: Path) -> list[Path]:
    if root.is_file():
        return [root] if root.suffix.lower() == ".json" else []
    found = [path for pattern in LAYOUTS for path in sorted(root.glob(pattern))]
    return [path for path in found if _looks_right(path)]


def _looks_right(path: Path) -> bool:
    """COCO's three keys; files of predictions and of other tools lack them."""
    if path.name in ("dataset.json", "splits.json"):
        return False
    text = path.read_bytes()
    return text.lstrip()[:1] == b"{" and all(key in text for key in (b'"images"', b'"annotations"', b'"categories"'))


def _part(path: Path) -> _Part:
    plain = read_json(path)
    try:
        categories = {int(c["id"]): str(c["name"]) for c in plain["categories"]}
        annotations = defaultdict(list)
        for a in plain["annotations"]:
            annotations[int(a["image_id"])].append({**a, "category_id": int(a["category_id"])})
        images = [image | {key: int(image[key]) for key in ("id", "width", "height")} for image in plain["images"]]
        names = [image["file_name"] for image in images]
        marked = {str(c["name"]): skeleton_from_category(str(path), c) for c in plain["categories"]}
        kind = plain.get("info", {}).get("kind") if isinstance(plain.get("info"), dict) else None
    except InputError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: is not laid out as COCO's JSON: {error!r}") from error
    if not all(isinstance(name, str) for name in names):
        raise InputError(f"{path}: is not laid out as COCO's JSON: a 'file_name' is no text")
    _check_ids(path, [image["id"] for image in images], annotations, categories)
    skeletons = {name: skeleton for name, skeleton in marked.items() if skeleton is not None}
    return _Part(path, _split_of(path), kind, categories, skeletons, images, annotations)


def _check_ids(
    path: Path, images: list[int], annotations: Mapping[int, Sequence[Mapping[str, Any]]], categories: Mapping[int, str]
) -> None:
    if len(set(images)) < len(images):
        twice = next(id for id in images if images.count(id) > 1)
        raise InputError(f"{path}: image id {twice} appears twice")
    strange = sorted(set(annotations) - set(images))
    if strange:
        raise InputError(f"{path}: annotations name image id {strange[0]}, which is not among its images")
    undeclared = {a["category_id"] for group in annotations.values() for a in group} - set(categories)
    if undeclared:
        declared = ", ".join(map(str, categories))
        raise InputError(f"{path}: annotations name category id {min(undeclared)}; declared are: {declared}")


def _split_of(path: Path) -> str | None:
    """instances_val2017.json and valid/_annotations.coco.json are "val"."""
    return split_named(f"{path.parent.name if path.name.startswith('_') else ''} {path.stem}")


def _sample(folder: Path, key: tuple[_Part, Mapping[str, Any]]) -> Sample:
    part, image = key
    name, here = image["file_name"], part.path.parent
    stem = re.sub(r"^instances_", "", part.path.stem)
    places = (here, folder, folder / "images", folder / "images" / stem, folder / stem, folder.parent / "images")
    path = first_file(place / name for place in places)
    if path is None:
        raise InputError(f"{part.path}: no image '{name}'; looked in {', '.join(dict.fromkeys(map(str, places)))}")
    width, height = image["width"], image["height"]
    annotations = [
        _annotation(a, i, part, (height, width)) for i, a in enumerate(part.annotations.get(image["id"], ()))
    ]
    return Sample(
        id="/".join([*([part.split] if part.split else []), Path(name).with_suffix("").as_posix()]),
        width=width,
        height=height,
        image=path,
        load_image=partial(load_picture, path, size=(width, height)),
        annotations=tuple(annotations),
        group=None if image.get("group") is None else str(image["group"]),
    )


def _annotation(plain: Mapping[str, Any], position: int, part: _Part, shape: tuple[int, int]) -> Annotation:
    try:
        x, y, width, height = (float(n) for n in plain["bbox"])
        area = None if plain.get("area") is None else float(plain["area"])
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{part.path}: annotation {plain.get('id')}: expected 'bbox' of [x, y, width, height] and, if any, 'area'"
        ) from error
    labels: dict[type[Any], Any] = {Box: Box(x, y, x + width, y + height)}
    if plain.get("segmentation"):
        labels[Mask] = Deferred(lambda: Mask(mask_from_segmentation(plain["segmentation"], shape)))
    category = part.categories[plain["category_id"]]
    if plain.get("keypoints") and category in part.skeletons:
        where = f"{part.path}: annotation {plain.get('id')}"
        labels[Keypoints] = keypoints_from_flat(where, plain["keypoints"], part.skeletons[category])
    ignored = str(plain.get("ignored", "crowd")) if plain.get("iscrowd") or plain.get("ignore") else None
    seen = plain.get("visible_fraction")
    visible = float(seen) if isinstance(seen, int | float) else None
    return Annotation(category, position + 1, labels, ignored, area, visible)


class _Writer:
    """Collects one split and writes its JSON."""

    def __init__(self, dataset: Dataset, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._ids = {category: i + 1 for i, category in enumerate(dataset.categories)}
        self._skeletons = dataset.skeletons
        self._kind = dataset.provenance.get("kind")
        self._images: list[dict[str, Any]] = []
        self._annotations: list[dict[str, Any]] = []
        self._left_out = 0

    def add(self, sample: Sample) -> None:
        name = file_name(sample)
        link_or_copy(sample.image, self._folder / "images" / self._name / name)
        image = {"id": len(self._images) + 1, "file_name": name, "width": sample.width, "height": sample.height}
        self._images.append(image | ({"group": sample.group} if sample.group else {}))
        for annotation in sample.annotations:
            if Box in annotation:
                self._annotations.append(self._plain(annotation))
            else:
                self._left_out += 1

    def finish(self) -> int:
        categories = [
            {"id": id, "name": name, "supercategory": ""}
            | (category_from_skeleton(self._skeletons[name]) if name in self._skeletons else {})
            for name, id in self._ids.items()
        ]
        info = {"description": "written by Cyclorama"} | ({"kind": self._kind} if self._kind else {})
        plain = {"info": info, "images": self._images, "annotations": self._annotations, "categories": categories}
        write_json(self._folder / "annotations" / f"instances_{self._name}.json", plain)
        return self._left_out

    def _plain(self, annotation: Annotation) -> dict[str, Any]:
        box = annotation[Box]
        plain = {
            "id": len(self._annotations) + 1,
            "image_id": len(self._images),
            "category_id": self._ids[annotation.category],
            "bbox": [box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0],
            "area": box.area_px,
            "iscrowd": int(annotation.ignored is not None),
        }
        if Mask in annotation:
            pixels = annotation[Mask].pixels
            # pycocotools wants run lengths for crowds.
            plain["segmentation"] = encoded(pixels) if annotation.ignored else polygons_from_mask(pixels)
            plain["area"] = int(pixels.sum())
        if annotation.category in self._skeletons:
            # pycocotools wants them with every object of the category.
            keypoints = keypoints_of(annotation, self._skeletons[annotation.category])
            plain |= {"keypoints": flat_keypoints(keypoints), "num_keypoints": keypoints.labelled}
        return plain | _extras(annotation)


def _extras(annotation: Annotation) -> dict[str, Any]:
    """What COCO has no field for, under names that other readers pass over."""
    extras: dict[str, Any] = {"ignored": annotation.ignored} if annotation.ignored else {}
    if AmodalBox in annotation:
        box = annotation[AmodalBox]
        extras["amodal_bbox"] = [box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0]
    if Visibility in annotation:
        visibility = annotation[Visibility]
        extras |= {"visible_fraction": visibility.fraction, "truncation": visibility.truncation}
    elif annotation.stated_visible is not None:
        extras["visible_fraction"] = annotation.stated_visible
    return extras
