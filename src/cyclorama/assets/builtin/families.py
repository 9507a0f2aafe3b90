"""Procedural materials: colour, relief and gloss that belong together."""

from collections.abc import Callable
from dataclasses import dataclass
from zlib import crc32

import cv2
import numpy as np

from cyclorama.assets.builtin.noise import SIZE, grid, mix, noise
from cyclorama.core.arrays import ByteArray, FloatArray

# Of each family, each of a colour and a pattern of its own: "wood-1" to "wood-4".
VARIANTS = 4


@dataclass(frozen=True, eq=False)
class Texels:
    """What a material is, texel by texel.

    Attributes:
        color: (S, S, 3) sRGB, 0..1.
        heights: (S, S) tiles.
        roughness: (S, S) 0..1.
    """

    color: FloatArray
    heights: FloatArray
    roughness: FloatArray


@dataclass(frozen=True)
class Family:
    """One kind of material.

    Attributes:
        metallic: Of all of it.
        tile_m: Edge of what its texels show of a real one, metres.
    """

    make: Callable[[np.random.Generator], Texels]
    tile_m: float
    metallic: float = 0.0


def material_map(name: str, kind: str) -> ByteArray:
    """(512, 512, 3) uint8, seamless, the same at every call.

    Args:
        name: One of MATERIALS.
        kind: "color" (sRGB), "normal" (tangent space, y up) or "roughness" (grey).
    """
    texels = FAMILIES[name.rpartition("-")[0]].make(np.random.default_rng(crc32(name.encode())))
    values = {"color": texels.color, "roughness": texels.roughness[..., None].repeat(3, -1)}.get(kind)
    values = 0.5 + 0.5 * _normals(texels.heights) if values is None else values
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)


def _normals(heights: FloatArray) -> FloatArray:
    """(S, S, 3) unit normals of heights in tiles; rows run against y."""
    right = (np.roll(heights, -1, 1) - np.roll(heights, 1, 1)) * SIZE / 2
    down = (np.roll(heights, -1, 0) - np.roll(heights, 1, 0)) * SIZE / 2
    normals = np.stack([-right, down, np.ones_like(heights)], -1)
    return np.asarray(normals / np.linalg.norm(normals, axis=-1, keepdims=True))


def _pick(rng: np.random.Generator, colors: list[list[float]]) -> FloatArray:
    """One of some colours, a little lighter or darker."""
    return np.asarray(colors[int(rng.integers(len(colors)))]) * rng.uniform(0.85, 1.1)


def _any_color(rng: np.random.Generator, most: float = 0.95) -> FloatArray:
    return rng.uniform(0.04, most, 3)


METALS = [[0.91, 0.92, 0.92], [0.77, 0.78, 0.78], [0.95, 0.64, 0.54], [0.94, 0.82, 0.55], [0.66, 0.63, 0.6]]
WOODS = [[0.74, 0.55, 0.36], [0.5, 0.33, 0.2], [0.84, 0.72, 0.54], [0.36, 0.23, 0.16]]


def _shaded(color: FloatArray, by: FloatArray) -> FloatArray:
    """(S, S, 3) a colour under (S, S) factors."""
    return np.asarray(color * by[..., None])


def _brushed_metal(rng: np.random.Generator) -> Texels:
    lines = noise(rng, 256, octaves=2, stretch=64)
    roughness = rng.uniform(0.2, 0.4) + 0.2 * (lines - 0.5)
    return Texels(_shaded(_pick(rng, METALS), 0.9 + 0.15 * lines), 2e-4 * lines, roughness)


def _cast_metal(rng: np.random.Generator) -> Texels:
    grain = noise(rng, 48, octaves=3)
    stain = noise(rng, 4)
    color = _shaded(_pick(rng, METALS) * 0.7, 0.7 + 0.3 * grain + 0.15 * stain)
    return Texels(color, 5e-3 * grain, rng.uniform(0.45, 0.65) + 0.15 * stain)


def _wood(rng: np.random.Generator) -> Texels:
    _, x = grid()
    rings = 0.5 + 0.5 * np.sin(2 * np.pi * (int(rng.integers(6, 14)) * x + 2.5 * noise(rng, 2, octaves=3, stretch=2)))
    fibre = noise(rng, 128, octaves=2, stretch=16)
    grain = 0.5 * rings + 0.5 * fibre
    dark = _pick(rng, WOODS)
    roughness = rng.uniform(0.3, 0.7) + 0.15 * (fibre - 0.5)
    return Texels(mix(grain, (0.6 * dark).tolist(), dark.tolist()), 1.5e-3 * fibre, roughness)


def _cardboard(rng: np.random.Generator) -> Texels:
    _, x = grid()
    flutes, fibre = 0.5 + 0.5 * np.cos(2 * np.pi * 24 * x), noise(rng, 64, octaves=3)
    color = _pick(rng, [[0.72, 0.56, 0.38], [0.62, 0.47, 0.32], [0.88, 0.86, 0.82]])
    return Texels(_shaded(color, 0.9 + 0.03 * flutes + 0.12 * fibre), 1e-3 * flutes + 5e-4 * fibre, 0.8 + 0.1 * fibre)


def _paper(rng: np.random.Generator) -> Texels:
    fibre, clouds = noise(rng, 128, octaves=2), noise(rng, 8)
    color = np.array([0.93, 0.92, 0.89]) if rng.random() < 0.5 else 0.4 + 0.6 * _any_color(rng)
    return Texels(_shaded(color, 0.95 + 0.05 * clouds), 6e-4 * fibre + 4e-3 * clouds, 0.7 + 0.2 * fibre)


