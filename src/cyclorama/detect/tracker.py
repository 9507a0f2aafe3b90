"""Logs of others that a training writes to, if it is asked to."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from cyclorama.core.arrays import ByteArray
from cyclorama.core.errors import InputError
from cyclorama.core.plugins import plugin

TRACKERS = "cyclorama.detect.trackers"
PROJECT = "cyclorama"


class Tracker(Protocol):
    """One kind of log; a run that goes on writes on to the same one."""

    module: str
    """What it imports when it is begun."""

    def __init__(self, run: Path, settings: Mapping[str, Any]) -> None:
        """Begins.

        Args:
            run: The run's folder, whose name is the log's.
            settings: Plain values, nested.
        """

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        """Figures after a step."""

    def show(self, step: int, pictures: Mapping[str, ByteArray]) -> None:
        """Pictures, (H, W, 3) uint8, by name."""

    def end(self) -> None:
        """Everything is written."""


@contextmanager
def tracking(name: str | None, run: Path, settings: Mapping[str, Any]) -> Iterator[Callable[[], Tracker] | None]:
    """Gives a tracker by name, and ends it whatever happens; None where none is asked for.

    It begins when it is first asked for, which is after the first step: until then the run's folder may be another's.

    Raises:
        InputError: No such tracker, or what it needs is not installed.
    """
    if name is None:
        yield None
        return
    kind = plugin(TRACKERS, name)
    if find_spec(kind.module) is None:
        raise InputError(f"--track {name} needs {kind.module}; type: pip install 'cyclorama[{name}]'")

    @cache
    def begun() -> Tracker:
        tracker: Tracker = kind(run, settings)
        return tracker

    try:
        yield begun
    finally:
        if begun.cache_info().currsize:
            begun().end()
