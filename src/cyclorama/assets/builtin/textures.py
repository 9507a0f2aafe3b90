"""Procedural textures."""

from collections.abc import Callable
from zlib import crc32

import cv2
import numpy as np

from cyclorama.assets.builtin.noise import SIZE, grid, mix, noise
from cyclorama.core.arrays import ByteArray, FloatArray


def texture(name: str) -> ByteArray:
    """(512, 512, 3) uint8 sRGB, the same at every call."""
    rng = np.random.default_rng(crc32(name.encode()))
    return np.rint(np.clip(_MAKERS[name](rng), 0, 1) * 255).astype(np.uint8)


def _wood(rng: np.random.Generator) -> FloatArray:
    _, x = grid()
    bend = noise(rng, 2, octaves=3, stretch=2)
    rings = 0.5 + 0.5 * np.sin(2 * np.pi * (9 * x + 2.5 * bend))
    fibre = noise(rng, 64, octaves=3, stretch=16)
    return mix(np.clip(0.55 * rings + 0.45 * fibre, 0, 1), [0.36, 0.21, 0.1], [0.74, 0.52, 0.3])


def _planks(rng: np.random.Generator) -> FloatArray:
    _, x = grid()
    board = (x * 5).astype(int)
    shade = rng.uniform(0.7, 1.1, 5)[board]
    seam = np.where((x * 5) % 1 < 0.02, 0.35, 1.0)
    fibre = noise(rng, 48, octaves=4, stretch=12)
    return mix(fibre, [0.45, 0.33, 0.22], [0.72, 0.58, 0.42]) * (shade * seam)[..., None]


def _marble(rng: np.random.Generator) -> FloatArray:
    _, x = grid()
    vein = np.abs(np.sin(2 * np.pi * (x + 1.4 * noise(rng, 3)))) ** 0.25
    return mix(vein, [0.42, 0.42, 0.46], [0.93, 0.92, 0.9])


def _checks(rng: np.random.Generator) -> FloatArray:  # noqa: ARG001
    rows, columns = grid()
    return mix(((rows * 8).astype(int) + (columns * 8).astype(int)) % 2 * 1.0, [0.75, 0.12, 0.12], [0.95, 0.93, 0.88])


def _stripes(rng: np.random.Generator) -> FloatArray:
    _, x = grid()
    colors = rng.uniform(0.1, 0.95, (16, 3))
    return colors[(x * 16).astype(int)]


def _fabric(rng: np.random.Generator) -> FloatArray:
    rows, columns = grid()
    weave = 0.5 + 0.25 * np.sin(2 * np.pi * 64 * rows) + 0.25 * np.sin(2 * np.pi * 64 * columns)
    return mix(np.clip(0.6 * weave + 0.4 * noise(rng, 32), 0, 1), [0.1, 0.16, 0.3], [0.35, 0.45, 0.62])


def _concrete(rng: np.random.Generator) -> FloatArray:
    fine = rng.random((SIZE, SIZE))
    return mix(np.clip(0.75 * noise(rng, 4) + 0.25 * fine, 0, 1), [0.38, 0.37, 0.36], [0.7, 0.69, 0.67])


def _terrazzo(rng: np.random.Generator) -> FloatArray:
    image = np.full((SIZE, SIZE, 3), 0.86)
    for _ in range(500):
        x, y = rng.integers(0, SIZE, 2)
        corners = (rng.normal(0, rng.uniform(3, 10), (6, 2)) + [x, y]).astype(np.int32)
        color = rng.choice([[0.8, 0.45, 0.35], [0.25, 0.32, 0.35], [0.55, 0.6, 0.5], [0.93, 0.78, 0.5]])
        cv2.fillConvexPoly(image, cv2.convexHull(corners), color.tolist(), cv2.LINE_AA)
    return image


