"""Worker processes on this machine."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from cyclorama.core.errors import InputError
from cyclorama.generate.cores import usable_cores
from cyclorama.generate.events import Done, Event, Failed, WorkerRestarted
from cyclorama.generate.executor import Job
from cyclorama.generate.process import LOG, Answers, Process, log_folder

# An image is tried this many times; a worker is replaced after this many images, which keeps its memory flat.
TRIES, RECYCLE_AFTER = 3, 500


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

    def start(self, job: Job, answers: Answers) -> Process:
        """A new worker that is given the job; its answers, and None at its end, go to the queue."""
        if not job.settings["threads"]:
            threads = max(1, usable_cores() // self._workers)
            job = replace(job, settings={**job.settings, "threads": threads})
        return Process(job, answers, image_timeout_s=self._image_timeout_s)

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
        # Images that were in a worker when it died: each is made with no other beside it, so that no other is blamed.
        self._suspects: set[int] = set()
        self._answers = Answers()
        self._processes: set[Process] = set()
        self._dismissed: set[Process] = set()
        self._failed_starts = 0

    def run(self) -> None:
        try:
            for _ in range(self._local.workers):
                self._start()
            while self._left:
                self._handle(*self._answers.get())
                for process in tuple(self._processes):
                    self._give(process)
        finally:
            ending = self._processes | self._dismissed
            for process in ending:
                process.kill()
            for process in ending:
                process.close()

    def _start(self) -> None:
        self._processes.add(self._local.start(self._job, self._answers))

    def _handle(self, process: Process, answer: dict[str, Any] | None) -> None:
        match answer:
            case None:
                self._ended(process)
            case {"fatal": sentence}:
                raise InputError(sentence)
            case {"ready": True}:
                self._failed_starts = 0
                process.started()
            case {"rendered": _}:
                process.rendered()
            case {"done": index, "seconds": seconds}:
                process.answered(index)
                self._left -= 1
                self._tell_user(Done(index, seconds))
            case {"failed": index, "reason": reason, "hopeless": hopeless}:
                process.answered(index)
                self._failed(index, reason, hopeless=hopeless)

    def _give(self, process: Process) -> None:
        """The next image, if it can take one now; a worker that has made enough leaves."""
        if not self._todo:
            return  # A worker without any waits: an image may come back from one that dies.
        if process.given >= self._local.recycle_after:
            if not process.images:
                self._dismiss(process)
                self._start()
        elif process.takes_more and not self._would_meet_a_suspect(process, self._todo[0]):
            process.give(self._todo.popleft())

    def _would_meet_a_suspect(self, process: Process, index: int) -> bool:
        return bool(process.images) and not self._suspects.isdisjoint((index, *process.images))

    def _dismiss(self, process: Process) -> None:
        self._processes.discard(process)
        self._dismissed.add(process)
        process.leave()

    def _ended(self, process: Process) -> None:
        code = process.close()
        if process in self._dismissed:
            self._dismissed.discard(process)
            return
        self._processes.discard(process)
        reason = process.why(code)
        if not process.ready:
            self._failed_starts += 1
            if self._failed_starts >= TRIES:
                raise InputError(f"workers can't start ({reason}); see {log_folder(self._job) / LOG}")
        self._tell_user(WorkerRestarted(reason))
        self._take_back(process, reason)
        if self._left:
            self._start()

    def _take_back(self, process: Process, reason: str) -> None:
        """What was in a worker that died is made again; only one image can have been the cause."""
        self._suspects.update(process.images)
        for index in process.images:
            if index == process.blamed:
                self._failed(index, reason, hopeless=False)
            else:
                self._todo.appendleft(index)

    def _failed(self, index: int, reason: str, *, hopeless: bool) -> None:
        self._tries[index] = self._tries.get(index, 0) + 1
        final = hopeless or self._tries[index] >= TRIES
        if final:
            self._left -= 1
        else:
            self._todo.appendleft(index)
        self._tell_user(Failed(index, reason, final))
