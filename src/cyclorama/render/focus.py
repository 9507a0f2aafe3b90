"""Depth of field for engines that have none: what is out of focus becomes discs, from sharp light and its depth.

Every pixel's light is spread over the disc as which its point appears. Pixels are shared among layers of a few sizes of
discs, and each layer is blurred as a whole. Layers are put together from near to far: each fills what nearer ones leave
free of a pixel. So light is conserved, and nothing shines through a surface that lies in several layers. What is before
the focus blurs over what is in it, and its edges let through what they hide: that is guessed from what is around.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from cyclorama.core.arrays import BoolArray, FloatArray
from cyclorama.core.scene import Camera
from cyclorama.render.hidden import LEAST_SHARE, coarser, finer, guessed
from cyclorama.render.window import Window

# Sizes of discs are 0, 1, 2 ... pixels, and then each so many times the one before.
SIZE_RATIO = 1.35
# Larger discs are spread in a coarser picture.
MOST_KERNEL_PX = 8.0
DISC_SUBPIXELS = 8
# Channels that say what share of a pixel is surface, and what share is nothing.
SURFACE, EMPTY = 4, 6
# What is hidden is guessed in a picture so many times coarser.
GUESS_PX = 4
# The engine's edges may lie so many pixels beyond the geometry's.
EDGE_PX = 2


def disc_px(depth_m: FloatArray, camera: Camera) -> FloatArray:
    """Diameter, in columns, of the disc as which points at a depth appear; negative before the focus.

    Aperture x focal length x (z - f) / (z f), the focal length in pixels: a thin lens's (Potmesil and Chakravarty,
    "Synthetic Image Generation with a Lens and Aperture Camera Model", 1982). Infinite depth is as good as any.
    """
    return np.asarray(camera.k[0, 0] * camera.aperture_m * (1 / camera.focus_m - 1 / depth_m))


def focused(light: FloatArray, depth_m: FloatArray, camera: Camera) -> FloatArray:
    """Light as it is seen through the camera's aperture.

    Args:
        light: (H, W, 4) linear premultiplied RGBA, sharp; what is not finite is black.
        depth_m: (H, W) along the optical axis, inf where nothing is.
        camera: Says aperture, focus and focal length. Discs have one shape all over the picture, also where the lens
            distorts.

    Returns:
        (H, W, 4) float32; what is in focus is as it was, to the last bit.
    """
    if camera.aperture_m == 0:
        return light
    light = np.nan_to_num(light, nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32, copy=False)
    sheet = _Sheet.of(light, _with_edges(depth_m, light[..., 3]), camera)
    empty = np.float32(1) - sheet.light[..., 4]
    sheets, empty = _with_what_is_hidden(sheet, empty) if sheet.is_before_focus.any() else ([sheet], empty)
    stretch = float(camera.k[1, 1] / camera.k[0, 0])
    seen, free = _put_together(sheets, _sizes(max(empty.shape)), stretch)
    # What is behind everything is known where it is seen, and out of focus beside that.
    behind_px = abs(float(disc_px(np.array(np.inf), camera)))
    missing = np.maximum(free - np.maximum(empty, _blurred(empty[..., None], behind_px, stretch)[..., 0]), 0)
    return np.asarray(seen / np.maximum(1 - missing, LEAST_SHARE)[..., None], np.float32)


def blurred_backdrop(light: FloatArray, camera: Camera) -> FloatArray:
    """(H, W, 3) light from infinitely far away as it is seen through the camera's aperture."""
    size_px = abs(float(disc_px(np.array(np.inf), camera)))
    return _blurred(light, size_px, float(camera.k[1, 1] / camera.k[0, 0]))


@dataclass(frozen=True, eq=False)
class _Sheet:
    """Surfaces, of which each pixel shows one.

    Attributes:
        light: (H, W, 5) premultiplied RGBA and the share of the pixel that is a surface, of which all is a part.
        levels: (H, W) numbers of the size of the pixel's disc among ``_sizes``, negative before the focus; where it is
            between two sizes, so that its spread is right; inf where no surface is.
    """

    light: FloatArray
    levels: FloatArray

    @classmethod
    def of(cls, light: FloatArray, depth_m: FloatArray, camera: Camera) -> "_Sheet":
        """What (H, W, 4) light and (H, W) depth show."""
        surface = np.isfinite(depth_m) | (light[..., 3] > 0)
        levels = np.full(surface.shape, np.inf, np.float32)
        sizes, discs = _sizes(max(surface.shape)), disc_px(depth_m[surface], camera)
        # A disc's spread grows with the square of its size.
        levels[surface] = np.copysign(np.interp(discs**2, sizes**2, np.arange(len(sizes))), discs)
        return cls(np.dstack([light, surface.astype(np.float32)]), levels)

    @property
    def is_before_focus(self) -> BoolArray:
        """(H, W)."""
        return self.levels < 0

    @property
    def span(self) -> range:
        """Levels that there are; at least one."""
        there = self.levels[np.isfinite(self.levels)]
        return range(int(np.floor(there.min())), int(np.ceil(there.max())) + 1) if len(there) else range(1)

    def layer(self, level: int, reach_px: int) -> tuple[Window, FloatArray]:
        """What is of a level: (h, w, 5) light in a window around it and as far as it reaches."""
        height, width = self.levels.shape
        share = np.maximum(1 - np.abs(self.levels - np.float32(level)), 0)
        around = Window.of(share > 0, np.arange(width), np.arange(height)) or Window(0, 0, 0, 0)
        wide = Window(around.x0 - reach_px, around.y0 - reach_px, around.x1 + reach_px, around.y1 + reach_px)
        window = wide.clipped(width, height) if around.area else around
        return window, self.light[window.slices] * share[window.slices][..., None]


