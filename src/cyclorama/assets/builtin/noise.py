"""Seamless noise, and what else procedural textures are made of."""

import cv2
import numpy as np

from cyclorama.core.arrays import FloatArray

SIZE = 512


def noise(rng: np.random.Generator, cells: int, *, octaves: int = 5, stretch: int = 1) -> FloatArray:
    """(S, S) fractal value noise, about 0..1, seamless; ``stretch`` lengthens it along the columns."""
    total, weight = np.zeros((SIZE, SIZE)), 0.0
    for octave in range(octaves):
        n = min(cells * 2**octave, SIZE // 2)
        grid = np.pad(rng.random((max(n // stretch, 1), n)), 2, mode="wrap")
        rows, columns = grid.shape
        big = cv2.resize(
            grid, (columns * SIZE // n, rows * SIZE // max(n // stretch, 1)), interpolation=cv2.INTER_CUBIC
        )
        y, x = 2 * SIZE // max(n // stretch, 1), 2 * SIZE // n
        total += 0.5**octave * big[y : y + SIZE, x : x + SIZE]
        weight += 0.5**octave
    return np.clip((total / weight - 0.5) * 1.8 + 0.5, 0, 1)


def mix(share: FloatArray, a: list[float], b: list[float]) -> FloatArray:
    """(..., 3) colours between two, by (...) shares of the second."""
    return np.array(a) + share[..., None] * (np.array(b) - np.array(a))


def grid() -> tuple[FloatArray, FloatArray]:
    """(S, S) rows and columns from 0 to 1."""
    rows, columns = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    return rows, columns
