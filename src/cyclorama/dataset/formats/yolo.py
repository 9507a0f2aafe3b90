"""Ultralytics' YOLO layout (https://docs.ultralytics.com/datasets/detect/)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import yaml

from cyclorama.core.arrays import BoolArray, FloatArray
from cyclorama.core.errors import InputError
from cyclorama.core.progress import Progress
from cyclorama.core.sample import Annotation, Dataset, Deferred, Sample
from cyclorama.dataset.files import link_or_copy, write_bytes
from cyclorama.dataset.keypoint_row import KeypointRow
from cyclorama.dataset.lazy import LazySamples
from cyclorama.dataset.pictures import load_picture, picture_size, pictures_in
from cyclorama.dataset.subsets import each_sample, file_name, subsets
from cyclorama.label.objects.box import Box
from cyclorama.label.objects.keypoints import Keypoints
from cyclorama.label.objects.mask import Mask

SPLITS = ("train", "val", "test")


class Yolo:
    """data.yaml, ``images/SPLIT/``, ``labels/SPLIT/``; class numbers from 0, lines of "class cx cy w h" in 0..1.

    Keypoints are left out: who reads boxes would take them for outlines. ``YoloPose`` has them.
    """

    @staticmethod
    def recognises(root: Path) -> bool:
        """A YAML file with names and train or val but without keypoints, or label files beside a list of classes."""
        path = yaml_file(root)
        return (root / "classes.txt").is_file() if path is None else not tells_keypoints(path)

    @staticmethod
    def read(root: Path) -> Dataset:
        """All images of all splits."""
        return read_yolo(root, "yolo")

    @staticmethod
    def write(dataset: Dataset, folder: Path, *, progress: Progress) -> int:
        """Objects that are flagged as ignored are left out: YOLO can't say it."""
        return write_yolo(dataset, folder, KeypointRow.of({}), progress=progress)


def read_yolo(root: Path, format: str) -> Dataset:
    """The dataset, with keypoints where data.yaml tells of some."""
    path = yaml_file(root)
    layout = _from_yaml(path) if path else _from_classes(root)
    images = [image for members in layout.splits.values() for image in members]
    images = list(dict.fromkeys(images))
    positions = {image: i for i, image in enumerate(images)}
    splits = {name: tuple(positions[m] for m in members) for name, members in layout.splits.items()}
    folder = root if root.is_dir() else root.parent
    read = partial(_sample, folder.resolve(), layout)
    named = {name: members for name, members in splits.items() if name in SPLITS}
    skeletons = layout.keypoints.skeletons if layout.keypoints else {}
    return Dataset(layout.names, LazySamples(images, read), folder, format, named, layout.provenance, skeletons)


def write_yolo(dataset: Dataset, folder: Path, row: KeypointRow, *, progress: Progress) -> int:
    """Write with the keypoints of a row, which may have none; the number of objects that are left out."""
    parts = subsets(dataset, whole="train")
    numbers = {category: i for i, category in enumerate(dataset.categories)}
    left_out = 0
    for part, sample in each_sample(dataset, parts, progress):
        kept = [a for a in sample.annotations if Box in a and not a.ignored]
        left_out += len(sample.annotations) - len(kept)
        image = folder / "images" / part / file_name(sample)
        link_or_copy(sample.image, image)
        lines = "".join(f"{numbers[a.category]} {_line(a, row, sample)}\n" for a in kept)
        write_bytes((folder / "labels" / part / image.name).with_suffix(".txt"), lines.encode())
    write_bytes(folder / "data.yaml", _yaml_text(dataset, parts, row).encode())
    return left_out


@dataclass(frozen=True)
class _Layout:
    names: tuple[str, ...]
    splits: Mapping[str, Sequence[Path]]
    provenance: Mapping[str, Any]
    keypoints: KeypointRow | None = None


