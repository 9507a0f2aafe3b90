"""Rectangles of whole pixels, in the image and beyond."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from cyclorama.core.arrays import BoolArray, FloatArray, IntArray
from cyclorama.core.geometry import projected, transformed
from cyclorama.core.hull import box_corners
from cyclorama.core.model import Model
from cyclorama.core.scene import Camera

# Nothing nearer than this is seen.
NEAR_M = 1e-3
# A silhouette is followed beyond the border up to this many image widths and heights on each side.
MARGIN_IMAGES = 4
# A lens or a rolling shutter bends the edges of a box, which are followed by so many points each.
EDGE_POINTS = 64


@dataclass(frozen=True)
class Window:
    """Pixels x0 <= column < x1, y0 <= row < y1; may lie beyond the image; never of negative size."""

    x0: int
    y0: int
    x1: int
    y1: int

    @classmethod
    def around(cls, windows: Sequence["Window"]) -> "Window":
        """The smallest window around others; zeros around none."""
        if not windows:
            return cls(0, 0, 0, 0)
        return cls(
            min(w.x0 for w in windows),
            min(w.y0 for w in windows),
            max(w.x1 for w in windows),
            max(w.y1 for w in windows),
        )

    @classmethod
    def of(cls, mask: BoolArray, columns: IntArray, rows: IntArray) -> "Window | None":
        """Around the true pixels of a (H, W) mask that lie in (W,) columns and (H,) rows; None without one."""
        x, y = columns[mask.any(axis=0)], rows[mask.any(axis=1)]
        return cls(int(x[0]), int(y[0]), int(x[-1]) + 1, int(y[-1]) + 1) if len(x) else None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, columns."""
        return self.y1 - self.y0, self.x1 - self.x0

    @property
    def area(self) -> int:
        """Pixels."""
        return self.shape[0] * self.shape[1]

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns of an image's array."""
        return slice(self.y0, self.y1), slice(self.x0, self.x1)

    def grid(self, stride: int = 1) -> tuple[IntArray, IntArray]:
        """(W,) columns and (H,) rows of every pixel, or of every ``stride``-th about the middle of its stride."""
        first_x, first_y = (min(stride, size) // 2 if stride > 1 else 0 for size in (self.shape[1], self.shape[0]))
        return np.arange(self.x0 + first_x, self.x1, stride), np.arange(self.y0 + first_y, self.y1, stride)

    def bands(self, most_px: int) -> list["Window"]:
        """Whole rows, from top to bottom, of at most so many pixels but at least a row; itself where it has none."""
        rows = max(1, most_px // max(self.x1 - self.x0, 1))
        tops = range(self.y0, max(self.y1, self.y0 + 1), rows)
        return [Window(self.x0, top, self.x1, min(top + rows, self.y1)) for top in tops]

    def with_strides(self, stride: int, outer: "Window") -> "Window":
        """From around pixels of ``outer.grid(stride)`` to around the strides that these stand for."""
        before, after = stride // 2, stride - 1 - stride // 2
        return Window(
            max(self.x0 - before, outer.x0),
            max(self.y0 - before, outer.y0),
            min(self.x1 + after, outer.x1),
            min(self.y1 + after, outer.y1),
        )

    def clipped(self, width: int, height: int) -> "Window":
        """The part inside an image; of no size where there is none."""
        x0, y0 = min(max(self.x0, 0), width), min(max(self.y0, 0), height)
        return Window(x0, y0, max(min(self.x1, width), x0), max(min(self.y1, height), y0))

    def without(self, inner: "Window") -> list["Window"]:
        """Disjoint windows that cover what ``inner``, a part of this one, does not."""
        if not inner.area:
            return [self] if self.area else []
        strips = [
            Window(self.x0, self.y0, self.x1, inner.y0),
            Window(self.x0, inner.y1, self.x1, self.y1),
            Window(self.x0, inner.y0, inner.x0, inner.y1),
            Window(inner.x1, inner.y0, self.x1, inner.y1),
        ]
        return [strip for strip in strips if strip.area]


def projected_window(model: Model, camera_from_model: FloatArray, camera: Camera) -> tuple[Window, float]:
    """Pixels that a model may cover, up to the margin around the image.

    Args:
        model: Its bounding box is projected; its hull where the box reaches beyond the image.
        camera_from_model: (4, 4), may scale.
        camera: Gives intrinsics, lens and the image's size.

    Returns:
        The window, of no size where the model is behind the camera, and the depth at which the box begins,
        metres; the near plane's where the camera is in it.
    """
    corners = transformed(camera_from_model, box_corners(model.bounds_m))
    nearest_m, farthest_m = float(corners[:, 2].min()), float(corners[:, 2].max())
    if farthest_m <= NEAR_M:
        return Window(0, 0, 0, 0), NEAR_M
    # The start lies a little before the box, which rounding would else cut.
    start_m = max(nearest_m - 1e-3 * (farthest_m - nearest_m) - 1e-6 * abs(nearest_m), NEAR_M)
    window = _around(corners, camera)
    if window != window.clipped(camera.width, camera.height):
        window = _around(transformed(camera_from_model, model.hull_m), camera, corners)
    return window, start_m


def _around(points: FloatArray, camera: Camera, hull: FloatArray | None = None) -> Window:
    """Window around (N, 3) points; where some are behind the camera, around what is left of their hull's corners."""
    if points[:, 2].min() <= NEAR_M:
        points = _clipped_to_near(points if hull is None else hull)
    pixels = projected(camera.k, points) if camera.is_straight else _bent_edges(points, camera)
    size = np.array([camera.width, camera.height])
    low, high = -MARGIN_IMAGES * size, (1 + MARGIN_IMAGES) * size
    x0, y0 = np.clip(np.floor(pixels.min(axis=0)), low, high).astype(int)
    x1, y1 = np.clip(np.ceil(pixels.max(axis=0)), low, high).astype(int)
    return Window(int(x0), int(y0), int(x1), int(y1))


def _bent_edges(points: FloatArray, camera: Camera) -> FloatArray:
    """(N, 2) pixels around all that the camera shows of the hull of (N, 3) points, as far as the margin reaches."""
    directions, limits = points[:, :2] / points[:, 2:], _margin_directions(camera)
    low, high = (np.clip(c, *limits) for c in (directions.min(axis=0), directions.max(axis=0)))
    pixels = camera.projected(np.insert(_edges(low, high).reshape(-1, 2), 2, 1.0, axis=1))
    edges = pixels.reshape(4, EDGE_POINTS, 2)
    # Between two of its points an edge is off their line by an eighth of its second difference; this is twice that.
    sag_px = np.abs(np.diff(edges, 2, axis=1)).max() / 4
    return np.concatenate([pixels - sag_px, pixels + sag_px])


def _edges(low: FloatArray, high: FloatArray) -> FloatArray:
    """(4, EDGE_POINTS, 2) points along the edges of the box between (2,) corners."""
    share, one = np.linspace(0, 1, EDGE_POINTS), np.ones(EDGE_POINTS)
    along = [np.stack(edge, axis=-1) for edge in ((share, 0 * one), (share, one), (0 * one, share), (one, share))]
    return low + np.stack(along) * (high - low)


@lru_cache(8)
def _margin_directions(camera: Camera) -> FloatArray:
    """(2, 2) least and greatest direction that is seen up to the margin around the image."""
    size = np.array([camera.width, camera.height], float)
    border = _edges(float(-MARGIN_IMAGES) * size, (1.0 + MARGIN_IMAGES) * size).reshape(-1, 2)
    directions = camera.unprojected(border)
    low, high = directions.min(axis=0), directions.max(axis=0)
    # The border bends a little further between its points.
    return np.stack([low - 0.05 * (high - low), high + 0.05 * (high - low)])


def _clipped_to_near(corners: FloatArray) -> FloatArray:
    """Corners in front of the near plane, and where the lines between all pairs of corners cross it."""
    front, back = corners[corners[:, 2] > NEAR_M], corners[corners[:, 2] <= NEAR_M]
    a, b = np.repeat(front, len(back), axis=0), np.tile(back, (len(front), 1))
    share = ((a[:, 2] - NEAR_M) / (a[:, 2] - b[:, 2]))[:, None]
    return np.concatenate([front, a + share * (b - a)])
