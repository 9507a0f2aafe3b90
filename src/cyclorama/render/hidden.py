"""What pictures don't show, guessed from what is around."""

import cv2
import numpy as np

from cyclorama.core.arrays import FloatArray

# A share of a pixel below this is none.
LEAST_SHARE = 1e-6


def guessed(known: FloatArray, shares: tuple[int, ...]) -> FloatArray:
    """(h, w, C) values everywhere of such as are known in part; from ever coarser pictures where they are not.

    Channels ``shares`` add up to how much of a pixel is known, and others are premultiplied by that ("pull-push",
    Gortler et al., "The Lumigraph", 1996, section 3.4).
    """
    share = known[..., shares].sum(axis=-1, keepdims=True)
    if min(known.shape[:2]) == 1:
        return known / np.maximum(share, LEAST_SHARE)
    guess = finer(guessed(coarser(known, 2), shares), 2, known.shape)
    return np.asarray(known + np.maximum(1 - share, 0) * guess)


def coarser(picture: FloatArray, factor: int) -> FloatArray:
    """(h, w, C) means of squares of ``factor`` pixels; the last row and column go on where a square is not full."""
    height, width, channels = picture.shape
    whole = np.pad(picture, ((0, -height % factor), (0, -width % factor), (0, 0)), "edge")
    size = whole.shape[1] // factor, whole.shape[0] // factor
    return np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.float32).reshape(*size[::-1], channels)


def finer(picture: FloatArray, factor: int, shape: tuple[int, ...]) -> FloatArray:
    """(H, W, C) the (h, w, C) picture in pixels a ``factor`` smaller, interpolated, without what ``coarser`` added."""
    height, width, channels = picture.shape
    fine = np.asarray(cv2.resize(picture, (width * factor, height * factor)), np.float32)
    return fine.reshape(height * factor, width * factor, channels)[: shape[0], : shape[1]]
