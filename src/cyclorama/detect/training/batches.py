"""Batches that depend on nothing but the settings and the step's number, read ahead in threads."""

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from zlib import crc32

import numpy as np
import torch
from torch import Tensor

from cyclorama.core.arrays import ByteArray
from cyclorama.detect.augmentation.augment import Augmenter
from cyclorama.detect.augmentation.example import Example
from cyclorama.detect.augmentation.photographs import Photographs
from cyclorama.detect.inference import tensor
from cyclorama.detect.keypoints import Channels
from cyclorama.detect.settings import Resolved
from cyclorama.detect.training.source import Source, example_of, foreground_of, shuffled

Target = dict[str, Tensor]
# A picture and its target, or a photograph without labels and the chance for it; None could not be made.
Read = tuple[Tensor, Target] | tuple[ByteArray, np.random.Generator] | None
MIN_BOX_PX = 1.0
# Batches that are made before they are needed.
AHEAD = 4


@dataclass(frozen=True)
class Picture:
    """Where one picture of a batch comes from.

    Attributes:
        kind: "main", "real" or "unlabelled".
        number: How many of its kind came before it in the run.
        place: In the batch.
    """

    kind: str
    number: int
    place: int


@dataclass(frozen=True, eq=False)
class Batch:
    """What a step is taken on.

    Attributes:
        images: (3, H, W) float32 in 0..1 each.
        targets: "boxes" (N, 4), "labels" (N,) from 1 and, if asked for, "masks" (N, H, W) uint8 and "keypoints"
            (N, K, 3) of each.
        unlabelled: Photographs that the averaged detector is to label, and the chance for their augmentation.
    """

    images: list[Tensor]
    targets: list[Target]
    unlabelled: list[tuple[ByteArray, np.random.Generator]]


