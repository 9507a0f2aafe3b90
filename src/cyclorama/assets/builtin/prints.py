"""What is printed: labels that cover a part, and stickers, tags and stains to be stuck on."""

from collections.abc import Callable
from zlib import crc32

import cv2
import numpy as np

from cyclorama.assets.builtin.noise import SIZE, noise
from cyclorama.core.arrays import ByteArray, FloatArray

# Of labels, and of each kind of decal.
LABEL_VARIANTS, DECAL_VARIANTS = 24, 6
CONSONANTS, VOWELS = "BCDFGKLMNPRSTVZ", "AEIOU"
HEIGHT_PX = 320
# Of what is clear around a barcode, and its bars.
QUIET_PX, BAR_PX = 12, (2, 9)


def label(name: str) -> ByteArray:
    """(512, 512, 3) uint8 sRGB, the same at every call."""
    rng = _rng(name)
    image = _background(rng)
    _put_word(image, rng, (0.06, 0.94), (0.25, 0.6))
    _put_lines(image, rng, (0.06, 0.5), (0.68, 0.92))
    _put_barcode(image, rng, (0.6, 0.92), (0.7, 0.93))
    return _bytes(image)


def decal(name: str) -> ByteArray:
    """(H, W, 4) uint8 sRGB and alpha, the same at every call."""
    rng = _rng(name)
    image, alpha = _DECALS[name.rpartition("-")[0]](rng)
    return _bytes(np.dstack([image, alpha]))


def _rng(name: str) -> np.random.Generator:
    return np.random.default_rng(crc32(name.encode()))


def _bytes(values: FloatArray) -> ByteArray:
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)


def _blank(rng: np.random.Generator, rows: int = SIZE, columns: int = SIZE) -> FloatArray:
    """Of one colour, white half of the time."""
    color = np.full(3, 0.95) if rng.random() < 0.5 else rng.uniform(0.1, 0.95, 3)
    return np.ones((rows, columns, 3)) * color


