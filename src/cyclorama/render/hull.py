"""Few points that enclose a model: what is seen of it lies between where they are seen."""

from functools import cached_property
from itertools import product

import numpy as np

from cyclorama.core.arrays import FloatArray, IntArray
from cyclorama.core.model import Model

# Cells along each axis of the grid that a model is cut into, and how many vertices are not worth cutting.
CELLS = 8
FEW = 8 * CELLS**2


class Hull:
    """Points around a model, of a number that doesn't grow with its triangles."""

    def __init__(self, model: Model) -> None:
        self._vertices_m = model.vertices_m
        self.corners_m: FloatArray = np.array(list(product(*model.bounds_m.T)))

    @cached_property
    def points_m(self) -> FloatArray:
        """(N, 3) float64 points, model's space, whose convex hull holds every vertex more closely than the box.

        The vertices themselves where they are few; else the corners of the boxes of vertices cell by cell.
        """
        vertices = self._vertices_m
        if len(vertices) <= FEW:
            return vertices.astype(np.float64)
        low, high = _boxes(vertices, _cells(vertices, self.corners_m[0], self.corners_m[-1]))
        return np.concatenate([np.where(side, high, low) for side in product((False, True), repeat=3)])


def _cells(vertices: FloatArray, low: FloatArray, high: FloatArray) -> IntArray:
    """(V,) uint16 number of each vertex's cell."""
    per_m = (CELLS / np.maximum(high - low, 1e-30)).astype(np.float32)
    x, y, z = np.minimum((vertices - low.astype(np.float32)) * per_m, CELLS - 1).astype(np.uint16).T
    return (x * CELLS + y) * CELLS + z


def _boxes(vertices: FloatArray, cells: IntArray) -> tuple[FloatArray, FloatArray]:
    """(C, 3) float64 lowest and highest coordinates of each cell's vertices."""
    order = np.argsort(cells, kind="stable")
    ordered, numbers = vertices[order].astype(np.float64), cells[order]
    starts = np.flatnonzero(np.diff(numbers, prepend=-1 - int(numbers[0])))
    return np.minimum.reduceat(ordered, starts), np.maximum.reduceat(ordered, starts)
