"""Datasets of noise in memory, with no file behind them: each picture is known by its object's category."""

from pathlib import Path

import numpy as np

from cyclorama.core.sample import Annotation, Dataset, Sample
from cyclorama.label.objects.box import Box
from cyclorama.label.objects.mask import Mask

WIDTH, HEIGHT = 80, 60
COUNT = 7
CATEGORIES = tuple(f"c{i}" for i in range(COUNT))
NUMBERS = {category: number for number, category in enumerate(CATEGORIES)}


def noise_image(seed, size=(HEIGHT, WIDTH)):
    """(H, W, 3) uint8."""
    return np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)


def noise_sample(position, *, annotations=None, load_image=None, masks=False):
    """A picture of noise, all of it one object whose category is the sample's own."""
    labels = {Box: Box(0, 0, WIDTH, HEIGHT)} | ({Mask: Mask(np.ones((HEIGHT, WIDTH), bool))} if masks else {})
    own = (Annotation(f"c{position}", 1, labels),) if annotations is None else annotations
    load = load_image or (lambda: noise_image(position))
    return Sample(str(position), WIDTH, HEIGHT, Path(f"{position}.png"), load, own)


def noise_dataset(*samples):
    """Of ``COUNT`` categories."""
    return Dataset(CATEGORIES, samples, Path(), "none")