def _background(rng: np.random.Generator) -> FloatArray:
    """Plain, striped up or across, or of blocks."""
    image, kind = _blank(rng), int(rng.integers(4))
    for _ in range(int(rng.integers(2, 7)) if kind else 0):
        (x, y), (w, h) = (rng.integers(0, SIZE, 2).tolist() for _ in range(2))
        x, w = (0, SIZE) if kind == 1 else (x, w // 3)
        y, h = (0, SIZE) if kind == 2 else (y, h // 3)
        cv2.rectangle(image, (x, y), (x + w, y + h), rng.uniform(0.05, 0.95, 3).tolist(), -1)
    return image


def _contrast(image: FloatArray, rng: np.random.Generator) -> list[float]:
    """A colour that is read on what an image is like on average."""
    dark = rng.uniform(0.0, 0.3, 3)
    return [float(c) for c in (dark if image.mean() > 0.5 else 1 - dark)]


def _box(image: FloatArray, columns: tuple[float, float], rows: tuple[float, float]) -> tuple[int, int, int, int]:
    """x, y, width, height of a part in pixels."""
    height, width = image.shape[:2]
    x, y = int(columns[0] * width), int(rows[0] * height)
    return x, y, int(columns[1] * width) - x, int(rows[1] * height) - y


def _put_word(
    image: FloatArray, rng: np.random.Generator, columns: tuple[float, float], rows: tuple[float, float], word: str = ""
) -> None:
    """Letters as large as fit, on the part of an image between shares of its columns and rows."""
    x, y, width, height = _box(image, columns, rows)
    pairs = range(int(rng.integers(2, 4)))
    word = word or "".join(str(rng.choice(list(letters))) for _ in pairs for letters in (CONSONANTS, VOWELS))
    font = [cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_TRIPLEX][int(rng.integers(3))]
    (w, h), _ = cv2.getTextSize(word, font, 10.0, 1)
    size = 10 * min(0.95 * width / w, 0.9 * height / h)
    at = (int(x + (width - w * size / 10) / 2), int(y + (height + h * size / 10) / 2))
    color = _contrast(image[y : y + height, x : x + width], rng)
    cv2.putText(image, word, at, font, size, color, max(1, round(1.5 * size)), cv2.LINE_AA)


def _put_lines(
    image: FloatArray, rng: np.random.Generator, columns: tuple[float, float], rows: tuple[float, float]
) -> None:
    """Bars as long as lines of small print."""
    x, y, width, height = _box(image, columns, rows)
    color = _contrast(image, rng)
    for top in range(y, y + height, 16):
        cv2.rectangle(image, (x, top), (x + int(width * rng.uniform(0.5, 1)), top + 5), color, -1)


def _put_barcode(
    image: FloatArray, rng: np.random.Generator, columns: tuple[float, float], rows: tuple[float, float]
) -> None:
    x, y, width, height = _box(image, columns, rows)
    image[y : y + height, x : x + width] = 0.97
    at = x + QUIET_PX
    while at < x + width - QUIET_PX - BAR_PX[1]:
        bar, gap = rng.integers(*BAR_PX, 2).tolist()
        image[y + QUIET_PX : y + height - QUIET_PX, at : at + bar] = 0.05
        at += bar + gap


def _sticker(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Round or a star, with a word on it."""
    image = _blank(rng)
    rows, columns = np.mgrid[-1 : 1 : SIZE * 1j, -1 : 1 : SIZE * 1j]
    rays = int(rng.integers(12, 24)) if rng.random() < 0.5 else 0
    radius = np.hypot(rows, columns) * (1 + (0.08 if rays else 0) * (1 + np.cos(rays * np.arctan2(rows, columns))))
    image[radius > 0.85] = rng.uniform(0.05, 0.9, 3)
    _put_word(image, rng, (0.18, 0.82), (0.3, 0.7))
    return image, np.clip((0.98 - radius) * SIZE / 4, 0, 1)


def _price_tag(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    image = np.ones((HEIGHT_PX, SIZE, 3)) * rng.choice([[0.97, 0.97, 0.95], [0.98, 0.85, 0.1], [0.9, 0.15, 0.12]])
    _put_word(image, rng, (0.05, 0.95), (0.08, 0.55), f"{rng.integers(1, 100)}.{rng.integers(10):d}9")
    _put_barcode(image, rng, (0.1, 0.9), (0.6, 0.95))
    return image, _rounded(HEIGHT_PX, SIZE, 24)


def _shipping(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """White, with an address, a barcode and a number."""
    image = np.full((SIZE, HEIGHT_PX, 3), 0.95)
    _put_lines(image, rng, (0.08, 0.7), (0.06, 0.3))
    _put_barcode(image, rng, (0.05, 0.95), (0.36, 0.7))
    _put_word(image, rng, (0.08, 0.92), (0.74, 0.95), "".join(str(d) for d in rng.integers(0, 10, 8)))
    return image, _rounded(SIZE, HEIGHT_PX, 6)


def _stain(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """A blot that thins out, darker at its rim, as what was spilt and dried."""
    rows, columns = np.mgrid[-1 : 1 : SIZE * 1j, -1 : 1 : SIZE * 1j]
    inside = 0.7 + 0.5 * (noise(rng, 4, octaves=3) - 0.5) - np.hypot(rows, columns * rng.uniform(1, 1.6))
    alpha = np.clip(8 * inside, 0, 1) * (0.35 + 0.4 * np.exp(-((inside / 0.05) ** 2)) + 0.25 * noise(rng, 16))
    return np.ones((SIZE, SIZE, 3)) * rng.uniform([0.1, 0.06, 0.02], [0.4, 0.25, 0.15]), alpha


def _rounded(rows: int, columns: int, radius: int) -> FloatArray:
    """Alpha of a rectangle with rounded corners."""
    y, x = (np.abs(np.arange(n) - (n - 1) / 2) - n / 2 + radius for n in (rows, columns))
    outside = np.hypot(np.maximum(y, 0)[:, None], np.maximum(x, 0))
    return np.asarray(np.clip(radius - outside + 0.5, 0, 1))


_DECALS: dict[str, Callable[[np.random.Generator], tuple[FloatArray, FloatArray]]] = {
    "sticker": _sticker,
    "price_tag": _price_tag,
    "shipping": _shipping,
    "stain": _stain,
}
LABELS = tuple(f"label-{number}" for number in range(1, LABEL_VARIANTS + 1))
DECALS = tuple(f"{kind}-{number}" for kind in _DECALS for number in range(1, DECAL_VARIANTS + 1))