@dataclass(frozen=True, eq=False)
class Batches:
    """Training images in an order that is shuffled anew in each epoch.

    Attributes:
        main: What an epoch is a pass over.
        settings: Of the run.
        augmenter: What varies the pictures.
        real: Photographs with labels among them.
        unlabelled: Photographs without.
        is_synthetic: Whether ``main`` are renders, which are brought nearer to photographs.
        masks: Whether targets have some.
        channels: Of the keypoints that targets have.
        rank: Which process this is of those that share a batch.
        ranks: How many there are.
    """

    main: Source
    settings: Resolved
    augmenter: Augmenter
    real: Source | None = None
    unlabelled: Photographs | None = None
    is_synthetic: bool = True
    masks: bool = False
    channels: Channels | None = None
    rank: int = 0
    ranks: int = 1

    @property
    def per_epoch(self) -> int:
        """Steps in which each of the main pictures comes once."""
        return max(1, -(-len(self.main) // max(1, round(self.settings.batch * (1 - sum(self._shares()))))))

    @property
    def steps(self) -> int:
        """Of the whole run."""
        return self.settings.steps or self.settings.epochs * self.per_epoch

    def between(self, start: int, stop: int) -> Iterator[Batch]:
        """Batches of steps start .. stop - 1.

        Raises:
            InputError: A picture can't be read.
        """
        readers = self.settings.readers or os.cpu_count() or 1
        with ThreadPoolExecutor(readers) as pool:
            coming: list[list[Future[Read]]] = []
            following = start
            first, last = (self._counts(step * self.settings.batch)["main"] for step in (start, stop))
            self.main.begin(first, last)
            try:
                for _ in range(start, stop):
                    while following < stop and len(coming) < AHEAD:
                        chosen = self.pictures(following)[self.rank :: self.ranks]
                        coming.append([pool.submit(self._read, picture, following) for picture in chosen])
                        following += 1
                    made = [read for future in coming.pop(0) if (read := future.result()) is not None]
                    labelled = [(a, b) for a, b in made if isinstance(a, Tensor) and isinstance(b, dict)]
                    photographs = [(a, b) for a, b in made if isinstance(a, np.ndarray) and not isinstance(b, dict)]
                    yield Batch([i for i, _ in labelled], [t for _, t in labelled], photographs)
            finally:
                for future in (f for batch in coming for f in batch):
                    future.cancel()

    def pictures(self, step: int) -> list[Picture]:
        """What a step's batch, of all ranks, is made of."""
        size = self.settings.batch
        first, last = self._counts(step * size), self._counts((step + 1) * size)
        made = [(kind, number) for kind in first for number in range(first[kind], last[kind])]
        return [Picture(kind, number, place) for place, (kind, number) in enumerate(made)]

    def _counts(self, pictures: int) -> dict[str, int]:
        """How many of the run's first pictures are of each kind; none of them ever falls.

        Before photographs without labels come, renders are in their places.
        """
        begin = round(self.settings.mixing.pseudo_from * self.steps) * self.settings.batch
        real = self._real(pictures)
        unlabelled = max(0, self._unlabelled(pictures) - self._unlabelled(begin))
        return {"real": real, "unlabelled": unlabelled, "main": pictures - real - unlabelled}

    def _real(self, pictures: int) -> int:
        return int(pictures * self._shares()[0])

    def _unlabelled(self, pictures: int) -> int:
        """Their share of what the labelled photographs leave, so that both together never fill more than a batch."""
        real, unlabelled = self._shares()
        return int((pictures - self._real(pictures)) * unlabelled / (1 - real))

    def _shares(self) -> tuple[float, float]:
        """Of photographs with labels and without."""
        mixing = self.settings.mixing
        return mixing.real_share if self.real else 0.0, mixing.pseudo_share if self.unlabelled is not None else 0.0

    def _read(self, picture: Picture, step: int) -> Read:
        seed = self.settings.seed
        rng = np.random.default_rng((seed, step, picture.place, crc32(b"augment")))
        if picture.kind == "unlabelled":
            assert self.unlabelled is not None
            return self.unlabelled[shuffled(picture.number, len(self.unlabelled), seed, picture.kind)], rng
        source = self.real if picture.kind == "real" else self.main
        assert source is not None
        chosen = source.chosen(picture.number, seed)
        example = self._example(source, chosen, rng)
        if example is None:
            return None
        others = partial(self._other, source, rng)
        made = as_tensors(self.augmenter.augmented(example, others, rng, progress=step / self.steps))
        source.release(chosen)
        return made

    def _other(self, source: Source, rng: np.random.Generator) -> Example:
        """For mosaics, which need a dataset."""
        chosen = source.chosen(int(rng.integers(len(source))), self.settings.seed)
        example = self._example(source, chosen, rng)
        assert example is not None
        return example

    def _example(self, source: Source, chosen: int, rng: np.random.Generator) -> Example | None:
        size, sample = self.settings.image_size, source.sample(chosen)
        if sample is None:
            return None
        example = example_of(sample, source.numbers, size, masks=self.masks, channels=self.channels)
        if source is not self.main or not self.is_synthetic:
            return example
        return self.augmenter.nearer_to_photographs(example, partial(foreground_of, sample, size), rng)


def as_tensors(example: Example) -> tuple[Tensor, Target]:
    """The image as (3, H, W) float32 in 0..1, and what is to be found; objects under a pixel are left out."""
    sides = example.boxes[:, 2:] - example.boxes[:, :2]
    example = example.kept((sides >= MIN_BOX_PX).all(axis=1))
    target = {
        "boxes": torch.from_numpy(example.boxes.astype(np.float32)).reshape(-1, 4),
        "labels": torch.from_numpy(example.labels + 1),
    }
    if example.masks is not None:
        target["masks"] = torch.from_numpy(np.ascontiguousarray(example.masks).astype(np.uint8))
    if example.keypoints is not None:
        target["keypoints"] = torch.from_numpy(example.keypoints.astype(np.float32))
    return tensor(example.image), target
