"""BOP's layout (https://github.com/thodan/bop_toolkit/blob/master/docs/bop_datasets_format.md)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from cyclorama.core.errors import InputError
from cyclorama.core.sample import Annotation, Dataset, Deferred, Sample
from cyclorama.dataset.files import read_json
from cyclorama.dataset.lazy import LazySamples
from cyclorama.dataset.pictures import first_file, load_picture, picture_size
from cyclorama.label.objects.amodal_box import AmodalBox
from cyclorama.label.objects.amodal_mask import AmodalMask
from cyclorama.label.objects.box import Box
from cyclorama.label.objects.mask import Mask
from cyclorama.label.objects.pose import Pose

# BOP's own limit for detection: what is seen less counts neither way.
MIN_VISIBLE = 0.1
# What is read of an object.
TRUTH, INFO = ("obj_id", "cam_R_m2c", "cam_t_m2c"), ("bbox_visib", "bbox_obj", "visib_fract")
# Linemod is the one dataset of BOP whose objects have names in its paper.
LINEMOD = (
    "ape benchvise bowl camera can cat cup driller duck eggbox glue holepuncher iron lamp phone".split()  # noqa: SIM905
)


class Bop:
    """SPLIT/SCENE/{rgb,mask_visib,scene_gt.json,scene_gt_info.json} and models/models_info.json."""

    @staticmethod
    def recognises(root: Path) -> bool:
        """A scene's ground truth at most two folders down."""
        return root.is_dir() and any(next(root.glob(p), None) for p in _patterns())

    @staticmethod
    def read(root: Path) -> Dataset:
        """All images that are there, of all scenes; categories are obj_000001 and so on, or Linemod's names."""
        scenes = [_scene(path.parent) for pattern in _patterns() for path in sorted(root.glob(pattern))]
        numbers = _object_numbers(root, scenes)
        names = {n: _name(root, n) for n in numbers}
        keys = [(scene, key) for scene in scenes for key in sorted(scene.truth, key=int) if scene.image(key)]
        if not keys:
            raise InputError(f"{root}: not one image of {sum(len(s.truth) for s in scenes)} in scene_gt.json is there")
        parts = [_split_of(scene.folder) for scene, _ in keys]
        splits = {s: tuple(i for i, own in enumerate(parts) if own == s) for s in dict.fromkeys(parts) if s}
        return Dataset(tuple(names.values()), LazySamples(keys, partial(_sample, root, names)), root, "bop", splits)


@dataclass(frozen=True, eq=False)
class _Scene:
    folder: Path
    truth: Mapping[str, list[Mapping[str, Any]]]
    info: Mapping[str, list[Mapping[str, Any]]]

    def image(self, key: str) -> Path | None:
        names = [f"{int(key):06d}{suffix}" for suffix in (".png", ".jpg", ".tif")]
        return first_file(self.folder / kind / name for kind in ("rgb", "gray") for name in names)


def _patterns() -> tuple[str, ...]:
    return ("scene_gt.json", "*/scene_gt.json", "*/*/scene_gt.json")


def _scene(folder: Path) -> _Scene:
    truth, info = (read_json(folder / name) for name in ("scene_gt.json", "scene_gt_info.json"))
    if not isinstance(truth, dict) or not isinstance(info, dict):
        raise InputError(f"{folder}: scene_gt.json and scene_gt_info.json are not laid out as BOP's, image by image")
    lacking = [key for key in truth if len(info.get(key, ())) != len(truth[key])]
    if lacking:
        raise InputError(f"{folder}: scene_gt_info.json and scene_gt.json disagree about image {lacking[0]}")
    for name, images, fields in (("scene_gt.json", truth, TRUTH), ("scene_gt_info.json", info, INFO)):
        unfit = [key for key in truth if any(field not in o for o in images[key] for field in fields)]
        if unfit:
            raise InputError(f"{folder / name}: image {unfit[0]}: expected of each object {', '.join(fields)}")
    return _Scene(folder, truth, info)


def _object_numbers(root: Path, scenes: list[_Scene]) -> list[int]:
    """From models_info.json, which lists all objects; else those that appear."""
    infos = [
        path for folder in (root, root.parent, root.parent.parent) for path in folder.glob("models*/models_info.json")
    ]
    if infos:
        return sorted(int(key) for key in read_json(infos[0]))
    return sorted({int(o["obj_id"]) for scene in scenes for objects in scene.truth.values() for o in objects})


def _name(root: Path, number: int) -> str:
    if set(re.split(r"[^a-z]+", "/".join(root.resolve().parts[-3:]).lower())) & {"lm", "lmo"} and number <= len(
        LINEMOD
    ):
        return LINEMOD[number - 1]
    return f"obj_{number:06d}"


def _split_of(folder: Path) -> str | None:
    return next((s for s in ("train", "val", "test") if folder.parent.name.startswith(s)), None)


def _sample(root: Path, names: Mapping[int, str], key: tuple[_Scene, str]) -> Sample:
    scene, number = key
    image = scene.image(number)
    assert image is not None
    width, height = picture_size(image)
    return Sample(
        id=f"{scene.folder.relative_to(root).as_posix()}/{int(number):06d}".removeprefix("./"),
        width=width,
        height=height,
        image=image,
        load_image=partial(load_picture, image),
        annotations=tuple(
            _annotation(scene, number, i, names, (width, height)) for i in range(len(scene.truth[number]))
        ),
        group=scene.folder.relative_to(root).as_posix(),
    )


def _annotation(scene: _Scene, key: str, i: int, names: Mapping[int, str], size: tuple[int, int]) -> Annotation:
    truth, info = scene.truth[key][i], scene.info[key][i]
    if int(truth["obj_id"]) not in names:
        raise InputError(f"{scene.folder}: image {key} shows object {truth['obj_id']}, which models_info.json lacks")
    pose = np.eye(4)
    pose[:3, :3] = np.reshape(truth["cam_R_m2c"], (3, 3))
    pose[:3, 3] = np.asarray(truth["cam_t_m2c"], float) / 1000  # BOP writes millimetres.
    labels: dict[type[Any], Any] = {Pose: Pose(pose)}
    visible, whole = _box(info["bbox_visib"]), _box(info["bbox_obj"])
    if visible:
        clipped = np.clip(visible, 0, [*size, *size]).tolist()
        labels[Box] = Box(*clipped)
    if whole:
        labels[AmodalBox] = AmodalBox(*whole)
    for kind, folder in ((Mask, "mask_visib"), (AmodalMask, "mask")):
        path = scene.folder / folder / f"{int(key):06d}_{i:06d}.png"
        if path.is_file():
            labels[kind] = Deferred(partial(_mask, kind, path))
    fraction = float(info["visib_fract"])
    ignored = f"visible {fraction:.0%}" if fraction < MIN_VISIBLE else None
    return Annotation(names[int(truth["obj_id"])], i + 1, labels, ignored, stated_visible=fraction)


def _box(xywh: list[int]) -> tuple[int, int, int, int] | None:
    """bop_toolkit's width is last pixel minus first, one less than ours; -1 means that there is no box."""
    x, y, width, height = (int(n) for n in xywh)
    return None if width < 0 or height < 0 else (x, y, x + width + 1, y + height + 1)


def _mask(kind: type[Any], path: Path) -> Any:
    pixels = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if pixels is None:
        raise InputError(f"{path}: can't be decoded as a PNG; the file is damaged, copy it again")
    return kind(pixels > 0)
