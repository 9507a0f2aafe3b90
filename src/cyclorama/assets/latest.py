"""Arrays that are kept as long as there is room."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, TypeVar

import numpy as np

Array = TypeVar("Array", bound=np.ndarray[Any, Any])
Loaded = TypeVar("Loaded")


def one_at_a_time(load: Callable[[str], Loaded]) -> Callable[[str], Loaded]:
    """The function for several threads: while one is in it the others wait, so that nothing is loaded twice."""
    lock = Lock()

    def locked(id: str) -> Loaded:
        with lock:
            return load(id)

    return locked


class Latest(Generic[Array]):
    """Loads arrays by id and keeps those used last, up to a number of bytes; the very last one whatever its size."""

    def __init__(self, load: Callable[[str], Array], *, most_bytes: int) -> None:
        self._load = load
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, Array] = OrderedDict()

    def __call__(self, id: str) -> Array:
        """The array with that id."""
        if id not in self._kept:
            self._kept[id] = self._load(id)
        self._kept.move_to_end(id)
        while len(self._kept) > 1 and sum(array.nbytes for array in self._kept.values()) > self._most_bytes:
            self._kept.popitem(last=False)
        return self._kept[id]
