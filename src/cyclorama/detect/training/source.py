"""Where training pictures come from: renders, photographs with labels, photographs without."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from cyclorama.core.arrays import BoolArray, FloatArray, IntArray
from cyclorama.core.errors import InputError
from cyclorama.core.sample import Annotation, Dataset, Sample
from cyclorama.detect.augmentation.example import Example
from cyclorama.detect.sizes import resized
from cyclorama.label.objects.box import Box
from cyclorama.label.objects.mask import Mask


@dataclass(frozen=True, eq=False)
class Source:
    """Samples of a dataset that are trained on.

    Attributes:
        dataset: Where they are.
        members: Their positions in it.
        numbers: Category -> class number; objects of others are background.
    """

    dataset: Dataset
    members: Sequence[int]
    numbers: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.members)

    def example(self, number: int, image_size: int, *, masks: bool) -> Example:
        """The picture in the size that is trained in, with what is to be found on it.

        Raises:
            InputError: The picture can't be read, or an object has no mask where masks are asked for.
        """
        sample = self.dataset.samples[self.members[number]]
        image, factors = resized(sample.load_image(), image_size)
        boxes, labels, found = truth(sample, self.numbers)
        size = image.shape[1], image.shape[0]
        pixels = None if not masks else np.array([_mask(a, size, sample) for a in found], bool).reshape(-1, *size[::-1])
        return Example(image, boxes * factors, labels, pixels)

    def foreground(self, number: int, image_size: int) -> FloatArray:
        """(H, W) share of each pixel that is of an object, 0..1, in the size that is trained in.

        Raises:
            InputError: An object has no mask.
        """
        sample = self.dataset.samples[self.members[number]]
        whole = np.zeros((sample.height, sample.width), bool)
        for annotation in sample.annotations:
            whole |= _pixels(annotation, sample)
        return resized(np.where(whole, np.uint8(255), np.uint8(0)), image_size)[0] / 255


def truth(sample: Sample, numbers: Mapping[str, int]) -> tuple[FloatArray, IntArray, list[Annotation]]:
    """(N, 4) boxes, (N,) class numbers and annotations of what is to be found; ignored objects are left out."""
    found = [a for a in sample.annotations if Box in a and not a.ignored and a.category in numbers]
    boxes = np.array([a[Box].xyxy for a in found], float).reshape(-1, 4)
    return boxes, np.array([numbers[a.category] for a in found], np.int64), found


def _mask(annotation: Annotation, size: tuple[int, int], sample: Sample) -> BoolArray:
    pixels = _pixels(annotation, sample).astype(np.uint8) * 255
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA) >= 128)


def _pixels(annotation: Annotation, sample: Sample) -> BoolArray:
    if Mask not in annotation:
        raise InputError(
            f"{sample.image}: '{annotation.category}' has a box and no mask; "
            "this detector, and --paste, need a dataset with masks (ours, or COCO with segmentation)"
        )
    return annotation[Mask].pixels
