"""Which of a network's keypoints are whose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.errors import InputError
from cyclorama.core.sample import Annotation, Dataset
from cyclorama.core.skeleton import Skeleton
from cyclorama.label.objects.keypoints import Keypoints


@dataclass(frozen=True)
class Channels:
    """The keypoints of all categories in a row, as a network has them, which knows of one number of keypoints alone.

    Categories of the same skeleton share theirs, so that they learn from each other. Others have their own: a mug's
    first keypoint looks like nothing that is a chair's first, and they needn't be as many.

    Attributes:
        of_class: For each category its keypoints' places, none where it has none.
        mirrored: (K) place of each one's counterpart in a mirrored picture.
    """

    of_class: tuple[range, ...] = ()
    mirrored: tuple[int, ...] = ()

    def __len__(self) -> int:
        """K."""
        return len(self.mirrored)


def channels_of(skeletons: Mapping[str, Skeleton], categories: Sequence[str]) -> Channels:
    """Places for the keypoints of categories.

    Args:
        skeletons: Of those that have one.
        categories: The detector's.
    """
    taken: dict[tuple[tuple[str, ...], tuple[int, ...]], range] = {}
    mirrored: list[int] = []
    for skeleton in (skeletons[c] for c in categories if c in skeletons):
        if _alike(skeleton) not in taken:
            first = len(mirrored)
            taken[_alike(skeleton)] = range(first, first + len(skeleton))
            mirrored += [first + place for place in skeleton.mirrored]
    of_class = tuple(taken[_alike(skeletons[c])] if c in skeletons else range(0) for c in categories)
    return Channels(of_class, tuple(mirrored))


def _alike(skeleton: Skeleton) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """What skeletons have in common whose keypoints are the same to a network."""
    return skeleton.names, skeleton.mirrored


def check_keypoints(
    dataset: Dataset, skeletons: Mapping[str, Skeleton], numbers: Mapping[str, int], categories: Sequence[str]
) -> None:
    """The images may tell the detector's keypoints, or none.

    Args:
        dataset: Of the images.
        skeletons: The detector's.
        numbers: Category of the images -> the detector's class number.
        categories: The detector's.

    Raises:
        InputError: They tell other ones, or the same in another order.
    """
    for name, number in numbers.items():
        theirs, own = dataset.skeletons.get(name), skeletons.get(categories[number])
        if theirs is not None and own is not None and theirs.names != own.names:
            raise InputError(
                f"{dataset.root}: its keypoints of '{name}' are {', '.join(theirs.names)}; expected the detector's, in "
                f"their order: {', '.join(own.names)}"
            )


def keypoint_rows(annotation: Annotation, count: int) -> FloatArray:
    """(K, 3) x, y and visibility of an object's keypoints; 0 where nobody labelled them.

    Args:
        annotation: Of the object.
        count: K of its category.
    """
    if not count or Keypoints not in annotation:
        return np.zeros((count, 3))
    label = annotation[Keypoints]
    return np.column_stack([label.xy, label.visibility])


def scaled_keypoints(points: FloatArray, scores: FloatArray, places: range, factors: FloatArray) -> FloatArray:
    """(K, 3) x, y in the photograph, and score of one detection's keypoints.

    Args:
        points: (C, 3) of all categories, in the network's image.
        scores: (C,) in 0..1.
        places: Of the detection's category.
        factors: (4,) that turn boxes of the photograph into the network's.
    """
    chosen = slice(places.start, places.stop)
    made: FloatArray = points[chosen].copy()
    made[:, :2] /= factors[:2]
    made[:, 2] = scores[chosen]
    return made
