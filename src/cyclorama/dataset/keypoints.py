"""Keypoints as COCO's JSON has them, which other layouts borrow (https://cocodataset.org/#format-data).

COCO knows neither which keypoints are each other's mirror images nor their sigmas: these stand beside, under names that
other readers pass over.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from cyclorama.core.errors import InputError
from cyclorama.core.sample import Annotation
from cyclorama.core.skeleton import Skeleton
from cyclorama.label.objects.keypoints import VISIBLE, Keypoints

# COCO's own persons, whose sigmas its JSON doesn't state (pycocotools, cocoeval.py).
PERSON = (
    *("nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow"),
    *("right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle"),
    "right_ankle",
)
PERSON_SIGMAS = (
    *(0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062, 0.107, 0.107, 0.087, 0.087),
    *(0.089, 0.089),
)


def category_from_skeleton(skeleton: Skeleton) -> dict[str, Any]:
    """What a category says of its keypoints; numbers are from 1, as COCO's."""
    return {
        "keypoints": list(skeleton.names),
        "skeleton": [[first + 1, second + 1] for first, second in skeleton.bones],
        "keypoint_counterparts": [place + 1 for place in skeleton.mirrored],
        "keypoint_sigmas": list(skeleton.sigmas),
    }


def skeleton_from_category(where: str, category: Mapping[str, Any]) -> Skeleton | None:
    """The keypoints of a category; None where it has none.

    Args:
        where: What errors begin with.
        category: With what ``category_from_skeleton`` wrote, or with COCO's ``keypoints`` and ``skeleton`` alone.

    Raises:
        InputError: They contradict each other.
    """
    if not category.get("keypoints"):
        return None
    try:
        names = tuple(str(name) for name in category["keypoints"])
        bones = _bones(category.get("skeleton") or (), len(names))
        mirrored = tuple(int(place) - 1 for place in category.get("keypoint_counterparts") or ())
        stated = tuple(float(sigma) for sigma in category.get("keypoint_sigmas") or ())
        sigmas = stated or (PERSON_SIGMAS if names == PERSON else ())
        return Skeleton(names, bones, mirrored, sigmas)
    except (InputError, TypeError, ValueError) as error:
        raise InputError(f"{where}: category '{category.get('name')}': {error}") from error


def _bones(stated: Iterable[Iterable[Any]], count: int) -> tuple[tuple[int, int], ...]:
    """Pairs of positions; numbers are from 1, as COCO's, but where a 0 is among them all are from 0.

    Bones are only drawn, so those that some tools write from a keypoint to itself, or to none, are left out.
    """
    numbered = [(int(a), int(b)) for a, b in stated]
    first = 0 if any(0 in bone for bone in numbered) else 1
    placed = [(a - first, b - first) for a, b in numbered]
    return tuple(bone for bone in placed if bone[0] != bone[1] and set(bone) <= set(range(count)))


def flat_keypoints(keypoints: Keypoints) -> list[float]:
    """[x, y, v, x, y, v, ...]; x and y as boxes have them."""
    return [number for row in keypoints.to_plain() for number in row]


def keypoints_of(annotation: Annotation, skeleton: Skeleton) -> Keypoints:
    """Those of an object; all absent where none is labelled."""
    if Keypoints not in annotation:
        return Keypoints(np.zeros((len(skeleton), 2)), np.zeros(len(skeleton), int))
    return annotation[Keypoints]


def keypoints_from_flat(where: str, values: Any, skeleton: Skeleton) -> Keypoints:
    """What ``flat_keypoints`` wrote; an absent one is put to 0, 0.

    Raises:
        InputError: They are not three numbers for each of the skeleton's keypoints, the third 0, 1 or 2.
    """
    try:
        rows = np.array(values, float).reshape(len(skeleton), 3)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{where}: 'keypoints' {str(values)[:60]}: expected x, y, v for each of the {len(skeleton)} of its category"
        ) from error
    if not np.isin(rows[:, 2], range(VISIBLE + 1)).all() or not np.isfinite(rows).all():
        raise InputError(f"{where}: keypoints: expected finite numbers, v 0 (absent), 1 (hidden) or 2 (visible)")
    return Keypoints(np.where(rows[:, 2:] > 0, rows[:, :2], 0.0), rows[:, 2].astype(int))


def merged_skeletons(where: str, *parts: Mapping[str, Skeleton]) -> dict[str, Skeleton]:
    """Those of several files of one dataset.

    Raises:
        InputError: They say different things of one category.
    """
    found: dict[str, Skeleton] = {}
    for part in parts:
        for category, skeleton in part.items():
            if found.setdefault(category, skeleton) != skeleton:
                raise InputError(f"{where}: its files say different things of the keypoints of '{category}'")
    return found
