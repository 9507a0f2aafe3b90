"""What stays in Blender from one scene to the next."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any


class Kept:
    """Blender's data by name, the latest used; older ones are removed from Blender's memory."""

    def __init__(self, remove: Callable[[Any], None], size_bytes: Callable[[Any], int], most_bytes: int) -> None:
        self._remove, self._size_bytes, self._most_bytes = remove, size_bytes, most_bytes
        self._items: OrderedDict[str, tuple[Any, int]] = OrderedDict()

    def get(self, name: str, make: Callable[[], Any]) -> Any:
        """The item of that name, made if it is not there."""
        if name not in self._items:
            made = make()
            self._items[name] = made, self._size_bytes(made)
        self._items.move_to_end(name)
        return self._items[name][0]

    def __iter__(self) -> Iterator[Any]:
        """The items, those used last at the end."""
        return (item for item, _ in self._items.values())

    def trim(self) -> None:
        """Remove what was not used for longest, until no more than so many bytes are left."""
        size = sum(size for _, size in self._items.values())
        while size > self._most_bytes:
            item, freed = self._items.popitem(last=False)[1]
            self._remove(item)
            size -= freed
