"""What a detector can do."""

from collections.abc import Mapping
from typing import Protocol

from torch import Tensor, nn

State = Mapping[str, Tensor]


class Detector(Protocol):
    """A network and where its pretrained weights come from; a file of ``detect/detectors`` holds one.

    The network speaks torchvision's detection interface: it takes a list of (3, H, W) images in 0..1; in
    training also targets ("boxes" (N, 4) xyxy, "labels" (N,) from 1) and gives a dict of losses; else it gives
    for each image "boxes", "labels" and "scores".
    """

    @staticmethod
    def build(*, classes: int, image_size: int, pretrained: bool) -> nn.Module:
        """A network with random weights.

        Args:
            classes: Number of categories, background not counted.
            image_size: Shorter side of the images in pixels; they come in that size.
            pretrained: Whether weights will be loaded: then statistics of batches and early layers are frozen.
        """

    @staticmethod
    def hub_state() -> State:
        """Pretrained weights, downloaded and kept by torch.hub.

        Raises:
            OSError: No way to the hub.
        """

    @staticmethod
    def renamed(state: State) -> State:
        """Weights of the backbone's own classifier, or of this detector, under the network's names."""
