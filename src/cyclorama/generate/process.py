"""A worker process, seen from the process that started it."""

import json
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cyclorama.generate.executor import Job

LOG = "workers.log"
START_TIMEOUT_S = 300.0
# Rendered images that a worker may hold unfinished: one that is being finished, and one that waits.
MOST_UNFINISHED = 2

Answers = queue.Queue[tuple["Process", dict[str, Any] | None]]


class Watch:
    """Kills a process that is too long over one thing."""

    def __init__(self, popen: "subprocess.Popen[str]") -> None:
        self._popen = popen
        self._timer: threading.Timer | None = None
        self.overdue_s: float | None = None

    def begin(self, limit_s: float) -> None:
        """Wait for this, and for nothing that came before."""
        self.end()
        self._timer = threading.Timer(limit_s, self._kill, (limit_s,))
        self._timer.daemon = True
        self._timer.start()

    def end(self) -> None:
        """It is done in time."""
        if self._timer:
            self._timer.cancel()

    def _kill(self, limit_s: float) -> None:
        self.overdue_s = limit_s
        self._popen.kill()


class Process:
    """A worker process and the images that are in it: one is rendered while those before it are finished in turn.

    Args:
        job: What to make images of.
        answers: Gets the process with each of its answers, and with None at its end.
        image_timeout_s: For rendering an image, and for finishing it.

    Attributes:
        ready: Whether it has started.
        given: Number of images that it was given so far.
    """

    def __init__(self, job: Job, answers: Answers, *, image_timeout_s: float) -> None:
        self._image_timeout_s = image_timeout_s
        self._popen = _started(log_folder(job))
        self._rendering: int | None = None
        self._finishing: deque[int] = deque()
        self._render_watch, self._finish_watch = Watch(self._popen), Watch(self._popen)
        self.ready, self.given = False, 0
        self._listener = threading.Thread(target=self._listen, args=(answers,), daemon=True)
        self._listener.start()
        self._render_watch.begin(START_TIMEOUT_S)
        self._tell(json.dumps(asdict(job)))

    @property
    def images(self) -> tuple[int, ...]:
        """Those that were given and not answered."""
        return (*self._finishing, *(() if self._rendering is None else (self._rendering,)))

    @property
    def takes_more(self) -> bool:
        """Whether it can render another image now."""
        return self.ready and self._rendering is None and len(self._finishing) < MOST_UNFINISHED

    def started(self) -> None:
        """It said that it is ready."""
        self.ready = True
        self._render_watch.end()

    def give(self, index: int) -> None:
        """Let it make an image."""
        self._rendering = index
        self.given += 1
        self._render_watch.begin(self._image_timeout_s)
        self._tell(str(index))

    def rendered(self) -> None:
        """It said that what it rendered is only to be finished."""
        if self._rendering is not None:
            self._render_watch.end()
            self._finishing.append(self._rendering)
            self._rendering = None
            if len(self._finishing) == 1:
                self._finish_watch.begin(self._image_timeout_s)

    def answered(self, index: int) -> None:
        """It said how an image came out."""
        if index == self._rendering:
            self._rendering = None
            self._render_watch.end()
            return
        self._finishing.remove(index)
        self._finish_watch.end()
        if self._finishing:
            self._finish_watch.begin(self._image_timeout_s)

    def leave(self) -> None:
        """Let it end when it has done what it was given."""
        if self._popen.stdin:
            self._popen.stdin.close()

    def kill(self) -> None:
        """End it at once."""
        self._popen.kill()

    def close(self) -> int:
        """Wait until it ends and let go of its pipes; returns its exit code."""
        for watch in (self._render_watch, self._finish_watch):
            watch.end()
        code = self._popen.wait()
        self._listener.join()
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe:
                with suppress(BrokenPipeError):
                    pipe.close()
        return code

    @property
    def blamed(self) -> int | None:
        """The image that it most likely died of: that which took too long, or is rendered, or else is finished."""
        in_turn = [self._rendering, *self._finishing]
        if self._finish_watch.overdue_s is not None:
            in_turn.pop(0)
        return next((index for index in in_turn if index is not None), None)

    def why(self, code: int) -> str:
        """What to tell of its end with that exit code."""
        overdue_s = self._finish_watch.overdue_s or self._render_watch.overdue_s
        if overdue_s is not None and self.images:
            return f"took more than {overdue_s:g} s; give it longer with --image-timeout"
        return f"worker ended by signal {-code}" if code < 0 else f"worker ended with exit code {code}"

    def _tell(self, line: str) -> None:
        try:
            if self._popen.stdin:
                self._popen.stdin.write(line + "\n")
                self._popen.stdin.flush()
        except BrokenPipeError:
            pass  # It has died: the listener tells.

    def _listen(self, answers: Answers) -> None:
        try:
            for line in self._popen.stdout or ():
                answers.put((self, json.loads(line)))
        except json.JSONDecodeError:
            self.kill()  # It was killed within a line, or is out of its mind.
        finally:
            answers.put((self, None))


def log_folder(job: Job) -> Path:
    """Where workers write what nobody asked for."""
    return Path(job.root) / "logs"


def _started(logs: Path) -> "subprocess.Popen[str]":
    logs.mkdir(exist_ok=True)
    with (logs / LOG).open("a") as log:
        return subprocess.Popen(
            # -P: the user's folder is no place for modules; a queue.py there would be taken for Python's.
            [sys.executable, "-P", "-m", "cyclorama.generate.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            # NumPy's threads would only wait for each other, at full speed: what is threaded here is the engine.
            env={
                "OPENBLAS_NUM_THREADS": "1",
                **os.environ,
                "CYCLORAMA_BLENDER_LOG": str((logs / "blender.log").resolve()),
            },
        )
