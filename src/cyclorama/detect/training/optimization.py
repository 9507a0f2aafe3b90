"""Which weights learn, how fast, and when."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from cyclorama.detect.detector import Stage
from cyclorama.detect.settings import Resolved

MOMENTUM = 0.9
WARM_UP = 0.1  # Of all steps, at most WARM_UP_STEPS.
WARM_UP_STEPS = 300
LAST_RATE = 0.02
STEP_FACTOR = 0.1


def freeze(network: nn.Module, stages: Sequence[Stage], count: int) -> None:
    """Let the first stages of the backbone keep their weights, and all else learn.

    Args:
        network: What is trained; what never learns (frozen batch norms have buffers) stays so.
        stages: As the detector tells them.
        count: How many; -1 is all.
    """
    frozen = [name for stage in stages[: None if count < 0 else count] for name in stage]
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(not name.startswith(tuple(frozen)) if frozen else True)


def set_training(network: nn.Module, stages: Sequence[Stage], count: int) -> None:
    """Training mode; the statistics of frozen stages aren't counted on."""
    network.train()
    for stage in stages[: None if count < 0 else count]:
        for name in stage:
            network.get_submodule(name.removesuffix(".")).eval()


def optimizer_of(
    network: nn.Module, stages: Sequence[Stage], settings: Resolved, *, rate: float, weight_decay: float
) -> torch.optim.Optimizer:
    """SGD or AdamW; biases and norms don't decay, each earlier stage learns ``layer_decay`` times as fast.

    Each group tells its share of the rate as "share".
    """
    groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        stage = next((i for i, names in enumerate(stages) if name.startswith(names)), len(stages))
        share = settings.layer_decay ** (len(stages) - stage)
        groups.setdefault((share, parameter.ndim > 1), []).append(parameter)
    plain = [
        {"params": members, "share": share, "lr": share * rate, "weight_decay": weight_decay if decays else 0.0}
        for (share, decays), members in groups.items()
    ]
    if settings.optimizer == "adamw":
        return torch.optim.AdamW(plain, lr=rate)
    return torch.optim.SGD(plain, lr=rate, momentum=MOMENTUM)


def rate_share(settings: Resolved, step: int, steps: int, per_epoch: int) -> float:
    """Share of the full learning rate at a step: a linear warm-up, then as the schedule says."""
    warm_up = min(WARM_UP_STEPS, max(1, round(WARM_UP * steps)))
    if step < warm_up:
        return (step + 1) / warm_up
    if settings.schedule == "constant":
        return 1.0
    if settings.schedule == "step":
        return STEP_FACTOR ** (step // per_epoch // settings.step_epochs)
    progress = (step - warm_up) / max(1, steps - warm_up)
    return float(LAST_RATE + (1 - LAST_RATE) * 0.5 * (1 + np.cos(np.pi * min(progress, 1.0))))
