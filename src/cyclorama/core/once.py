"""What is computed once for each object."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

Thing = TypeVar("Thing")
Result = TypeVar("Result")


def once_for_each(function: Callable[[Thing], Result]) -> Callable[[Thing], Result]:
    """The function of one object, whose result is kept for as long as the object is in use elsewhere."""
    kept: WeakKeyDictionary[Thing, Result] = WeakKeyDictionary()

    @wraps(function)
    def once(thing: Thing) -> Result:
        if thing not in kept:
            kept[thing] = function(thing)
        return kept[thing]

    return once
