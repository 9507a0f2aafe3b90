"""Where a run stands: what its checkpoints hold, which of them is the best, and whether it still gets better."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import nn

from cyclorama.core.errors import InputError
from cyclorama.detect.run import LAST, checkpoint, save_checkpoint
from cyclorama.detect.training.averaging import Averaged
from cyclorama.detect.training.validation import decisive


class Standing:
    """The steps and losses of a run, and what they have made of network, optimizer and average.

    Attributes:
        step: Steps done.
    """

    def __init__(
        self,
        network: nn.Module,
        optimizer: torch.optim.Optimizer,
        average: Averaged | None,
        scaler: torch.amp.GradScaler,
        *,
        out: Path,
    ) -> None:
        self._network, self._optimizer, self._average, self._scaler = network, optimizer, average, scaler
        self._out = out
        self.step, self._best, self._best_epoch, self._losses = 0, -1.0, 0, [0.0, 0]

    @property
    def judged(self) -> nn.Module:
        """What is measured and kept: the average, where there is one."""
        return self._network if self._average is None else self._average.network

    def restore(self) -> None:
        """Go on from last.pt, if there is one.

        Raises:
            InputError: It is damaged.
        """
        path = self._out / LAST
        if not path.is_file():
            return
        saved = checkpoint(path)
        self._network.load_state_dict(saved["trained"])
        if self._average is not None:
            self._average.network.load_state_dict(saved["model"])
        self._optimizer.load_state_dict(saved["optimizer"])
        self._scaler.load_state_dict(saved["scaler"])
        self.step, self._losses = saved["step"], saved["losses"]
        self._best, self._best_epoch = saved["best"], saved["best_epoch"]

    @contextmanager
    def whole_step(self) -> Iterator[None]:
        """The step within the block counts; one that fails leaves batch norms' statistics as they were before it.

        They take in a picture before its loss is known, and weights change last of all.
        """
        before = [buffer.clone() for buffer in self._network.buffers()]
        try:
            yield
        except InputError:
            for buffer, old in zip(self._network.buffers(), before, strict=True):
                buffer.copy_(old)
            raise
        self.step += 1
        if self._average is not None:
            self._average.follow(self._network, self.step)

    def add_loss(self, loss: float) -> None:
        """Of a step that had pictures."""
        self._losses = [self._losses[0] + loss, self._losses[1] + 1]

    def end_losses(self) -> float:
        """The mean of those since it was last asked for."""
        total, count = self._losses
        self._losses = [0.0, 0]
        return total / max(1, count)

    def is_best(self, metrics: Mapping[str, Any]) -> bool:
        """Whether an epoch is the best until now; of equals it is the later, which has seen more."""
        score = decisive(metrics)
        if score > self._best:
            self._best_epoch = metrics["epoch"]
        is_best = score >= self._best
        self._best = score if is_best else self._best
        return is_best

    def epochs_since_best(self, epoch: int) -> int:
        """How many were no better than one before them."""
        return epoch - self._best_epoch

    def is_sound(self) -> bool:
        """Whether all weights and statistics are numbers."""
        return all(bool(torch.isfinite(v).all()) for v in self._network.state_dict().values())

    def save(self, name: str) -> None:
        """As best.pt, or as last.pt, which can be gone on from.

        Raises:
            InputError: The folder can't be written.
        """
        content: dict[str, Any] = {"model": self.judged.state_dict(), "step": self.step, "best": self._best}
        if name == LAST:
            content |= {
                "trained": self._network.state_dict(),
                "optimizer": self._optimizer.state_dict(),
                "scaler": self._scaler.state_dict(),
                "losses": self._losses,
                "best_epoch": self._best_epoch,
            }
        save_checkpoint(self._out / name, content)
