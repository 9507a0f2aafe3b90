"""The running average of a network's weights, which judges better than the last of them (Polyak averaging)."""

import copy

import torch
from torch import Tensor, nn


class Averaged:
    """A copy of the network whose weights follow its own slowly; early ones are forgotten sooner."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        """Starts at the network's weights.

        Args:
            network: What is trained.
            decay: Share of the average that stays in each step, once there were many.
        """
        self.network = copy.deepcopy(network).eval()
        self._decay = decay
        for parameter in self.network.parameters():
            parameter.requires_grad_(False)

    @torch.no_grad()
    def follow(self, network: nn.Module, step: int) -> None:
        """Take in the weights after a step, counted from 1."""
        decay = min(self._decay, (1 + step) / (10 + step))
        own, new = _tensors(self.network), _tensors(network)
        floats = [i for i, value in enumerate(own) if value.is_floating_point()]
        torch._foreach_lerp_([own[i] for i in floats], [new[i] for i in floats], 1 - decay)
        for i in set(range(len(own))) - set(floats):
            own[i].copy_(new[i])


def _tensors(network: nn.Module) -> list[Tensor]:
    """Each once, whatever names it has: DETRs' last layers are the decoder's, too."""
    named = network.state_dict(keep_vars=True)
    return list({id(tensor): tensor for tensor in named.values()}.values())