def _put_together(sheets: list[_Sheet], sizes: FloatArray, stretch: float) -> tuple[FloatArray, FloatArray]:
    """(H, W, 4) light of blurred sheets, the first before the second, and the (H, W) share of pixels left free."""
    shape = sheets[0].levels.shape
    seen, free = np.zeros((*shape, 4), np.float32), np.ones(shape, np.float32)
    for level in range(min(s.span.start for s in sheets), max(s.span.stop for s in sheets)):
        size_px = float(sizes[abs(level)])
        for sheet in sheets:
            window, light = sheet.layer(level, round(max(1.0, stretch) * size_px))
            if window.area:
                _fill(seen[window.slices], free[window.slices], _blurred(light, size_px, stretch))
    return seen, free


def _fill(seen: FloatArray, free: FloatArray, light: FloatArray) -> None:
    """Put (h, w, 5) light where (h, w, 4) light leaves a (h, w) share free, both changed in place."""
    share = np.minimum(light[..., 4], free) / np.maximum(light[..., 4], LEAST_SHARE)
    seen += light[..., :4] * share[..., None]
    free -= light[..., 4] * share


def _with_what_is_hidden(sheet: _Sheet, empty: FloatArray) -> tuple[list[_Sheet], FloatArray]:
    """A sheet, one of what is before the focus in it hides, and the (H, W) share of pixels with nothing behind that."""
    hides = np.clip(-sheet.levels, 0, 1)
    around = np.empty((*empty.shape, 7), np.float32)
    np.multiply(sheet.light, (1 - hides)[..., None], out=around[..., :5])
    around[..., 5] = np.where(np.isfinite(sheet.levels), np.maximum(sheet.levels, 0), 0) * around[..., 4]
    around[..., 6] = empty
    guess = finer(guessed(coarser(around, GUESS_PX), (SURFACE, EMPTY)), GUESS_PX, empty.shape)
    hidden = guess[..., :5] * hides[..., None]
    there = np.where(hidden[..., 4] > LEAST_SHARE, guess[..., 5] / np.maximum(guess[..., 4], LEAST_SHARE), np.inf)
    return [sheet, _Sheet(hidden, there.astype(np.float32))], empty + hides * guess[..., 6]


def _with_edges(depth_m: FloatArray, alpha: FloatArray) -> FloatArray:
    """(H, W) depth that goes on over the edge as far as an engine's smooth edge does."""
    depth = np.asarray(depth_m, np.float32)
    around = np.ones((2 * EDGE_PX + 1, 2 * EDGE_PX + 1), np.uint8)
    nearest = cv2.erode(depth, around, borderType=cv2.BORDER_REPLICATE)
    return np.where(np.isfinite(depth) | (alpha == 0), depth, nearest)


def _sizes(most_px: float) -> FloatArray:
    """(N,) diameters of discs, columns, from 0 to at least the most."""
    sizes = [0.0]
    while sizes[-1] < most_px:
        sizes.append(max(sizes[-1] + 1, SIZE_RATIO * sizes[-1]))
    return np.array(sizes)


def _blurred(light: FloatArray, size_px: float, stretch: float) -> FloatArray:
    """(H, W, C) light whose points are discs of so many columns, and ``stretch`` times as many rows."""
    if size_px * max(1.0, stretch) <= 1:
        return light
    coarse = 2 ** max(0, int(np.ceil(np.log2(size_px * max(1.0, stretch) / MOST_KERNEL_PX))))
    if coarse == 1:
        return _filtered(light, size_px, size_px * stretch)
    # Averaging and interpolating spread a point too: a sixteenth of a disc's squared diameter is its variance.
    width_px, height_px = (np.sqrt(max(s**2 - 4 * coarse**2 + 4 / 3, 0)) / coarse for s in (size_px, size_px * stretch))
    return finer(_filtered(coarser(light, coarse), width_px, height_px), coarse, light.shape)


def _filtered(light: FloatArray, width_px: float, height_px: float) -> FloatArray:
    done = cv2.filter2D(light, -1, disc(width_px, height_px), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(done, np.float32).reshape(light.shape)


def disc(width_px: float, height_px: float) -> FloatArray:
    """(odd, odd) float32 weights of an ellipse about the middle one, smooth at its edge; they add up to 1."""
    reaches = [int(np.ceil(max(size - 1, 0) / 2)) for size in (width_px, height_px)]
    fine = (np.arange(DISC_SUBPIXELS) + 0.5) / DISC_SUBPIXELS - 0.5
    x, y = ((np.arange(-reach, reach + 1)[:, None] + fine).reshape(-1) for reach in reaches)
    inside = np.hypot(x / max(width_px, 1), y[:, None] / max(height_px, 1)) <= 0.5
    shape = 2 * reaches[1] + 1, DISC_SUBPIXELS, 2 * reaches[0] + 1, DISC_SUBPIXELS
    weights = inside.reshape(shape).mean(axis=(1, 3), dtype=np.float32)
    return np.asarray(weights / weights.sum(), np.float32)
