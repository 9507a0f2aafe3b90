"""Keypoints in Ultralytics' YOLO layout (https://docs.ultralytics.com/datasets/pose/).

All lines have the same number of keypoints, so those of all categories stand in a row, the same ones of several
categories once, and an object has its own of them; the others are absent. Which are whose stands in data.yaml under
``keypoints``, which other readers pass over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.errors import InputError
from cyclorama.core.sample import Annotation
from cyclorama.core.skeleton import Skeleton, mirrored_by_name
from cyclorama.dataset.keypoints import (
    PERSON,
    category_from_skeleton,
    keypoints_from_flat,
    keypoints_of,
    skeleton_from_category,
)
from cyclorama.label.objects.keypoints import ABSENT, VISIBLE, Keypoints


@dataclass(frozen=True)
class KeypointRow:
    """The keypoints of all categories in a row.

    Attributes:
        count: How many there are.
        skeletons: By category.
        first: Place of each category's first one.
        numbers: Of each on a line: x and y, or x, y and visibility.
    """

    count: int
    skeletons: Mapping[str, Skeleton]
    first: Mapping[str, int]
    numbers: int = 3

    @classmethod
    def of(cls, skeletons: Mapping[str, Skeleton]) -> "KeypointRow":
        """Those of a dataset."""
        places: dict[Skeleton, int] = {}
        count = 0
        for skeleton in skeletons.values():
            if skeleton not in places:
                places[skeleton] = count
                count += len(skeleton)
        return cls(count, skeletons, {category: places[skeleton] for category, skeleton in skeletons.items()})

    @classmethod
    def from_yaml(cls, where: str, plain: Mapping[str, Any], categories: Sequence[str]) -> "KeypointRow | None":
        """What a data.yaml tells; None where it tells of none.

        Raises:
            InputError: It contradicts itself.
        """
        if not plain.get("kpt_shape"):
            return None
        try:
            count, numbers = (int(n) for n in plain["kpt_shape"])
            told = plain.get("keypoints")
            stated = told if isinstance(told, dict) else _shared_by_all(plain, categories, count)
            found = {name: skeleton_from_category(where, {"name": name, **told}) for name, told in stated.items()}
            skeletons = {name: skeleton for name, skeleton in found.items() if skeleton is not None}
            first = {name: int(stated[name].get("first", 0)) for name in skeletons}
        except InputError:
            raise
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InputError(f"{where}: its keypoints can't be read ({error!r}); expected kpt_shape: [K, 3]") from error
        if numbers not in (2, 3) or any(not 0 <= first[name] <= count - len(s) for name, s in skeletons.items()):
            raise InputError(
                f"{where}: kpt_shape is {plain['kpt_shape']}; expected as many as are named, those of a category from "
                "'first' on (0 and more), and 2 or 3 numbers of each"
            )
        return cls(count, skeletons, first, numbers)

    def to_yaml(self, categories: Sequence[str]) -> dict[str, Any]:
        """What data.yaml tells of them."""
        flipped = list(range(self.count))
        for category, skeleton in self.skeletons.items():
            begin = self.first[category]
            flipped[begin : begin + len(skeleton)] = [begin + place for place in skeleton.mirrored]
        plain: dict[str, Any] = {"kpt_shape": [self.count, self.numbers], "flip_idx": flipped}
        if len(self.skeletons) == len(categories) and len(set(self.first.values())) == 1:
            plain["kpt_names"] = {i: list(self.skeletons[name].names) for i, name in enumerate(categories)}
        told = self.skeletons.items()
        return plain | {
            "keypoints": {name: {"first": self.first[name], **category_from_skeleton(s)} for name, s in told}
        }

    def line(self, annotation: Annotation, size: tuple[int, int]) -> str:
        """What follows the box of an object: "x y v x y v ...", x and y as shares of width and height."""
        rows = np.zeros((self.count, 3))
        if annotation.category in self.first:
            begin, skeleton = self.first[annotation.category], self.skeletons[annotation.category]
            keypoints, mine = keypoints_of(annotation, skeleton), slice(begin, begin + len(skeleton))
            rows[mine, :2], rows[mine, 2] = keypoints.xy / size, keypoints.visibility
        return " ".join(f"{x:.8g} {y:.8g} {v:.0f}" for x, y, v in rows)

    def read(self, where: str, category: str, values: FloatArray, size: tuple[int, int]) -> Keypoints | None:
        """Those of an object, from all numbers after its box; None where its category has none.

        Without visibility, one that is negative or at 0, 0 is absent.

        Raises:
            InputError: One is no number, or its visibility is not 0, 1 or 2.
        """
        if category not in self.first:
            return None
        begin, skeleton = self.first[category], self.skeletons[category]
        rows = values.reshape(self.count, self.numbers)[begin : begin + len(skeleton)]
        is_absent = (rows[:, :2] < 0).any(axis=1) | ~rows[:, :2].any(axis=1)
        visibility = rows[:, 2] if self.numbers == 3 else np.where(is_absent, ABSENT, VISIBLE)
        return keypoints_from_flat(where, np.column_stack([rows[:, :2] * size, visibility]), skeleton)


def _shared_by_all(plain: Mapping[str, Any], categories: Sequence[str], count: int) -> dict[str, Any]:
    """Of others' files, in which all classes have all keypoints.

    Names may lack, but COCO's persons are known; without ``flip_idx``, names tell what is left and what is right.
    """
    flipped = tuple(int(place) for place in plain.get("flip_idx") or range(count))
    numbered = PERSON if flipped == mirrored_by_name(PERSON) else [str(i) for i in range(count)]
    names = plain.get("kpt_names") or {}
    counterparts = {"keypoint_counterparts": [place + 1 for place in flipped]} if plain.get("flip_idx") else {}
    return {name: {"keypoints": names.get(i) or numbered, **counterparts} for i, name in enumerate(categories)}
