"""What must hold of a sample's labels, whatever made it; each law tells what breaks it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from cyclorama.core.sample import Annotation, Sample
from cyclorama.core.skeleton import Skeleton
from cyclorama.dataset.keypoint_law import misfit
from cyclorama.label.objects.amodal_box import AmodalBox
from cyclorama.label.objects.amodal_mask import AmodalMask
from cyclorama.label.objects.box import Box, bounds
from cyclorama.label.objects.keypoints import Keypoints
from cyclorama.label.objects.mask import Mask
from cyclorama.label.objects.pose import Pose
from cyclorama.label.objects.visibility import Visibility

# Rotations of measured photographs are printed with few digits.
MEASURED_TOLERANCE = 1e-2
# Polygons' areas are computed from their corners, masks by counting pixels.
AREA_TOLERANCE = 0.05


@dataclass(frozen=True, eq=False)
class Checked:
    """A sample, and what its dataset tells of all.

    Attributes:
        sample: With its labels.
        categories: That are declared.
        tolerance_px: By which boxes and outlines may disagree.
        skeletons: Of the categories that have keypoints.
    """

    sample: Sample
    categories: tuple[str, ...]
    tolerance_px: float
    skeletons: Mapping[str, Skeleton]

    def having(self, *kinds: type) -> Iterator[Annotation]:
        """Objects with labels of all these kinds."""
        return (a for a in self.sample.annotations if all(kind in a for kind in kinds))


def _image_fits(c: Checked) -> Iterator[str]:
    height, width = c.sample.load_image().shape[:2]
    if (width, height) != (c.sample.width, c.sample.height):
        yield f"the image is {width}x{height}, its record says {c.sample.width}x{c.sample.height}"


def _ids_unique(c: Checked) -> Iterator[str]:
    counts = Counter(a.instance_id for a in c.sample.annotations)
    yield from (f"{n} objects have instance id {id}" for id, n in counts.items() if n > 1)
    yield from (f"{_who(a)} has an id below 1" for a in c.sample.annotations if a.instance_id < 1)


def _categories_declared(c: Checked) -> Iterator[str]:
    undeclared = (a for a in c.sample.annotations if a.category not in c.categories)
    yield from (f"{_who(a)}: category is not declared" for a in undeclared)


def _box_in_image(c: Checked) -> Iterator[str]:
    slack = c.tolerance_px
    for a in c.having(Box):
        box = a[Box]
        if not np.isfinite(box.xyxy).all() or box.x1 <= box.x0 or box.y1 <= box.y0:
            yield f"{_who(a)}: box {box.to_plain()} has no area"
        elif min(box.x0, box.y0) < -slack or box.x1 > c.sample.width + slack or box.y1 > c.sample.height + slack:
            yield f"{_who(a)}: box {box.to_plain()} is not inside {c.sample.width}x{c.sample.height}"


def _box_of_mask(c: Checked) -> Iterator[str]:
    for a in c.having(Box, Mask):
        around = bounds(a[Mask].pixels)
        if around is None:
            yield f"{_who(a)}: the mask is empty"
        elif np.abs(a[Box].xyxy - around).max() > c.tolerance_px:
            yield f"{_who(a)}: box {a[Box].to_plain()}, but box of the mask is {list(around)}"


def _area_of_mask(c: Checked) -> Iterator[str]:
    for a in c.having(Mask):
        pixels = int(a[Mask].pixels.sum())
        slack = max(AREA_TOLERANCE * pixels, 2.0)
        if a.stated_area_px is not None and abs(a.stated_area_px - pixels) > slack:
            yield f"{_who(a)}: area {a.stated_area_px:g}, but the mask has {pixels} pixels"


def _masks_disjoint(c: Checked) -> Iterator[str]:
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


def _masks_cover(c: Checked) -> Iterator[str]:
    """The map of instances knows the same objects as the annotations."""
    if "instances" not in c.sample.maps:
        return
    ids = set(np.unique(c.sample.maps["instances"]()).tolist()) - {0}
    annotated = {a.instance_id for a in c.having(Box)}
    yield from (f"the map of instances shows object {id}, which has no box" for id in sorted(ids - annotated))
    yield from (f"object {id} has a box but no pixel" for id in sorted(annotated - ids))


def _visible_in_amodal(c: Checked) -> Iterator[str]:
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


def _visibility_counts(c: Checked) -> Iterator[str]:
    for a in c.having(Visibility):
        stated = a[Visibility]
        visible = int(a[Mask].pixels.sum()) if Mask in a else stated.visible_px
        whole = int(a[AmodalMask].pixels.sum()) if AmodalMask in a else stated.amodal_px
        if (stated.visible_px, stated.amodal_px) != (visible, whole):
            yield f"{_who(a)}: {stated.visible_px} of {stated.amodal_px} px visible, masks have {visible} of {whole}"
        if not 0 <= stated.fraction <= 1 or not 0 <= stated.truncation <= 1:
            yield f"{_who(a)}: visible {stated.fraction:g}, truncation {stated.truncation:g}; expected 0..1"


def _pose_rigid(c: Checked) -> Iterator[str]:
    tolerance = MEASURED_TOLERANCE if c.tolerance_px else 1e-9
    for a in c.having(Pose):
        rotation = a[Pose].camera_from_object[:3, :3]
        if not np.allclose(rotation @ rotation.T, np.eye(3), atol=tolerance) or np.linalg.det(rotation) < 0:
            yield f"{_who(a)}: the pose's rotation is no rotation"


def _keypoints_fit(c: Checked) -> Iterator[str]:
    for a in c.having(Keypoints):
        whole = [a[AmodalBox]] if AmodalBox in a else []
        found = misfit(a[Keypoints], c.skeletons.get(a.category), (c.sample.width, c.sample.height), *whole)
        yield from (f"{_who(a)}: {text}" for text in found)


def _depth_on_objects(c: Checked) -> Iterator[str]:
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


def _normals_unit(c: Checked) -> Iterator[str]:
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


LAWS: dict[str, Callable[[Checked], Iterator[str]]] = {
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
