"""Array types by name, and the checks that arrays pass at the door."""

from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.floating[Any]]
IntArray = npt.NDArray[np.integer[Any]]
BoolArray = npt.NDArray[np.bool_]
ByteArray = npt.NDArray[np.uint8]
ArrayLike = npt.ArrayLike


def frozen(values: npt.ArrayLike, dtype: npt.DTypeLike, shape: tuple[int, ...], name: str) -> npt.NDArray[Any]:
    """A read-only contiguous copy-if-needed of ``values`` with the dtype and shape asked for.

    Args:
        values: What to check.
        dtype: The dtype of the result.
        shape: Expected shape; -1 matches any length.
        name: What the array is called in the error.

    Raises:
        ValueError: The shape differs.
    """
    array = np.ascontiguousarray(values, dtype=dtype)
    if array.ndim != len(shape) or any(w not in (-1, g) for w, g in zip(shape, array.shape, strict=True)):
        raise ValueError(f"{name} has shape {array.shape}, expected {shape}")
    array = array.view()
    array.flags.writeable = False
    return array
