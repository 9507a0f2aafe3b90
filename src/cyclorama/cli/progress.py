"""Progress with rate and time left: a bar on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

LINE_EVERY_S = 10.0


@contextmanager
def counting(title: str) -> Iterator[Callable[[int, int], None]]:
    """Gives a function ``(done, total)`` to call after each step."""
    if not sys.stdout.isatty():
        yield _plain_lines(title)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns) as bar:
        task = bar.add_task(title, total=None, rate="")
        first: list[tuple[int, float]] = []

        def show(done: int, total: int) -> None:
            first.append((done, time.monotonic())) if not first else None
            bar.update(task, completed=done, total=total, rate=_rate(done, *first[0]))

        yield show


def _rate(done: int, first_done: int, first_s: float) -> str:
    elapsed = time.monotonic() - first_s
    return f"{(done - first_done) / elapsed:.2f}/s" if done > first_done and elapsed > 0 else ""


def _plain_lines(title: str) -> Callable[[int, int], None]:
    start = last = time.monotonic()
    begun: int | None = None

    def show(done: int, total: int) -> None:
        nonlocal last, begun
        now = time.monotonic()
        begun = done if begun is None else begun
        if now - last < LINE_EVERY_S and done < total:
            return
        last = now
        rate = (done - begun) / max(now - start, 1e-9)
        left = f", {rate:.2f}/s, {(total - done) / rate:.0f} s left" if rate > 0 else ""
        print(f"{title}: {done}/{total}{left}", flush=True)

    return show
