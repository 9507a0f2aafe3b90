"""The label laws, on any dataset: what must hold whatever made it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cyclorama.core.errors import InputError
from cyclorama.core.plugins import plugin_names, plugins
from cyclorama.core.progress import Progress, silent
from cyclorama.core.sample import Annotation, Dataset, Sample
from cyclorama.core.skeleton import Skeleton
from cyclorama.dataset.keypoint_law import misfit
from cyclorama.dataset.reading import read_dataset
from cyclorama.label.objects.amodal_box import AmodalBox
from cyclorama.label.objects.amodal_mask import AmodalMask
from cyclorama.label.objects.box import Box, bounds
from cyclorama.label.objects.keypoints import Keypoints
from cyclorama.label.objects.mask import Mask
from cyclorama.label.objects.pose import Pose
from cyclorama.label.objects.visibility import Visibility

OBJECTS, MAPS = "cyclorama.label.objects", "cyclorama.label.maps"
# Boxes and outlines that people draw agree within a pixel; ours agree exactly.
DRAWN_TOLERANCE_PX = 1.0
# Rotations of measured photographs are printed with few digits.
MEASURED_TOLERANCE = 1e-2
# Polygons' areas are computed from their corners, masks by counting pixels.
AREA_TOLERANCE = 0.05


@dataclass(frozen=True)
class Violation:
    """One law broken in one sample.

    Attributes:
        sample: Its id.
        law: Name of the law.
        text: What was found and what was expected.
    """

    sample: str
    law: str
    text: str


@dataclass(frozen=True)
class Report:
    """What ``verify`` found.

    Attributes:
        images: Samples looked at.
        objects: Annotations looked at.
        violations: All of them.
        labels: Kinds of labels that there were to check.
    """

    images: int
    objects: int
    violations: tuple[Violation, ...]
    labels: frozenset[str]

    def summary(self) -> str:
        """One sentence, with the number of violations of each law."""
        looked = f"{self.images} images, {self.objects} objects"
        if not self.violations:
            checked, absent = ([k for k in _kinds() if (k in self.labels) is there] for there in (True, False))
            missing = f"; not in this dataset: {', '.join(absent)}" if absent else ""
            return f"{looked}: every label law holds of image, {', '.join(checked)}{missing}"
        counts = Counter(v.law for v in self.violations)
        number = len(self.violations)
        return f"{looked}: {number} violation{'s' if number > 1 else ''}: " + ", ".join(
            f"{n} x {law}" for law, n in counts.items()
        )


def verify(root: Path, *, progress: Progress = silent) -> Report:
    """Check every label law on every sample of the dataset in ``root``.

    Raises:
        InputError: The dataset as a whole can't be read.
    """
    dataset = read_dataset(root)
    found: list[Violation] = []
    objects = 0
    labels: set[str] = set()
    seen: Counter[str] = Counter()
    for i in range(len(dataset.samples)):
        try:
            sample = dataset.samples[i]
            seen[sample.id] += 1
            objects += len(sample.annotations)
            labels |= _labels(sample)
            found += violations(sample, dataset)
        except InputError as error:
            found.append(Violation(f"sample {i}", "readable", str(error)))
        progress(i + 1, len(dataset.samples))
    found += [Violation(id, "samples unique", f"{n} samples have this id") for id, n in seen.items() if n > 1]
    return Report(len(dataset.samples), objects, tuple(found), frozenset(labels))


def _kinds() -> list[str]:
    """All kinds of labels, as a sentence names them."""
    return list(dict.fromkeys(_words(name) for name in (*plugin_names(OBJECTS), *plugin_names(MAPS))))


def _labels(sample: Sample) -> set[str]:
    of_objects = (name for name, kind in plugins(OBJECTS).items() if any(kind in a for a in sample.annotations))
    return {_words(name) for name in (*of_objects, *sample.maps)}


def _words(kind: str) -> str:
    """How depth is stored doesn't matter."""
    return kind.removesuffix("_exr").replace("_", " ")


