"""Arrays and models that are kept as long as there is room."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, Protocol, TypeVar

from cyclorama.core.kept import Kept


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
        self._kept: Kept[Item] = Kept(lambda _: None, lambda item: item.nbytes, most_bytes)

    def __call__(self, id: str) -> Item:
        """The item with that id."""
        item = self._kept.get(id, lambda: self._load(id))
        self._kept.trim()
        return item
