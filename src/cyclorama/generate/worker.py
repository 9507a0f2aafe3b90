"""A process that makes images: ``python -m cyclorama.generate.worker``; talks in lines of JSON.

The first line that it reads is the job, each further one an index. While an image is rendered in the main thread, to
which Blender and OpenGL are bound, the image before it is labelled, encoded and written in another. For every index it
says first that the image is rendered, as it then can take another, and later how it came out.
"""

import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from cyclorama.core.errors import InputError, no_room
from cyclorama.core.plugins import plugin
from cyclorama.core.render import ENGINES, RenderSettings
from cyclorama.core.scene import Scene
from cyclorama.dataset.store import Store
from cyclorama.generate.memory import IMAGES_BETWEEN, give_memory_back
from cyclorama.label.annotate import annotate
from cyclorama.render.frame import Light, developed_frame, rendered_light
from cyclorama.render.geometry import Caster
from cyclorama.scene import Assets, Recipe, sample_scene


@dataclass(frozen=True, eq=False)
class Exposed:
    """A scene and its light: what is left to do needs no engine.

    Attributes:
        begun_s: When the image was begun, on the monotonic clock.
    """

    scene: Scene
    light: Light
    begun_s: float


class Worker:
    """One engine, one caster, one store; one thread may call ``expose`` while another calls ``finish``."""

    def __init__(self, job: dict[str, Any]) -> None:
        self._recipe = Recipe.model_validate(job["recipe"])
        self._assets = Assets.from_plain(job["assets"])
        self._seed = int(job["seed"])
        self.root = Path(job["root"])
        self._store = Store.open(self.root)
        self._caster = Caster(self._assets.library)
        settings = RenderSettings(**job["settings"])
        self._renderer = plugin(ENGINES, settings.engine)(self._assets.library, settings)

    def expose(self, index: int) -> Exposed:
        """Sample a scene and render its light."""
        begun_s = time.monotonic()
        scene = sample_scene(self._recipe, self._assets, seed=self._seed, index=index)
        return Exposed(scene, rendered_light(scene, self._renderer, self._assets.library), begun_s)

    def finish(self, exposed: Exposed) -> None:
        """Develop, label and write an image."""
        flags = self._recipe.flags
        frame = developed_frame(exposed.scene, exposed.light, self._caster, self._assets.library)
        annotations = annotate(
            frame,
            labels=self._recipe.labels,
            min_visible_fraction=flags.min_visible_fraction,
            min_size_px=flags.min_size_px,
        )
        self._store.write(frame, annotations)


class Parent:
    """The process that started this one; threads may share it.

    Whatever else is printed in this process goes to the log, which is stderr.
    """

    def __init__(self) -> None:
        self._pipe = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
        # An engine may send stderr elsewhere while it renders.
        self._log = os.fdopen(os.dup(2), "w", encoding="utf-8", buffering=1)
        os.dup2(2, 1)
        self._lock = threading.Lock()

    def tell(self, answer: dict[str, Any]) -> None:
        """One line; nobody listens any more when the parent was killed."""
        with self._lock, suppress(BrokenPipeError):
            self._pipe.write(json.dumps(answer) + "\n")

    @contextmanager
    def told_of_failure(self, index: int, root: Path) -> Iterator[None]:
        """Whatever goes wrong within the block is told as the failure of that image."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever goes wrong with one image is reported with its index
            self.tell(self._failure(index, error, root))

    def _failure(self, index: int, error: Exception, root: Path) -> dict[str, Any]:
        if isinstance(error, OSError) and (sentence := no_room(error, root)):
            return {"fatal": sentence}
        if isinstance(error, InputError):
            return {"failed": index, "reason": str(error), "hopeless": True}
        if not isinstance(error, OSError):
            traceback.print_exception(error, file=self._log)
        return {"failed": index, "reason": f"{type(error).__name__}: {error}", "hopeless": False}


def _finish_all(worker: Worker, exposed: "SimpleQueue[Exposed | None]", parent: Parent) -> None:
    """In turn, until None comes."""
    while (next_ := exposed.get()) is not None:
        index = next_.scene.index
        with parent.told_of_failure(index, worker.root):
            worker.finish(next_)
            parent.tell({"done": index, "seconds": time.monotonic() - next_.begun_s})


def _work(worker: Worker, parent: Parent) -> None:
    """Make an image for every line; the parent gives the next when it hears that one is rendered, so few ever wait."""
    exposed: SimpleQueue[Exposed | None] = SimpleQueue()
    finisher = threading.Thread(target=_finish_all, args=(worker, exposed, parent), daemon=True)
    finisher.start()
    for number, line in enumerate(sys.stdin):
        index = int(line)
        if number % IMAGES_BETWEEN == 0:
            give_memory_back()
        with parent.told_of_failure(index, worker.root):
            rendered = worker.expose(index)
            parent.tell({"rendered": index})
            exposed.put(rendered)
    exposed.put(None)
    finisher.join()


def main() -> None:
    """Answer lines until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The parent decides what an interrupt means.
    parent = Parent()
    try:
        worker = Worker(json.loads(sys.stdin.readline()))
    except InputError as error:
        parent.tell({"fatal": str(error)})
        return
    parent.tell({"ready": True})
    _work(worker, parent)


if __name__ == "__main__":
    main()
