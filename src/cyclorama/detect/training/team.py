"""Several processes, a GPU each, that train one network: ``torchrun --nproc-per-node 4 -m cyclorama train ...``."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import nn

from cyclorama.core.errors import InputError


@dataclass(frozen=True)
class Team:
    """The processes that share a run.

    Attributes:
        rank: This one's number; 0 writes and measures.
        size: How many there are.
    """

    rank: int = 0
    size: int = 1

    @property
    def is_lead(self) -> bool:
        """Whether this process writes."""
        return self.rank == 0

    def share_gradients(self, network: nn.Module) -> None:
        """Replace each gradient by the mean over all processes."""
        if self.size == 1:
            return
        learning = [p for p in network.parameters() if p.requires_grad]
        flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).reshape(-1) for p in learning])
        dist.all_reduce(flat)
        flat /= self.size
        begin = 0
        for parameter in learning:
            count = parameter.numel()
            parameter.grad = flat[begin : begin + count].view_as(parameter).clone()
            begin += count

    def agree(self, value: bool) -> bool:
        """Whether any process says yes."""
        if self.size == 1:
            return value
        said = torch.tensor([float(value)], device="cuda" if dist.get_backend() == "nccl" else "cpu")
        dist.all_reduce(said)
        return bool(said.item())

    def meet(self) -> None:
        """Go on when every process is here."""
        self.agree(False)

    @contextmanager
    def failing_together(self) -> Iterator[None]:
        """Within the block, in which processes don't meet, one that fails ends all with its sentence.

        Raises:
            InputError: In any of the processes there was one.
        """
        failure: InputError | None = None
        try:
            yield
        except InputError as error:
            if self.size == 1:
                raise
            failure = error
        if self.agree(failure is not None):
            raise InputError(self._first(str(failure) if failure else "")) from failure

    def _first(self, sentence: str) -> str:
        """Of all processes' sentences the first that isn't empty."""
        said: list[str] = [""] * self.size
        dist.all_gather_object(said, sentence)
        return next(filter(None, said))


def processes() -> int:
    """How many train together, as torchrun's environment says; 1 without it."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def rank() -> int:
    """This process's number, as torchrun's environment says; 0 without it."""
    return int(os.environ["RANK"]) if processes() > 1 else 0


def team(device: str) -> Team:
    """This process's, as torchrun's environment says; alone without it."""
    if processes() == 1:
        return Team()
    if not dist.is_initialized():
        has_gpu = device != "cpu" and torch.cuda.is_available()
        if has_gpu:
            torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
        dist.init_process_group("nccl" if has_gpu else "gloo")
    return Team(rank(), processes())
