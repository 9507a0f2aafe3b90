"""A process that makes images: ``python -m cyclorama.generate.worker``; talks in lines of JSON.

The first line that it reads is the job, each further one an index; it answers every line with one.
"""

import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import IO, Any

from cyclorama.core.errors import InputError, no_room
from cyclorama.core.plugins import plugin
from cyclorama.core.render import RenderSettings
from cyclorama.dataset.store import Store
from cyclorama.label.annotate import annotate
from cyclorama.render.frame import render_frame
from cyclorama.render.geometry import Caster
from cyclorama.scene import Assets, Recipe, sample_scene

ENGINES = "cyclorama.render.engines"


class Worker:
    """One engine, one caster, one store."""

    def __init__(self, job: dict[str, Any]) -> None:
        self._recipe = Recipe.model_validate(job["recipe"])
        self._assets = Assets.from_plain(job["assets"])
        self._seed = int(job["seed"])
        self.root = Path(job["root"])
        self._store = Store.open(self.root)
        self._caster = Caster(self._assets.library)
        settings = RenderSettings(**job["settings"])
        self._renderer = plugin(ENGINES, settings.engine)(self._assets.library, settings)

    def make(self, index: int) -> None:
        """Sample, render, label and write one image."""
        scene = sample_scene(self._recipe, self._assets, seed=self._seed, index=index)
        frame = render_frame(scene, self._renderer, self._caster, self._assets.library)
        flags = self._recipe.flags
        annotations = annotate(
            frame,
            labels=self._recipe.labels,
            min_visible_fraction=flags.min_visible_fraction,
            min_size_px=flags.min_size_px,
        )
        self._store.write(frame, annotations)


def _answer(worker: Worker, index: int) -> dict[str, Any]:
    start = time.monotonic()
    try:
        worker.make(index)
    except OSError as error:
        if sentence := no_room(error, worker.root):
            return {"fatal": sentence}
        return {"failed": index, "reason": f"{type(error).__name__}: {error}"}
    except InputError as error:
        return {"failed": index, "reason": str(error), "hopeless": True}
    except Exception as error:  # noqa: BLE001 - whatever goes wrong with one image is reported with its index
        traceback.print_exc()
        return {"failed": index, "reason": f"{type(error).__name__}: {error}"}
    return {"done": index, "seconds": time.monotonic() - start}


def _own_stdout() -> IO[str]:
    """The pipe to the parent; whatever else is printed in this process goes to the log, which is stderr."""
    pipe = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    return pipe


def main() -> None:
    """Answer lines until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The parent decides what an interrupt means.
    answers = _own_stdout()

    def say(answer: dict[str, Any]) -> None:
        answers.write(json.dumps(answer) + "\n")

    try:
        worker = Worker(json.loads(sys.stdin.readline()))
    except InputError as error:
        say({"fatal": str(error)})
        return
    say({"ready": True})
    for line in sys.stdin:
        say(_answer(worker, int(line)))


if __name__ == "__main__":
    main()