def violations(sample: Sample, dataset: Dataset) -> list[Violation]:
    """All broken laws of one sample.

    Raises:
        InputError: One of its files can't be read.
    """
    tolerance = 0.0 if dataset.format == "cyclorama" else DRAWN_TOLERANCE_PX
    checked = _Checked(sample, dataset.categories, tolerance, dataset.skeletons)
    return [Violation(sample.id, name, text) for name, law in LAWS.items() for text in law(checked)]


@dataclass(frozen=True, eq=False)
class _Checked:
    sample: Sample
    categories: tuple[str, ...]
    tolerance_px: float
    skeletons: Mapping[str, Skeleton]

    def having(self, *kinds: type) -> Iterator[Annotation]:
        return (a for a in self.sample.annotations if all(kind in a for kind in kinds))


def _image_fits(c: _Checked) -> Iterator[str]:
    height, width = c.sample.load_image().shape[:2]
    if (width, height) != (c.sample.width, c.sample.height):
        yield f"the image is {width}x{height}, its record says {c.sample.width}x{c.sample.height}"


def _ids_unique(c: _Checked) -> Iterator[str]:
    counts = Counter(a.instance_id for a in c.sample.annotations)
    yield from (f"{n} objects have instance id {id}" for id, n in counts.items() if n > 1)
    yield from (f"{_who(a)} has an id below 1" for a in c.sample.annotations if a.instance_id < 1)


def _categories_declared(c: _Checked) -> Iterator[str]:
    undeclared = (a for a in c.sample.annotations if a.category not in c.categories)
    yield from (f"{_who(a)}: category is not declared" for a in undeclared)


def _box_in_image(c: _Checked) -> Iterator[str]:
    slack = c.tolerance_px
    for a in c.having(Box):
        box = a[Box]
        if not np.isfinite(box.xyxy).all() or box.x1 <= box.x0 or box.y1 <= box.y0:
            yield f"{_who(a)}: box {box.to_plain()} has no area"
        elif min(box.x0, box.y0) < -slack or box.x1 > c.sample.width + slack or box.y1 > c.sample.height + slack:
            yield f"{_who(a)}: box {box.to_plain()} is not inside {c.sample.width}x{c.sample.height}"


def _box_of_mask(c: _Checked) -> Iterator[str]:
    for a in c.having(Box, Mask):
        around = bounds(a[Mask].pixels)
        if around is None:
            yield f"{_who(a)}: the mask is empty"
        elif np.abs(a[Box].xyxy - around).max() > c.tolerance_px:
            yield f"{_who(a)}: box {a[Box].to_plain()}, but box of the mask is {list(around)}"


def _area_of_mask(c: _Checked) -> Iterator[str]:
    for a in c.having(Mask):
        pixels = int(a[Mask].pixels.sum())
        slack = max(AREA_TOLERANCE * pixels, 2.0)
        if a.stated_area_px is not None and abs(a.stated_area_px - pixels) > slack:
            yield f"{_who(a)}: area {a.stated_area_px:g}, but the mask has {pixels} pixels"


def _masks_disjoint(c: _Checked) -> Iterator[str]:
    owner = np.zeros((c.sample.height, c.sample.width), np.int64)
    for a in c.having(Mask):
        pixels = a[Mask].pixels
        if pixels.shape != owner.shape:
            yield f"{_who(a)}: the mask is {pixels.shape[::-1]}, the image {owner.shape[::-1]}"
            continue
        if a.ignored and c.tolerance_px:  # People outline crowds across the objects within.
            continue
        shared = np.unique(owner[pixels])
        yield from (f"{_who(a)} shares pixels with object {id}" for id in shared if id)
        owner[pixels] = a.instance_id


def _masks_cover(c: _Checked) -> Iterator[str]:
    """The map of instances knows the same objects as the annotations."""
    if "instances" not in c.sample.maps:
        return
    ids = set(np.unique(c.sample.maps["instances"]()).tolist()) - {0}
    annotated = {a.instance_id for a in c.having(Box)}
    yield from (f"the map of instances shows object {id}, which has no box" for id in sorted(ids - annotated))
    yield from (f"object {id} has a box but no pixel" for id in sorted(annotated - ids))


