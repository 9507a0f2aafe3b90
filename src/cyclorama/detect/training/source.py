"""Where training pictures come from: renders, photographs with labels, photographs without."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from zlib import crc32

import cv2
import numpy as np

from cyclorama.core.arrays import BoolArray, FloatArray, IntArray
from cyclorama.core.errors import InputError
from cyclorama.core.sample import Annotation, Dataset, Sample
from cyclorama.detect.augmentation.example import Example
from cyclorama.detect.keypoints import Channels, keypoint_rows
from cyclorama.detect.sizes import resized
from cyclorama.label.objects.box import Box
from cyclorama.label.objects.mask import Mask


class Source(Protocol):
    """Samples that are trained on, again and again.

    Attributes:
        numbers: Category -> class number; objects of others are background.
    """

    @property
    def numbers(self) -> Mapping[str, int]:
        """Category -> class number; objects of others are background."""

    def __len__(self) -> int:
        """Samples in an epoch."""

    def pictures(self) -> list[Path]:
        """Files of the samples that are there before the run."""

    def begin(self, first: int, stop: int) -> None:
        """The run goes on from its ``first`` sample and needs those before ``stop``."""

    def chosen(self, number: int, seed: int) -> int:
        """Which sample is the ``number``-th of the run."""

    def sample(self, chosen: int) -> Sample | None:
        """That sample; None if there is none after all."""

    def release(self, chosen: int) -> None:
        """It has been read."""


@dataclass(frozen=True, eq=False)
class DatasetSource:
    """Samples of a dataset, in an order that is shuffled anew in each epoch.

    Attributes:
        dataset: Where they are.
        members: Their positions in it.
        numbers: Category -> class number.
        kind: Sources of different kinds are shuffled differently.
    """

    dataset: Dataset
    members: Sequence[int]
    numbers: Mapping[str, int]
    kind: str = "main"

    def __len__(self) -> int:
        return len(self.members)

    def pictures(self) -> list[Path]:
        """Their files."""
        return [self.dataset.samples[member].image for member in self.members]

    def begin(self, first: int, stop: int) -> None:
        """They are there."""

    def chosen(self, number: int, seed: int) -> int:
        """Of endless passes over all members."""
        return self.members[shuffled(number, len(self.members), seed, self.kind)]

    def sample(self, chosen: int) -> Sample:
        """By its position in the dataset."""
        return self.dataset.samples[chosen]

    def release(self, chosen: int) -> None:
        """It stays."""


class Renders(Protocol):
    """Renders that are made while they are trained on; ``generate.stream`` has them."""

    def begin(self, first: int, stop: int) -> None:
        """Make images ``first`` .. stop - 1."""

    def sample(self, index: int) -> Sample | None:
        """An image, as soon as it is there; None if it can't be made."""

    def release(self, index: int) -> None:
        """It is not needed any more."""


@dataclass(frozen=True, eq=False)
class RendersSource:
    """Renders of which each is seen once.

    Attributes:
        renders: What makes them.
        numbers: Category -> class number.
        epoch_images: How many count as an epoch.
    """

    renders: Renders
    numbers: Mapping[str, int]
    epoch_images: int

    def __len__(self) -> int:
        return self.epoch_images

    def pictures(self) -> list[Path]:
        """None: they are made for the run alone."""
        return []

    def begin(self, first: int, stop: int) -> None:
        """They begin to be made."""
        self.renders.begin(first, stop)

    def chosen(self, number: int, seed: int) -> int:
        """One after the other."""
        del seed
        return number

    def sample(self, chosen: int) -> Sample | None:
        """Waits for it."""
        return self.renders.sample(chosen)

    def release(self, chosen: int) -> None:
        """Makes room for the next."""
        self.renders.release(chosen)


def shuffled(number: int, count: int, seed: int, kind: str) -> int:
    """The ``number``-th of endless passes over ``count`` things, each in an order of its own."""
    epoch, place = divmod(number, count)
    rng = np.random.default_rng((seed, epoch, crc32(kind.encode())))
    return int(rng.permutation(count)[place])


def example_of(
    sample: Sample, numbers: Mapping[str, int], image_size: int, *, masks: bool, channels: Channels | None = None
) -> Example:
    """The picture in the size that is trained in, with what is to be found on it; keypoints where there are channels.

    Raises:
        InputError: The picture can't be read, or an object has no mask where masks are asked for.
    """
    image, factors = resized(sample.load_image(), image_size)
    boxes, labels, found = truth(sample, numbers)
    size = image.shape[1], image.shape[0]
    pixels = None if not masks else np.array([_mask(a, size, sample) for a in found], bool).reshape(-1, *size[::-1])
    points = _keypoints(found, labels, channels) * [*factors[:2], 1] if channels else None
    return Example(image, boxes * factors, labels, pixels, points)


def foreground_of(sample: Sample, image_size: int) -> FloatArray:
    """(H, W) share of each pixel that is of an object, 0..1, in the size that is trained in.

    Raises:
        InputError: An object has no mask.
    """
    whole = np.zeros((sample.height, sample.width), bool)
    for annotation in sample.annotations:
        # What is hidden has neither box nor mask.
        if Box in annotation or Mask in annotation:
            whole |= _pixels(annotation, sample)
    return resized(np.where(whole, np.uint8(255), np.uint8(0)), image_size)[0] / 255


def truth(sample: Sample, numbers: Mapping[str, int]) -> tuple[FloatArray, IntArray, list[Annotation]]:
    """(N, 4) boxes, (N,) class numbers and annotations of what is to be found; ignored objects are left out."""
    found = [a for a in sample.annotations if Box in a and not a.ignored and a.category in numbers]
    boxes = np.array([a[Box].xyxy for a in found], float).reshape(-1, 4)
    return boxes, np.array([numbers[a.category] for a in found], np.int64), found


def _keypoints(found: Sequence[Annotation], labels: IntArray, channels: Channels) -> FloatArray:
    """(N, K, 3) x, y and visibility; of an object without, and at the places of other categories, 0."""
    points: FloatArray = np.zeros((len(found), len(channels), 3))
    for own, annotation, label in zip(points, found, labels, strict=True):
        places = channels.of_class[label]
        own[places] = keypoint_rows(annotation, len(places))
    return points


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