def _line(annotation: Annotation, row: KeypointRow, sample: Sample) -> str:
    box = annotation[Box]
    center = (box.x0 + box.x1) / 2 / sample.width, (box.y0 + box.y1) / 2 / sample.height
    size = (box.x1 - box.x0) / sample.width, (box.y1 - box.y0) / sample.height
    line = " ".join(f"{n:.8g}" for n in (*center, *size))
    return f"{line} {row.line(annotation, (sample.width, sample.height))}" if row.count else line


def _yaml_text(dataset: Dataset, parts: Mapping[str, Any], row: KeypointRow) -> str:
    """Without "path": the images are then looked for beside the file, wherever it is moved."""
    plain: dict[str, Any] = {name: f"images/{name}" for name in SPLITS if name in parts}
    note = ""
    if "val" not in parts:
        plain["val"] = plain.get("test", "images/train")
        note = "# val is no split of its own: run 'cyclorama split' before 'convert' for one.\n"
    kind = dataset.provenance.get("kind")
    plain |= {"kind": kind} if kind else {}
    plain["names"] = dict(enumerate(dataset.categories))
    text = note + yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)
    if not row.count:
        return text
    # Lists in one line each.
    pose = row.to_yaml(dataset.categories)
    return text + yaml.safe_dump(pose, sort_keys=False, allow_unicode=True, default_flow_style=None, width=float("inf"))


def yaml_file(root: Path) -> Path | None:
    """The data.yaml that is in a folder or is named, whatever it is called; None where there is none."""
    if root.is_file():
        return root if root.suffix.lower() in (".yaml", ".yml") and _is_data_yaml(root) else None
    return next((path for path in sorted(root.glob("*.y*ml")) if _is_data_yaml(path)), None)


def tells_keypoints(path: Path) -> bool:
    """Whether a data.yaml is that of poses."""
    return bool(yaml.safe_load(path.read_text("utf-8")).get("kpt_shape"))


def _is_data_yaml(path: Path) -> bool:
    try:
        plain = yaml.safe_load(path.read_text("utf-8"))
    # A date that is none is a ValueError.
    except (yaml.YAMLError, ValueError):
        return False
    return isinstance(plain, dict) and "names" in plain and any(name in plain for name in SPLITS)


def _from_yaml(path: Path) -> _Layout:
    plain = yaml.safe_load(path.read_text("utf-8"))
    names = plain["names"]
    if not names:
        raise InputError(f"{path}: 'names' is empty; expected the names of the classes")
    if not isinstance(names, list | dict):
        raise InputError(f"{path}: 'names' is {names!r}; expected a list")
    if isinstance(names, dict) and set(names) != set(range(len(names))):
        raise InputError(f"{path}: 'names' numbers {', '.join(map(str, names))}; expected 0 to {len(names) - 1}")
    listed = [names[i] for i in range(len(names))]
    base = path.parent / (plain.get("path") or ".")
    if not base.is_dir():
        base = path.parent
    splits = {name: _images(path, base, plain[name]) for name in SPLITS if plain.get(name)}
    if splits.get("val") in (splits.get("train"), splits.get("test")):
        splits.pop("val", None)
    categories, provenance = tuple(str(n) for n in listed), {"kind": plain["kind"]} if plain.get("kind") else {}
    return _Layout(categories, splits, provenance, KeypointRow.from_yaml(str(path), plain, categories))


def _images(path: Path, base: Path, value: Any) -> list[Path]:
    """Images of a split: a folder, a list of them, or a text file with a path in each line."""
    if isinstance(value, list):
        return [image for item in value for image in _images(path, base, item)]
    # Roboflow writes ../train/images beside data.yaml and means train/images.
    place = next((p for p in (base / value, base / str(value).removeprefix("../")) if p.exists()), None)
    if place is None:
        raise InputError(f"{path}: no folder '{base / value}'; expected the images of a split there")
    if place.is_dir():
        return pictures_in(place.resolve())
    return [(place.parent / line).resolve() for line in place.read_text("utf-8").split("\n") if line.strip()]


