"""Batches that depend on nothing but the settings and the step's number, read ahead in threads."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import torch
from torch import Tensor

from cyclorama.core.arrays import ByteArray, FloatArray, IntArray
from cyclorama.core.sample import Dataset, Sample
from cyclorama.detect.augment import augmented
from cyclorama.detect.sizes import resized
from cyclorama.label.objects.box import Box

Batch = tuple[list[Tensor], list[dict[str, Tensor]]]
AHEAD = 4
READERS = 2
MIN_BOX_PX = 1.0


@dataclass(frozen=True, eq=False)
class Batches:
    """Training images in an order that is shuffled anew in each epoch.

    Attributes:
        dataset: Where samples and categories come from.
        members: Positions of the training samples in the dataset.
        size: Images in a batch.
        image_size: Shorter side in pixels.
        seed: Of order and augmentation.
    """

    dataset: Dataset
    members: Sequence[int]
    size: int
    image_size: int
    seed: int

    @property
    def per_epoch(self) -> int:
        """Steps in an epoch; the last batch of an epoch is filled from its begin."""
        return max(1, -(-len(self.members) // self.size))

    def between(self, start: int, stop: int) -> Iterator[Batch]:
        """Batches of steps start .. stop - 1."""
        with ThreadPoolExecutor(READERS) as pool:
            coming: list[Future[Batch]] = []
            following = start
            try:
                for _ in range(start, stop):
                    while following < stop and len(coming) < AHEAD:
                        coming.append(pool.submit(self._batch, following))
                        following += 1
                    yield coming.pop(0).result()
            finally:
                for future in coming:
                    future.cancel()

    def _batch(self, step: int) -> Batch:
        epoch, number = divmod(step, self.per_epoch)
        order = np.random.default_rng((self.seed, epoch, crc32(b"order"))).permutation(len(self.members))
        chosen = np.resize(order, self.per_epoch * self.size)[number * self.size : (number + 1) * self.size]
        pairs = [self._example(self.members[i], epoch) for i in chosen]
        return [image for image, _ in pairs], [target for _, target in pairs]

    def _example(self, position: int, epoch: int) -> tuple[Tensor, dict[str, Tensor]]:
        sample = self.dataset.samples[position]
        image, factors = resized(sample.load_image(), self.image_size)
        boxes, labels = truth(sample, self.dataset.categories)
        rng = np.random.default_rng((self.seed, epoch, position, crc32(b"augment")))
        image, boxes = augmented(image, boxes * factors, rng)
        kept = (boxes[:, 2:] - boxes[:, :2] >= MIN_BOX_PX).all(axis=1)
        target = {
            "boxes": torch.from_numpy(boxes[kept].astype(np.float32)).reshape(-1, 4),
            "labels": torch.from_numpy(labels[kept] + 1),
        }
        return tensor(image), target


def truth(sample: Sample, categories: Sequence[str]) -> tuple[FloatArray, IntArray]:
    """(N, 4) float boxes and (N,) class numbers from 0 of what is to be found; ignored objects are left out."""
    wanted = [a for a in sample.annotations if Box in a and not a.ignored]
    boxes = np.array([a[Box].xyxy for a in wanted], float).reshape(-1, 4)
    return boxes, np.array([categories.index(a.category) for a in wanted], np.int64)


def tensor(image: ByteArray) -> Tensor:
    """(3, H, W) float32 in 0..1."""
    return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))).float() / 255