def _visible_in_amodal(c: _Checked) -> Iterator[str]:
    for a in c.having(Mask, AmodalMask):
        outside = int((a[Mask].pixels & ~a[AmodalMask].pixels).sum())
        if outside:
            yield f"{_who(a)}: {outside} visible pixels are outside the amodal mask"
    for a in c.having(Box, AmodalBox):
        box, whole = a[Box], a[AmodalBox]
        slack = c.tolerance_px
        if np.any(box.xyxy[:2] < np.array([whole.x0, whole.y0]) - slack) or np.any(
            box.xyxy[2:] > np.array([whole.x1, whole.y1]) + slack
        ):
            yield f"{_who(a)}: box {box.to_plain()} is not inside the amodal box {whole.to_plain()}"


def _visibility_counts(c: _Checked) -> Iterator[str]:
    for a in c.having(Visibility):
        stated = a[Visibility]
        visible = int(a[Mask].pixels.sum()) if Mask in a else stated.visible_px
        whole = int(a[AmodalMask].pixels.sum()) if AmodalMask in a else stated.amodal_px
        if (stated.visible_px, stated.amodal_px) != (visible, whole):
            yield f"{_who(a)}: {stated.visible_px} of {stated.amodal_px} px visible, masks have {visible} of {whole}"
        if not 0 <= stated.fraction <= 1 or not 0 <= stated.truncation <= 1:
            yield f"{_who(a)}: visible {stated.fraction:g}, truncation {stated.truncation:g}; expected 0..1"


def _pose_rigid(c: _Checked) -> Iterator[str]:
    tolerance = MEASURED_TOLERANCE if c.tolerance_px else 1e-9
    for a in c.having(Pose):
        rotation = a[Pose].camera_from_object[:3, :3]
        if not np.allclose(rotation @ rotation.T, np.eye(3), atol=tolerance) or np.linalg.det(rotation) < 0:
            yield f"{_who(a)}: the pose's rotation is no rotation"


def _keypoints_fit(c: _Checked) -> Iterator[str]:
    for a in c.having(Keypoints):
        whole = [a[AmodalBox]] if AmodalBox in a else []
        found = misfit(a[Keypoints], c.skeletons.get(a.category), (c.sample.width, c.sample.height), *whole)
        yield from (f"{_who(a)}: {text}" for text in found)


def _depth_on_objects(c: _Checked) -> Iterator[str]:
    depths = [name for name in ("depth", "depth_exr") if name in c.sample.maps]
    if not depths or "instances" not in c.sample.maps:
        return
    ids = c.sample.maps["instances"]()
    for name in depths:
        depth = c.sample.maps[name]()
        if depth.shape != ids.shape:
            yield f"{name} is {depth.shape[::-1]}, the image {ids.shape[::-1]}"
        elif not (np.isfinite(depth[ids > 0]).all() and (depth > 0).all()):
            yield f"{name} is missing or not positive at {int((~np.isfinite(depth[ids > 0])).sum())} pixels of objects"


def _normals_unit(c: _Checked) -> Iterator[str]:
    if "normals" not in c.sample.maps:
        return
    normals = c.sample.maps["normals"]()
    length = np.linalg.norm(normals, axis=-1)
    # An 8-bit component is off by 1/255 at most.
    wrong = int(((np.abs(length - 1) > 0.02) & (length > 0)).sum())
    if wrong:
        yield f"{wrong} normals are not of length 1"


def _who(annotation: Annotation) -> str:
    return f"object {annotation.instance_id} ({annotation.category})"


LAWS: dict[str, Callable[[_Checked], Iterator[str]]] = {
    "image fits": _image_fits,
    "ids unique": _ids_unique,
    "categories declared": _categories_declared,
    "box in image": _box_in_image,
    "box of mask": _box_of_mask,
    "area of mask": _area_of_mask,
    "masks disjoint": _masks_disjoint,
    "masks cover": _masks_cover,
    "visible in amodal": _visible_in_amodal,
    "visibility counts": _visibility_counts,
    "pose rigid": _pose_rigid,
    "keypoints fit": _keypoints_fit,
    "depth on objects": _depth_on_objects,
    "normals unit": _normals_unit,
}