def _from_classes(root: Path) -> _Layout:
    names = tuple((root / "classes.txt").read_text("utf-8").split("\n"))
    return _Layout(tuple(n.strip() for n in names if n.strip()), {"": pictures_in(root.resolve())}, {})


def _label_file(image: Path) -> Path:
    """The last folder "images" becomes "labels"; without one the file lies beside the image."""
    parts = list(image.parts)
    if "images" in parts:
        last = len(parts) - 1 - parts[::-1].index("images")
        parts[last] = "labels"
    return Path(*parts).with_suffix(".txt")


def _sample(root: Path, layout: _Layout, image: Path) -> Sample:
    width, height = picture_size(image)
    file = _label_file(image)
    rows = file.read_text("utf-8").splitlines() if file.is_file() else []
    annotations = tuple(
        _annotation(f"{file}:{i + 1}", row, i + 1, layout, (width, height)) for i, row in enumerate(rows) if row.strip()
    )
    # Of images elsewhere the last folders tell the splits apart: train/images/a.jpg.
    id = image.relative_to(root) if image.is_relative_to(root) else Path(*image.parts[-3:])
    parts = [part for part in id.with_suffix("").parts if part != "images"]
    return Sample(
        "/".join(parts), width, height, image, partial(load_picture, image, size=(width, height)), annotations
    )


def _annotation(where: str, row: str, id: int, layout: _Layout, size: tuple[int, int]) -> Annotation:
    names = layout.names
    try:
        number, *values = (float(word) for word in row.split())
    except ValueError:
        raise InputError(f"{where}: expected numbers, found '{row.strip()}'") from None
    if not number.is_integer() or not 0 <= number < len(names):
        raise InputError(
            f"{where}: class {number:g} is not among the {len(names)} names of data.yaml (0..{len(names) - 1})"
        )
    category, pose = names[int(number)], layout.keypoints
    if len(values) == 4:
        return Annotation(category, id, {Box: _box(values, size)})
    if pose is not None:
        return Annotation(category, id, _pose(where, category, values, pose, size))
    if len(values) < 6 or len(values) % 2:
        raise InputError(
            f"{where}: expected 'class cx cy w h' or 'class x y x y x y ...', found {len(values) + 1} numbers"
        )
    polygon = np.multiply(np.array(values, float).reshape(-1, 2), np.array(size, float))
    box = Box(*polygon.min(axis=0).tolist(), *polygon.max(axis=0).tolist())
    return Annotation(category, id, {Box: box, Mask: Deferred(lambda: Mask(_filled(polygon, size)))})


def _box(values: Sequence[float], size: tuple[int, int]) -> Box:
    center, extent = np.array(values[:2]) * size, np.array(values[2:]) * size
    return Box(*_snapped(center - extent / 2), *_snapped(center + extent / 2))


def _pose(
    where: str, category: str, values: Sequence[float], row: KeypointRow, size: tuple[int, int]
) -> dict[type[Any], Any]:
    expected = 4 + row.count * row.numbers
    if len(values) != expected:
        raise InputError(
            f"{where}: expected the class, 4 numbers of the box and {row.numbers} for each of {row.count} keypoints, "
            f"found {len(values) + 1} numbers"
        )
    keypoints = row.read(where, category, np.array(values[4:]), size)
    return {Box: _box(values[:4], size)} | ({} if keypoints is None else {Keypoints: keypoints})


def _snapped(point: FloatArray) -> list[float]:
    """Whole pixels where eight digits can't tell the difference."""
    whole = np.rint(point)
    return np.where(np.abs(point - whole) < 1e-3, whole, point).tolist()


def _filled(polygon: FloatArray, size: tuple[int, int]) -> BoolArray:
    canvas = np.zeros((size[1], size[0]), np.uint8)
    # A vertex at c + .5 is the centre of pixel c.
    cv2.fillPoly(canvas, [np.rint(polygon - 0.5).astype(np.int32)], (1,))
    return canvas.astype(bool)
