"""What happens while a dataset is generated."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Started:
    """Before the first image.

    Attributes:
        total: Images in the finished dataset.
        already: Images that were there before.
    """

    total: int
    already: int


@dataclass(frozen=True)
class Preparing:
    """Before the first image: something takes a while and is done once, or a damaged file is left out.

    Attributes:
        what: A sentence.
    """

    what: str


@dataclass(frozen=True)
class Done:
    """An image is finished and on disk.

    Attributes:
        seconds: Wall time of this image in its worker.
    """

    index: int
    seconds: float


@dataclass(frozen=True)
class Failed:
    """An image could not be made.

    Attributes:
        final: Whether it is given up; otherwise it is tried again.
    """

    index: int
    reason: str
    final: bool


@dataclass(frozen=True)
class WorkerRestarted:
    """A worker process died or hung and was replaced."""

    reason: str


Event = Started | Preparing | Done | Failed | WorkerRestarted
