"""What torchvision's detectors have in common."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torchvision.models import WeightsEnum
from torchvision.models.detection.transform import GeneralizedRCNNTransform
from torchvision.ops import FrozenBatchNorm2d

from cyclorama.detect.detector import About, Stage, State
from cyclorama.detect.sizes import longest_side

BODY = "backbone.body."
RESNET: tuple[Stage, ...] = (("conv1", "bn1"), ("layer1",), ("layer2",), ("layer3",), ("layer4",))
# Detections with a lower score are not given.
LEAST_SCORE = 0.01
# What torchvision's batch norms add to the variance.
EPSILON = 1e-5
VARIANCE = ".running_var"


@dataclass(frozen=True)
class TorchvisionDetector:
    """One of torchvision's own.

    Attributes:
        builder: torchvision's function, without weights.
        weights: What the hub has.
        body: The backbone's stages, as its own classifier calls them.
        options: For the builder.
        hub_epsilon: What the batch norms of the hub's detector added to the variance, if not ``EPSILON``.
    """

    about: About
    builder: Callable[..., nn.Module]
    weights: WeightsEnum
    body: tuple[Stage, ...] = RESNET
    options: tuple[tuple[str, Any], ...] = ()
    backbone: str = BODY
    hub_epsilon: float = EPSILON

    def build(self, *, classes: int, image_size: int, pretrained: bool) -> nn.Module:
        """As torchvision builds it; its own function freezes nothing where it loads no weights itself."""
        made = self.builder(weights=None, weights_backbone=None, num_classes=classes + 1, **dict(self.options))
        _set_size(made, image_size)
        if pretrained:
            freeze_statistics(made.get_submodule(self.backbone.removesuffix(".")))
        return made

    def hub_state(self) -> State:
        """The whole detector as it was trained on COCO; only the last layers are made anew."""
        return self.from_published(self.weights.get_state_dict(progress=False))

    def from_published(self, state: State) -> State:
        """As torchvision trains it on from the hub's weights, whose batch norms add ``hub_epsilon``."""
        if self.hub_epsilon == EPSILON:
            return state
        with torch.device("meta"):
            published = self.builder(weights=None, weights_backbone=None)
        is_whole = all(name in state for name, _ in published.named_parameters())
        return with_epsilon(state, self.hub_epsilon) if is_whole else state

    def renamed(self, state: State) -> State:
        """``layer1.0.conv1.weight`` of torchvision's classifier is ``backbone.body.layer1...`` here."""
        if any(key.startswith("backbone.") for key in state):
            return state
        return {self.backbone + key.removeprefix("features."): v for key, v in state.items()}

    def stages(self, network: nn.Module) -> Sequence[Stage]:
        """Of the backbone's body."""
        del network
        return prefixed(self.backbone, self.body)


def with_epsilon(state: State, epsilon: float) -> State:
    """Weights of batch norms that added ``epsilon``, for ones that add ``EPSILON``: these do the same with them."""
    scales = {
        key.removesuffix(VARIANCE) + ".weight": ((variance + EPSILON) / (variance + epsilon)).sqrt()
        for key, variance in state.items()
        if key.endswith(VARIANCE)
    }
    return {key: value * scales[key] if key in scales else value for key, value in state.items()}


def prefixed(backbone: str, stages: Sequence[Stage]) -> tuple[Stage, ...]:
    """Stages by their names in the detector; each name stands for a whole module."""
    return tuple(tuple(f"{backbone}{name}." for name in stage) for stage in stages)


def freeze_statistics(module: nn.Module) -> None:
    """Replace batch norms by ones that neither learn nor count: statistics of a few images are none."""
    for name, child in module.named_children():
        if isinstance(child, nn.BatchNorm2d):
            setattr(module, name, FrozenBatchNorm2d(child.num_features, eps=child.eps))
        else:
            freeze_statistics(child)


def _set_size(made: nn.Module, image_size: int) -> None:
    transform = made.transform
    assert isinstance(transform, GeneralizedRCNNTransform)
    if transform.fixed_size is not None:
        transform.fixed_size = (image_size, image_size)
    transform.min_size, transform.max_size = (image_size,), longest_side(image_size)
    head: Any = made.get_submodule("roi_heads") if hasattr(made, "roi_heads") else made
    head.score_thresh = LEAST_SCORE
