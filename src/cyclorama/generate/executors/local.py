"""Worker processes on this machine."""

import json
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from cyclorama.core.errors import InputError
from cyclorama.generate.cores import usable_cores
from cyclorama.generate.events import Done, Event, Failed, WorkerRestarted
from cyclorama.generate.executor import Job

# An image is tried this many times; a worker is replaced after this many images, which keeps its memory flat.
TRIES, RECYCLE_AFTER = 3, 500
START_TIMEOUT_S = 300.0


@dataclass(eq=False)
class Process:
    """One worker process and what it is doing."""

    popen: subprocess.Popen[str]
    index: int | None = None
    made: int = 0
    ready: bool = False
    timer: threading.Timer | None = field(default=None, repr=False)
    overdue_s: float | None = None
    listener: threading.Thread = field(default_factory=threading.Thread, repr=False)


class Local:
    """Hands out images one by one, restarts workers that die or hang, retries their images."""

    def __init__(self, *, workers: int, image_timeout_s: float, recycle_after: int = RECYCLE_AFTER) -> None:
        self._workers = workers
        self._recycle_after = recycle_after
        self._image_timeout_s = image_timeout_s

    def run(self, job: Job, indexes: Sequence[int], on_event: Callable[[Event], None]) -> None:
        """Make the images of ``indexes``.

        Raises:
            InputError: The engine can't start, or the disk is full or read-only.
        """
        _Run(self, job, indexes, on_event).run()

    def start(self, job: Job, answers: "queue.Queue[tuple[Process, dict[str, Any] | None]]") -> Process:
        """A new worker that is given the job; its answers, and None at its end, go to the queue."""
        if not job.settings["threads"]:
            threads = max(1, usable_cores() // self._workers)
            job = replace(job, settings={**job.settings, "threads": threads})
        folder = Path(job.root) / "logs"
        folder.mkdir(exist_ok=True)
        with (folder / "workers.log").open("a") as log:
            popen = subprocess.Popen(
                # -P: the user's folder is no place for modules; a queue.py there would be taken for Python's.
                [sys.executable, "-P", "-m", "cyclorama.generate.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, "CYCLORAMA_BLENDER_LOG": str((folder / "blender.log").resolve())},
            )
        process = Process(popen)
        process.listener = threading.Thread(target=_listen, args=(process, answers), daemon=True)
        process.listener.start()
        self.watch(process, START_TIMEOUT_S)
        _tell(process, json.dumps(asdict(job)))
        return process

    def watch(self, process: Process, seconds: float | None = None) -> None:
        """Kill the worker if it is silent for too long."""
        limit_s = seconds or self._image_timeout_s

        def kill() -> None:
            process.overdue_s = limit_s
            process.popen.kill()

        process.timer = threading.Timer(limit_s, kill)
        process.timer.daemon = True
        process.timer.start()

    @property
    def workers(self) -> int:
        """Processes at a time."""
        return self._workers

    @property
    def recycle_after(self) -> int:
        """Images that a worker makes before it is replaced."""
        return self._recycle_after


class _Run:
    """The state of one run."""

    def __init__(self, local: Local, job: Job, indexes: Sequence[int], on_event: Callable[[Event], None]) -> None:
        self._local, self._job, self._tell_user = local, job, on_event
        self._todo = deque(indexes)
        self._left = len(indexes)
        self._tries: dict[int, int] = {}
        self._answers: queue.Queue[tuple[Process, dict[str, Any] | None]] = queue.Queue()
        self._processes: set[Process] = set()
        self._dismissed: set[Process] = set()
        self._failed_starts = 0

    def run(self) -> None:
        try:
            for _ in range(self._local.workers):
                self._start()
            while self._left:
                self._handle(*self._answers.get())
        finally:
            ending = self._processes | self._dismissed
            for process in ending:
                process.popen.kill()
            for process in ending:
                _close(process)

    def _start(self) -> None:
        self._processes.add(self._local.start(self._job, self._answers))

    def _handle(self, process: Process, answer: dict[str, Any] | None) -> None:
        if process.timer:
            process.timer.cancel()
        if answer is None:
            self._ended(process)
            return
        if "fatal" in answer:
            raise InputError(answer["fatal"])
        process.index, process.ready = None, True
        self._failed_starts = 0
        if "done" in answer:
            process.made += 1
            self._left -= 1
            self._tell_user(Done(answer["done"], answer["seconds"]))
        elif "failed" in answer:
            self._failed(answer["failed"], answer["reason"], hopeless=answer.get("hopeless", False))
        self._give(process)

    def _give(self, process: Process) -> None:
        """The next image, or leave."""
        if process.made >= self._local.recycle_after and self._todo:
            self._dismiss(process)
            self._start()
        elif self._todo:
            process.index = self._todo.popleft()
            self._local.watch(process)
            _tell(process, str(process.index))
        # An idle worker waits: an image may come back from one that dies.

    def _dismiss(self, process: Process) -> None:
        self._processes.discard(process)
        self._dismissed.add(process)
        if process.popen.stdin:
            process.popen.stdin.close()

    def _ended(self, process: Process) -> None:
        code = _close(process)
        if process in self._dismissed:
            self._dismissed.discard(process)
            return
        self._processes.discard(process)
        reason = _why(process, code)
        if not process.ready:
            self._failed_starts += 1
            if self._failed_starts >= TRIES:
                raise InputError(f"workers can't start ({reason}); see {Path(self._job.root) / 'logs' / 'workers.log'}")
        self._tell_user(WorkerRestarted(reason))
        if process.index is not None:
            self._failed(process.index, reason, hopeless=False)
            self._wake()
        if self._left:
            self._start()

    def _failed(self, index: int, reason: str, *, hopeless: bool) -> None:
        self._tries[index] = self._tries.get(index, 0) + 1
        final = hopeless or self._tries[index] >= TRIES
        if final:
            self._left -= 1
        else:
            self._todo.append(index)
        self._tell_user(Failed(index, reason, final))

    def _wake(self) -> None:
        """Give an idle worker the image that came back."""
        idle = next((p for p in self._processes if p.ready and p.index is None), None)
        if idle is not None and self._todo:
            self._give(idle)


def _why(process: Process, code: int) -> str:
    if process.overdue_s is not None and process.index is not None:
        return f"took more than {process.overdue_s:g} s; give it longer with --image-timeout"
    return f"worker ended by signal {-code}" if code < 0 else f"worker ended with exit code {code}"


def _tell(process: Process, line: str) -> None:
    try:
        if process.popen.stdin:
            process.popen.stdin.write(line + "\n")
            process.popen.stdin.flush()
    except BrokenPipeError:
        pass  # It has died: the listener tells.


def _listen(process: Process, answers: "queue.Queue[tuple[Process, dict[str, Any] | None]]") -> None:
    try:
        for line in process.popen.stdout or ():
            answers.put((process, json.loads(line)))
    except json.JSONDecodeError:
        process.popen.kill()  # It was killed within a line, or is out of its mind.
    finally:
        answers.put((process, None))


def _close(process: Process) -> int:
    """Wait for a process that ends and let go of its pipes; returns its exit code."""
    if process.timer:
        process.timer.cancel()
    code = process.popen.wait()
    process.listener.join()
    for pipe in (process.popen.stdin, process.popen.stdout):
        if pipe:
            with suppress(BrokenPipeError):
                pipe.close()
    return code
