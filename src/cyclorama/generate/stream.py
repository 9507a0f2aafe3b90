"""Images of a recipe for one who takes them in order and lets go of them, so that no disk has to hold them."""

import shutil
import tempfile
import threading
from functools import cached_property
from pathlib import Path

from cyclorama.core.errors import InputError
from cyclorama.core.sample import Sample
from cyclorama.dataset.formats.cyclorama import sample_of
from cyclorama.dataset.store import RECORDS, Store
from cyclorama.generate.cores import suitable_workers
from cyclorama.generate.events import Done, Event, Failed
from cyclorama.generate.generate import generate
from cyclorama.scene import Recipe

# Images that are made before they are asked for.
AHEAD = 64
# Where the system keeps files in memory.
MEMORY = Path("/dev/shm")
# Bytes that must be free there.
LEAST_FREE = 1 << 30


class _StoppedError(Exception):
    """Nobody takes images any more."""


class RenderStream:
    """Renders in the background, about ``AHEAD`` images before they are taken; image i is that of ``generate``.

    Images come in any order: as long as somebody waits for one, the others don't stop it, however many they are.

    Attributes:
        categories: Names; the position is the class number.
    """

    def __init__(self, recipe: Recipe, *, seed: int, workers: int = 0) -> None:
        """Begins nothing yet.

        Args:
            recipe: What may vary.
            seed: Of the images.
            workers: Processes; 0 is as many as suit the engine and the cores.
        """
        self.categories = recipe.categories
        self._recipe, self._seed = recipe, seed
        self._workers = workers or suitable_workers(recipe.render.engine)
        self._folder = Path(tempfile.mkdtemp(prefix="cyclorama-", dir=_memory()))
        self._changed = threading.Condition()
        self._there: set[int] = set()
        self._failed: set[int] = set()
        self._awaited: set[int] = set()
        self._error: Exception | None = None
        self._is_closed = False
        self._thread: threading.Thread | None = None

    def begin(self, first: int, stop: int) -> None:
        """Make images ``first`` .. stop - 1."""
        self._thread = threading.Thread(target=self._make, args=(first, stop), daemon=True)
        self._thread.start()

    def sample(self, index: int) -> Sample | None:
        """An image as soon as it is there; None if it can't be made.

        Raises:
            InputError: None can be made at all.
        """
        with self._changed:
            self._awaited.add(index)
            self._changed.notify_all()
            while index not in self._there | self._failed:
                if self._error is not None:
                    raise InputError(str(self._error)) from self._error
                self._changed.wait()
            self._awaited.discard(index)
        if index in self._failed:
            return None
        return sample_of(self._store, self._store.path(RECORDS, index, ".json"))

    def release(self, index: int) -> None:
        """It is not needed any more."""
        if index in self._there:
            self._store.remove(index)
        with self._changed:
            self._there.discard(index)
            self._failed.discard(index)
            self._changed.notify_all()

    def close(self) -> None:
        """Stop, and let go of all that is there."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()
        shutil.rmtree(self._folder, ignore_errors=True)

    @cached_property
    def _store(self) -> Store:
        return Store.open(self._folder)

    def _make(self, first: int, stop: int) -> None:
        try:
            generate(
                self._recipe,
                self._folder,
                first=first,
                count=stop,
                seed=self._seed,
                workers=self._workers,
                on_event=self._note,
            )
        except _StoppedError:
            pass
        except Exception as error:  # noqa: BLE001 - told to whoever waits for an image
            with self._changed:
                self._error = error
                self._changed.notify_all()

    def _note(self, event: Event) -> None:
        """Called where images are handed out: as long as this waits, none is."""
        with self._changed:
            if isinstance(event, Done):
                self._there.add(event.index)
            elif isinstance(event, Failed) and event.final:
                self._failed.add(event.index)
            self._changed.notify_all()
            while self._are_enough() and not self._is_closed:
                self._changed.wait()
            if self._is_closed:
                raise _StoppedError

    def _are_enough(self) -> bool:
        return len(self._there) >= AHEAD and not self._awaited - self._there


def _memory() -> Path | None:
    """Memory if there is room, else wherever temporary files go."""
    has_room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > LEAST_FREE
    return MEMORY if has_room else None
