"""What is kept from one scene to the next, as long as there is room."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Items by key: those used last, within a number of bytes; older ones are removed, from a device too."""

    def __init__(self, remove: Callable[[T], object], size_bytes: Callable[[T], int], most_bytes: int) -> None:
        self._remove, self._size_bytes, self._most_bytes = remove, size_bytes, most_bytes
        self._items: OrderedDict[object, tuple[T, int]] = OrderedDict()

    def get(self, key: object, make: Callable[[], T]) -> T:
        """The item of that key, made if it is not there; nothing goes before ``trim``."""
        if key not in self._items:
            made = make()
            self._items[key] = made, self._size_bytes(made)
        self._items.move_to_end(key)
        return self._items[key][0]

    def __iter__(self) -> Iterator[T]:
        """The items, those used last at the end."""
        return (item for item, _ in self._items.values())

    def trim(self) -> None:
        """Remove what was not used for longest, until no more than so many bytes are left, or one item."""
        size = sum(size for _, size in self._items.values())
        while size > self._most_bytes and len(self._items) > 1:
            item, freed = self._items.popitem(last=False)[1]
            self._remove(item)
            size -= freed
