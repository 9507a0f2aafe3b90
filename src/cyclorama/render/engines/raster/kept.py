"""Things in the graphics card's memory, the latest used within a number of bytes."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar


class Released(Protocol):
    """What holds memory of OpenGL."""

    def release(self) -> None:
        """Give it back."""


T = TypeVar("T", bound=Released)


class Kept(Generic[T]):
    """By key; what was not used for longest is released first, but nothing since the last ``trim``."""

    def __init__(self, budget_bytes: int) -> None:
        self._budget = budget_bytes
        self._items: OrderedDict[object, tuple[T, int]] = OrderedDict()
        self._used: set[object] = set()
        self._bytes = 0

    def get(self, key: object, make: Callable[[], tuple[T, int]]) -> T:
        """The item, made with its size in bytes if it is not there."""
        if key not in self._items:
            self._items[key] = make()
            self._bytes += self._items[key][1]
        self._items.move_to_end(key)
        self._used.add(key)
        return self._items[key][0]

    def trim(self) -> None:
        """Keep to the budget; what was got since the last time stays."""
        for key in list(self._items):
            if self._bytes <= self._budget:
                break
            if key not in self._used:
                item, size = self._items.pop(key)
                item.release()
                self._bytes -= size
        self._used.clear()
