"""How long work tells how far it is."""

from collections.abc import Callable

Progress = Callable[[int, int], None]


def silent(done: int, total: int) -> None:
    """Tells nobody."""
    del done, total
