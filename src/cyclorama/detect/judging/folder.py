"""The folder of an evaluation: written once, and read back without the network."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.detections import Detections
from cyclorama.core.errors import InputError
from cyclorama.core.plain import from_plain, to_plain
from cyclorama.core.skeleton import Skeleton
from cyclorama.dataset.files import read_json, write_json
from cyclorama.detect.coco_detections import coco_detections
from cyclorama.detect.results import Evaluation, ImageResult, Latency, Scores, Seen

SCORES, DETECTIONS, TRUTH = "scores.json", "detections.json", "truth.json"


def write_evaluation(evaluation: Evaluation, folder: Path) -> None:
    """As scores.json, detections.json (COCO's results format) and truth.json (what was to be found)."""
    plain = {
        "title": evaluation.title,
        "categories": list(evaluation.categories),
        "latency": to_plain(evaluation.latency),
        "skeletons": to_plain(dict(evaluation.skeletons)),
        "seen": to_plain(evaluation.seen),
        **to_plain(evaluation.scores),
    }
    found = [
        {"image_id": i + 1, **d, "file_name": result.image.name}
        for i, result in enumerate(evaluation.results)
        for d in coco_detections(result.detections)
    ]
    write_json(folder / TRUTH, {"images": [_truth(result) for result in evaluation.results]})
    write_json(folder / DETECTIONS, found)
    write_json(folder / SCORES, plain)


def read_evaluation(folder: Path) -> Evaluation:
    """What ``write_evaluation`` wrote.

    Raises:
        InputError: The folder holds no evaluation, one of an earlier version, or a damaged one.
    """
    if not (folder / SCORES).is_file():
        raise InputError(f"{folder}: holds no evaluation (no {SCORES}); 'cyclorama evaluate' makes one")
    if not (folder / TRUTH).is_file():
        raise InputError(
            f"{folder}: is an evaluation of an earlier version (no {TRUTH}); run 'cyclorama evaluate' again"
        )
    plain, truth, found = (read_json(folder / name) for name in (SCORES, TRUTH, DETECTIONS))
    try:
        title, categories, latency = (plain.pop(key) for key in ("title", "categories", "latency"))
        skeletons = {c: from_plain(Skeleton, s) for c, s in plain.pop("skeletons", {}).items()}
        seen = plain.pop("seen", None)
        counts = [len(skeletons[c]) if c in skeletons else 0 for c in categories]
        results = _results(truth["images"], found, counts)
        return Evaluation(
            title=title,
            categories=tuple(categories),
            scores=from_plain(Scores, plain),
            results=results,
            latency=from_plain(Latency, latency) if latency else None,
            skeletons=skeletons,
            seen=from_plain(Seen, seen) if seen else None,
        )
    except InputError as error:
        raise InputError(f"{folder}: is damaged ({error}); run 'cyclorama evaluate' again") from error
    except (TypeError, KeyError, AttributeError, IndexError, ValueError) as error:
        raise InputError(f"{folder}: is damaged ({error!r}); run 'cyclorama evaluate' again") from error


def evaluation_folders(places: Sequence[Path]) -> tuple[Path, ...]:
    """Each place itself where it is an evaluation; of a run, its only one, or the one of a name that all runs have.

    Raises:
        InputError: A place holds none, or several and it isn't plain which.
    """
    inside = {place: _evaluations_in(place) for place in places if not (place / SCORES).is_file()}
    for place, names in inside.items():
        if not names:
            raise InputError(f"{place}: holds no evaluation; 'cyclorama evaluate {place} PHOTOGRAPHS' makes one")
    shared = set.intersection(*(set(names) for names in inside.values())) if inside else set()
    return tuple(place / _chosen(place, inside[place], shared) if place in inside else place for place in places)


def _evaluations_in(place: Path) -> list[str]:
    return sorted(p.parent.name for p in place.glob(f"*/{SCORES}"))


def _chosen(place: Path, names: list[str], shared: set[str]) -> str:
    if len(shared) == 1:
        return next(iter(shared))
    if len(names) == 1:
        return names[0]
    raise InputError(f"{place}: holds several evaluations ({', '.join(names)}); name one, as {place / names[0]}")


def _truth(result: ImageResult) -> dict[str, Any]:
    return {
        "id": result.id,
        "path": str(result.image.resolve()),
        "width": result.width,
        "height": result.height,
        "boxes": result.truth_boxes.tolist(),
        "classes": result.truth_classes.tolist(),
        "ignored": result.truth_ignored.tolist(),
        "areas_px": result.areas_px.tolist(),
        "visible": [None if np.isnan(v) else float(v) for v in result.visible],
        "masks": None if result.truth_masks is None else [dict(mask) for mask in result.truth_masks],
        "keypoints": None if result.truth_keypoints is None else [own.tolist() for own in result.truth_keypoints],
    }


def _results(
    images: Sequence[dict[str, Any]], found: Sequence[dict[str, Any]], counts: Sequence[int]
) -> tuple[ImageResult, ...]:
    """Of all images; ``counts`` says how many keypoints each category has."""
    per_image: list[list[dict[str, Any]]] = [[] for _ in images]
    for detection in found:
        _check_number(f"{DETECTIONS}: image_id", detection["image_id"], 1, len(images))
        _check_number(f"{DETECTIONS}: category_id", detection["category_id"], 1, len(counts))
        per_image[detection["image_id"] - 1].append(detection)
    for image in images:
        for c in image["classes"]:
            _check_number(f"{TRUTH}: image {image['id']}: class", c, 0, len(counts) - 1)
    return tuple(_result(image, own, counts) for image, own in zip(images, per_image, strict=True))


def _result(image: dict[str, Any], found: Sequence[dict[str, Any]], counts: Sequence[int]) -> ImageResult:
    xywh = np.array([d["bbox"] for d in found], float).reshape(-1, 4)
    classes = [d["category_id"] - 1 for d in found]
    masks, points = image.get("masks"), image.get("keypoints")
    has_points = points is not None or any("keypoints" in d for d in found)
    boxes = np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], axis=1)
    name = f"image {image['id']}"
    return ImageResult(
        id=image["id"],
        image=Path(image["path"]),
        width=image["width"],
        height=image["height"],
        truth_boxes=np.array(image["boxes"], float).reshape(-1, 4),
        truth_classes=np.array(image["classes"], np.int64),
        truth_ignored=np.array(image["ignored"], bool),
        detections=Detections(
            boxes,
            np.array([d["score"] for d in found]),
            np.array(classes, np.int32),
            tuple(d["segmentation"] for d in found) if masks is not None else None,
            _points(f"{DETECTIONS}: {name}", [d["keypoints"] for d in found], classes, counts) if has_points else None,
        ),
        truth_areas_px=np.array(image["areas_px"], float),
        truth_visible=np.array(image["visible"], float),
        truth_masks=None if masks is None else tuple(masks),
        truth_keypoints=None if points is None else _points(f"{TRUTH}: {name}", points, image["classes"], counts),
    )


def _check_number(what: str, number: int, first: int, last: int) -> None:
    if not first <= number <= last:
        raise InputError(f"{what} {number}; expected {first} to {last}")


def _points(
    where: str, plain: Sequence[Sequence[Any]], classes: Sequence[int], counts: Sequence[int]
) -> tuple[FloatArray, ...]:
    """N times (K, 3) x, y and visibility or score, as many as the class of each has."""
    found = tuple(np.array(own, float).reshape(-1, 3) for own in plain)
    for own, c in zip(found, classes, strict=True):
        if len(own) != counts[c]:
            raise InputError(f"{where}: {len(own)} keypoints of an object; expected the {counts[c]} of its category")
    return found
