"""What a detector's own backbone sees in an image, as one vector."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from cyclorama.core.arrays import FloatArray


@contextmanager
def features_of(network: nn.Module) -> Iterator[list[FloatArray]]:
    """Within the block, each image that the network looks at adds a (F,) vector to the list.

    A vector is the mean over each feature map of the backbone, all levels one after the other. The backbone is the
    outermost module of that name; a network without one that gives feature maps adds none.
    """
    backbone = next((m for name, m in network.named_modules() if name.rpartition(".")[2] == "backbone"), None)
    rows: list[FloatArray] = []
    if backbone is None:
        yield rows
        return

    def keep(module: nn.Module, given: object, output: object) -> None:
        del module, given
        maps = list(_maps(output))
        if maps:
            pooled = torch.cat([m.detach().float().mean(dim=(2, 3)) for m in maps], dim=1)
            rows.extend(np.asarray(pooled.cpu()))

    hook = backbone.register_forward_hook(keep)
    try:
        yield rows
    finally:
        hook.remove()


def _maps(output: Any) -> Iterator[Tensor]:
    """All (N, C, H, W) tensors in what a backbone gives."""
    if isinstance(output, Tensor):
        if output.ndim == 4:
            yield output
    elif isinstance(output, Mapping):
        for part in output.values():
            yield from _maps(part)
    elif isinstance(output, list | tuple):
        for part in output:
            yield from _maps(part)
    elif hasattr(output, "feature_maps"):
        yield from _maps(output.feature_maps)
