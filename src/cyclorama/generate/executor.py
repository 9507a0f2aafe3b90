"""What every executor can do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from cyclorama.generate.events import Event


@dataclass(frozen=True)
class Job:
    """What a worker needs to make any image of a dataset.

    Attributes:
        root: The dataset's folder.
        recipe: The checked recipe, as JSON.
        assets: The gathered assets, as JSON.
        settings: The engine's settings, as JSON.
    """

    root: str
    recipe: dict[str, Any]
    assets: dict[str, Any]
    settings: dict[str, Any]
    seed: int


class Executor(Protocol):
    """Makes images somewhere; a file of ``generate/executors`` holds one.

    A worker that is longer than ``image_timeout_s`` over one image is given up.
    """

    def __init__(self, *, workers: int, image_timeout_s: float) -> None: ...

    def run(self, job: Job, indexes: Sequence[int], on_event: Callable[[Event], None]) -> None:
        """Make the images of ``indexes``; tells what happens from the calling thread.

        Raises:
            InputError: Nothing can be made at all, for a reason that the user can mend.
        """
