"""Convex hulls of models: few points that enclose many, and flat ones made solid."""

from itertools import product

import numpy as np

from cyclorama.core.arrays import FloatArray, IntArray

# Cells along each axis of the grid that points are put into, and how many points are not worth it.
CELLS = 8
FEW = 8 * CELLS**2


def box_corners(bounds: FloatArray) -> FloatArray:
    """(8, 3) corners of the box from (2, 3) lowest and highest coordinates."""
    return np.array(list(product(*bounds.T)))


def enclosing_points(points: FloatArray) -> FloatArray:
    """(N, 3) float64 whose convex hull holds all of (P, 3) points, more closely than their box; N doesn't grow with P.

    The points themselves where they are few; else the corners of the boxes of points cell by cell.
    """
    if len(points) <= FEW:
        return points.astype(np.float64)
    low, high = _boxes(points, _cells(points))
    return np.concatenate([np.where(side, high, low) for side in product((False, True), repeat=3)])


def directions(count: int) -> FloatArray:
    """(count, 3) unit vectors, evenly spread (Fibonacci's lattice)."""
    turn, z = np.pi * (1 + 5**0.5) * np.arange(count), 1 - (2 * np.arange(count) + 1) / count
    return np.stack([np.cos(turn) * np.sqrt(1 - z**2), np.sin(turn) * np.sqrt(1 - z**2), z], axis=1)


def thickened(points: FloatArray, thickness_m: float) -> FloatArray:
    """(N, 3) points that span a body at least so thick: (P, 3) points, those of a thinner thing on either side."""
    middle = points.mean(axis=0)
    axes = np.linalg.svd((points - middle).T @ (points - middle))[0]
    extents = np.ptp((points - middle) @ axes, axis=0)
    for axis in axes.T[extents < thickness_m]:
        points = np.concatenate([points - axis * thickness_m / 2, points + axis * thickness_m / 2])
    return points


def _cells(points: FloatArray) -> IntArray:
    """(P,) uint16 number of each point's cell."""
    low, high = points.min(axis=0), points.max(axis=0)
    per_unit = CELLS / np.maximum(high - low, np.float32(1e-30))
    x, y, z = np.minimum((points - low) * per_unit, CELLS - 1).astype(np.uint16).T
    return (x * CELLS + y) * CELLS + z


def _boxes(points: FloatArray, cells: IntArray) -> tuple[FloatArray, FloatArray]:
    """(C, 3) float64 lowest and highest coordinates of each cell's points."""
    order = np.argsort(cells, kind="stable")
    ordered, numbers = points[order].astype(np.float64), cells[order]
    starts = np.flatnonzero(np.diff(numbers, prepend=-1 - int(numbers[0])))
    return np.minimum.reduceat(ordered, starts), np.maximum.reduceat(ordered, starts)