def _bricks(rng: np.random.Generator) -> FloatArray:
    rows, columns = grid()
    course = (rows * 16).astype(int)
    shifted = columns * 6 + 0.5 * (course % 2)
    mortar = ((rows * 16) % 1 < 0.1) | (shifted % 1 < 0.045)
    tone = rng.uniform(0.6, 1.15, (16, 8))[course, shifted.astype(int) % 8]
    brick = np.array([0.62, 0.28, 0.2]) * (tone * (0.8 + 0.4 * noise(rng, 32)))[..., None]
    return np.where(mortar[..., None], 0.7, brick)


def _tiles(rng: np.random.Generator) -> FloatArray:
    rows, columns = grid()
    joint = ((rows * 6) % 1 < 0.04) | ((columns * 6) % 1 < 0.04)
    tone = rng.uniform(0.75, 1.0, (6, 6))[(rows * 6).astype(int), (columns * 6).astype(int)]
    return np.where(joint[..., None], 0.35, np.array([0.62, 0.75, 0.8]) * tone[..., None])


def _printed_page(rng: np.random.Generator) -> FloatArray:
    image = np.full((SIZE, SIZE, 3), 0.94)
    for top in range(20, SIZE - 20, 14):
        x = 24
        while x < SIZE - 60:
            width = int(rng.integers(8, 48))
            cv2.rectangle(image, (x, top), (x + width, top + 6), [0.15] * 3, -1)
            x += width + 7
    return image * (0.92 + 0.08 * noise(rng, 4))[..., None]


def _letters(rng: np.random.Generator) -> FloatArray:
    image = np.ones((SIZE, SIZE, 3)) * rng.uniform(0.7, 1.0, 3)
    for _ in range(60):
        x, y = (int(n) for n in rng.integers(-20, SIZE, 2))
        letter, size = chr(int(rng.integers(48, 91))), float(rng.uniform(0.8, 4.0))
        color = rng.uniform(0, 0.6, 3).tolist()
        cv2.putText(image, letter, (x, y), cv2.FONT_HERSHEY_DUPLEX, size, color, max(1, int(2 * size)), cv2.LINE_AA)
    return image


def _patches(rng: np.random.Generator) -> FloatArray:
    image = np.ones((SIZE, SIZE, 3)) * 0.5
    for _ in range(180):
        x, y = (int(n) for n in rng.integers(-60, SIZE, 2))
        w, h = (int(n) for n in rng.integers(10, 150, 2))
        cv2.rectangle(image, (x, y), (x + w, y + h), rng.uniform(0.02, 0.98, 3).tolist(), -1)
    return image


def _dots(rng: np.random.Generator) -> FloatArray:
    image = np.ones((SIZE, SIZE, 3)) * [0.9, 0.85, 0.6]
    for x in range(32, SIZE, 64):
        for y in range(32, SIZE, 64):
            cv2.circle(image, (x, y), 20, rng.uniform(0.1, 0.8, 3).tolist(), -1, cv2.LINE_AA)
    return image


def _grass(rng: np.random.Generator) -> FloatArray:
    blades = np.clip(0.5 * noise(rng, 128, octaves=2) + 0.5 * noise(rng, 8), 0, 1)
    return mix(blades, [0.08, 0.16, 0.04], [0.48, 0.6, 0.22])


def _clouds(rng: np.random.Generator) -> FloatArray:
    return np.stack([noise(rng, 3) for _ in range(3)], axis=-1)


_MAKERS: dict[str, Callable[[np.random.Generator], FloatArray]] = {
    "wood": _wood,
    "planks": _planks,
    "marble": _marble,
    "checks": _checks,
    "stripes": _stripes,
    "fabric": _fabric,
    "concrete": _concrete,
    "terrazzo": _terrazzo,
    "bricks": _bricks,
    "tiles": _tiles,
    "printed_page": _printed_page,
    "letters": _letters,
    "patches": _patches,
    "dots": _dots,
    "grass": _grass,
    "clouds": _clouds,
}
TEXTURES = tuple(_MAKERS)
