"""Arrays and models that are kept as long as there is room."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, Protocol, TypeVar


class Sized(Protocol):
    """What tells its size, as arrays do."""

    @property
    def nbytes(self) -> int:
        """Bytes that it takes."""


Item = TypeVar("Item", bound=Sized)
Loaded = TypeVar("Loaded")


def one_at_a_time(load: Callable[[str], Loaded]) -> Callable[[str], Loaded]:
    """The function for several threads: while one is in it the others wait, so that nothing is loaded twice."""
    lock = Lock()

    def locked(id: str) -> Loaded:
        with lock:
            return load(id)

    return locked


class Latest(Generic[Item]):
    """Loads items by id and keeps those used last, up to a number of bytes; the very last one whatever its size."""

    def __init__(self, load: Callable[[str], Item], *, most_bytes: int) -> None:
        self._load = load
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, Item] = OrderedDict()

    def __call__(self, id: str) -> Item:
        """The item with that id."""
        if id not in self._kept:
            self._kept[id] = self._load(id)
        self._kept.move_to_end(id)
        while len(self._kept) > 1 and sum(item.nbytes for item in self._kept.values()) > self._most_bytes:
            self._kept.popitem(last=False)
        return self._kept[id]
