"""Photographs without labels that renders take something from: their background, or their look."""

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from cyclorama.core.arrays import ByteArray, FloatArray
from cyclorama.core.errors import InputError
from cyclorama.dataset.pictures import load_picture, pictures_in
from cyclorama.detect.sizes import resized

# Photographs that are kept in memory, in the size that is trained in.
KEPT = 256
# Of a photograph, this share of its sides at least is shown behind the objects.
LEAST_SHOWN = 0.5
# Lowest frequencies whose strength is taken over, as a share of the picture's sides.
LOWEST = (0.005, 0.03)


class Photographs:
    """A folder of them, in the size that is trained in."""

    def __init__(self, folder: Path, image_size: int) -> None:
        """Finds the pictures; reads none.

        Raises:
            InputError: There are none.
        """
        self._paths = tuple(pictures_in(folder)) if folder.is_dir() else ()
        if not self._paths:
            raise InputError(f"{folder}: holds no photographs (.jpg, .png, .webp, ...)")
        self._load = lru_cache(KEPT)(lambda path: resized(load_picture(path), image_size)[0])

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, number: int) -> ByteArray:
        """(H, W, 3) uint8."""
        return self._load(self._paths[number])

    def any(self, rng: np.random.Generator) -> ByteArray:
        """One by chance."""
        return self[int(rng.integers(len(self)))]


def before_photograph(
    image: ByteArray, foreground: FloatArray, photograph: ByteArray, rng: np.random.Generator
) -> ByteArray:
    """What is in the foreground, before a part of a photograph (Dwibedi et al., arXiv 1708.01642).

    Args:
        image: (H, W, 3) uint8.
        foreground: (H, W) share of each pixel that is kept, 0..1.
        photograph: Of any size.
        rng: Chooses the part, and mirrors it in half of the cases.
    """
    height, width = image.shape[:2]
    part = _part(photograph, height / width, rng)
    behind = cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA)
    if rng.random() < 0.5:
        behind = behind[:, ::-1]
    kept = foreground[..., None]
    return np.rint(image * kept + behind * (1 - kept)).astype(np.uint8)


def _part(photograph: ByteArray, aspect: float, rng: np.random.Generator) -> ByteArray:
    height, width = photograph.shape[:2]
    share = rng.uniform(LEAST_SHOWN, 1)
    w = max(1, int(min(width, height / aspect) * share))
    h = max(1, min(height, int(w * aspect)))
    x, y = int(rng.integers(width - w + 1)), int(rng.integers(height - h + 1))
    return photograph[y : y + h, x : x + w]


def in_style_of(image: ByteArray, photograph: ByteArray, rng: np.random.Generator) -> ByteArray:
    """With the strength of a photograph's lowest frequencies: its light and colours (FDA, arXiv 2004.05498)."""
    height, width = image.shape[:2]
    like = cv2.resize(photograph, (width, height), interpolation=cv2.INTER_AREA)
    own, other = (np.fft.fft2(picture.astype(np.float32), axes=(0, 1)) for picture in (image, like))
    reach = rng.uniform(*LOWEST)
    is_low = np.logical_and(
        np.abs(np.fft.fftfreq(height))[:, None] <= reach / 2, np.abs(np.fft.fftfreq(width))[None] <= reach / 2
    )[..., None]
    strength = np.where(is_low, np.abs(other), np.abs(own))
    mixed = np.fft.ifft2(strength * np.exp(1j * np.angle(own)), axes=(0, 1)).real
    return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)


def with_colours_of(image: ByteArray, photograph: ByteArray, rng: np.random.Generator) -> ByteArray:
    """With each channel's histogram drawn towards a photograph's."""
    share = rng.uniform(0.3, 1)
    made = np.empty_like(image)
    for channel in range(3):
        own, other = (np.bincount(p[..., channel].ravel(), minlength=256) for p in (image, photograph))
        # Of levels that the photograph hasn't, none is given.
        levels = np.flatnonzero(other)
        like = np.interp(own.cumsum() / own.sum(), other[levels].cumsum() / other.sum(), levels)
        table = np.arange(256) * (1 - share) + like * share
        made[..., channel] = np.rint(table).astype(np.uint8)[image[..., channel]]
    return made