def _fabric(rng: np.random.Generator) -> Texels:
    rows, columns = grid()
    threads = int(rng.integers(24, 56))
    warp, weft = (np.abs(np.sin(np.pi * threads * axis)) for axis in (columns, rows))
    over = ((rows * threads).astype(int) + (columns * threads).astype(int)) % 2 == 0
    height = np.where(over, warp, weft)
    a, b = _any_color(rng), _any_color(rng)
    color = np.where(over[..., None], a, 0.7 * a + 0.3 * b) * (0.6 + 0.4 * height)[..., None]
    return Texels(color * (0.85 + 0.2 * noise(rng, 16))[..., None], 4e-3 * height, np.full((SIZE, SIZE), 0.9))


def _ceramic(rng: np.random.Generator) -> Texels:
    glaze, specks = noise(rng, 4), rng.random((SIZE, SIZE)) > 0.997
    specks = cv2.dilate(specks.astype(np.uint8), np.ones((2, 2), np.uint8)) > 0
    color = _shaded(0.25 + 0.75 * _any_color(rng, 1.0), 0.93 + 0.07 * glaze)
    color = np.where((specks & (rng.random() < 0.5))[..., None], 0.5 * color, color)
    return Texels(color, 4e-3 * glaze, rng.uniform(0.06, 0.3) + 0.05 * glaze)


def _rubber(rng: np.random.Generator) -> Texels:
    grain, bloom = noise(rng, 128, octaves=2), noise(rng, 6)
    color = np.full(3, rng.uniform(0.08, 0.25)) if rng.random() < 0.6 else 0.7 * _any_color(rng)
    return Texels(_shaded(color, 0.9 + 0.25 * bloom), 1.5e-3 * grain, rng.uniform(0.7, 0.85) + 0.12 * bloom)


def _plastic(rng: np.random.Generator) -> Texels:
    """From polished to grained."""
    grain, matt = noise(rng, 96, octaves=2), rng.uniform(0, 1)
    color = np.broadcast_to(_any_color(rng), (SIZE, SIZE, 3))
    return Texels(color, 2e-3 * matt * grain, 0.12 + 0.4 * matt + 0.1 * grain)


FAMILIES = {
    "brushed_metal": Family(_brushed_metal, 0.15, 1.0),
    "cast_metal": Family(_cast_metal, 0.15, 1.0),
    "wood": Family(_wood, 0.3),
    "cardboard": Family(_cardboard, 0.15),
    "paper": Family(_paper, 0.2),
    "fabric": Family(_fabric, 0.06),
    "ceramic": Family(_ceramic, 0.15),
    "rubber": Family(_rubber, 0.1),
    "plastic": Family(_plastic, 0.1),
}
MATERIALS = tuple(f"{family}-{number}" for family in FAMILIES for number in range(1, VARIANTS + 1))


def wear_map(name: str) -> ByteArray:
    """(512, 512, 3) uint8, seamless: red where gloss is lost, green where dust lies, blue edges (``render.wear``)."""
    dull, dusty = _WEAR[name](np.random.default_rng(crc32(name.encode())))
    chips = 1.6 * noise(np.random.default_rng(crc32(f"{name}, edges".encode())), 16, octaves=5) - 0.4
    values = np.stack([dull, dusty, chips], -1)
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)


def _scratches(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Nine copies of each, so that those that leave on one side come in on the other."""
    image = np.zeros((SIZE, SIZE), np.uint8)
    for _ in range(140):
        start, way = rng.uniform(0, SIZE, 2), rng.normal(0, 90, 2)
        shade = int(rng.integers(90, 255))
        for shift in np.mgrid[-1:2, -1:2].reshape(2, -1).T * SIZE:
            a, b = ([int(c) for c in np.rint(p + shift)] for p in (start, start + way))
            cv2.line(image, a, b, (shade,), 1, cv2.LINE_AA)
    return image / 255, 0.25 * image / 255


def _smudges(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    wiped = np.clip(3 * (noise(rng, 5, stretch=2) - 0.5), 0, 1)
    return 0.6 * wiped + 0.1 * noise(rng, 64), 0.05 * wiped


def _fingerprints(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Ovals of ridges, about a tenth of a tile long."""
    rows, columns = np.mgrid[0:SIZE, 0:SIZE].astype(float)
    total = np.zeros((SIZE, SIZE))
    for _ in range(14):
        (y, x), angle = rng.uniform(0, SIZE, 2), rng.uniform(0, np.pi)
        dy, dx = ((axis - at + SIZE / 2) % SIZE - SIZE / 2 for axis, at in ((rows, y), (columns, x)))
        u, v = np.cos(angle) * dx + np.sin(angle) * dy, np.cos(angle) * dy - np.sin(angle) * dx
        radius = np.hypot(u / 1.4, v)
        ridges = 0.5 + 0.5 * np.sin(2 * np.pi * (np.hypot(u, 1.5 * v + 6) / 4.5))
        total = np.maximum(total, ridges * np.clip((24 - radius) / 6, 0, 1))
    return 0.8 * total, 0.04 * total


def _dust(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    film, grains = noise(rng, 4), rng.random((SIZE, SIZE)) > 0.985
    dusty = np.clip(0.4 * film + 0.3 * noise(rng, 48) * film + 0.4 * grains, 0, 1)
    return 0.5 + 0.5 * dusty, dusty


_WEAR: dict[str, Callable[[np.random.Generator], tuple[FloatArray, FloatArray]]] = {
    "scratches": _scratches,
    "smudges": _smudges,
    "fingerprints": _fingerprints,
    "dust": _dust,
}
WEAR = tuple(_WEAR)
