"""What never learns."""

from torch import nn


def keep_constants(network: nn.Module) -> None:
    """Make buffers of parameters that don't learn: whoever thaws a network thaws its parameters."""
    for module in network.modules():
        for name, parameter in list(module.named_parameters(recurse=False)):
            if not parameter.requires_grad:
                delattr(module, name)
                module.register_buffer(name, parameter.detach())
