"""What a detector can do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from torch import Tensor, nn

State = Mapping[str, Tensor]
# Beginnings of parameters' names.
Stage = tuple[str, ...]


@dataclass(frozen=True)
class About:
    """Facts about a detector, and the settings that it is trained with where the user names no others.

    Attributes:
        parameters_m: Millions, for the classes that it was published with.
        coco_ap: AP of boxes on COCO val2017, in percent, of the weights on the hub; None where there are none.
        licence: Of its code and its weights.
        module: The Python module that it needs.
        image_size: Shorter side in pixels.
        learning_rate: Of a batch of ``batch``; it grows with the batch.
        batch: Images in a step.
        optimizer: "sgd" or "adamw".
        weight_decay: Of weights; biases and norms have none.
        frozen_stages: How many of ``stages`` keep their pretrained weights.
        gives_masks: Whether it is trained on masks, too, and gives some.
        gives_keypoints: Whether it is trained on keypoints, too, and gives some; it is a ``DetectsKeypoints``.
        note: A sentence that a user must know before using it.
    """

    parameters_m: float
    coco_ap: float | None
    licence: str = "BSD-3-Clause"
    module: str = "torchvision"
    image_size: int = 320
    learning_rate: float = 0.01
    batch: int = 4
    optimizer: str = "sgd"
    weight_decay: float = 5e-4
    frozen_stages: int = 0
    gives_masks: bool = False
    gives_keypoints: bool = False
    note: str = ""


class Detector(Protocol):
    """A network and where its pretrained weights come from; a family in ``detect/detectors`` has some by name.

    The network speaks torchvision's detection interface: it takes a list of (3, H, W) images in 0..1; in
    training also targets ("boxes" (N, 4) xyxy, "labels" (N,) from 1, "masks" (N, H, W) uint8 if it gives masks,
    "keypoints" (N, K, 3) x, y and COCO's visibility if it gives keypoints) and gives a dict of losses; else it gives
    for each image "boxes", "labels" and "scores", best first (and "masks" (N, 1, H, W) in 0..1; and "keypoints"
    (N, K, 3), of which x and y are read, and "keypoints_scores" (N, K) logits).
    """

    @property
    def about(self) -> About:
        """Facts and settings."""

    @property
    def backbone(self) -> str:
        """What the names of the tensors begin with that must be in a file of weights."""

    def build(self, *, classes: int, image_size: int, pretrained: bool) -> nn.Module:
        """A network with random weights.

        Args:
            classes: Number of categories, background not counted.
            image_size: Shorter side of the images in pixels; they come in that size.
            pretrained: Whether weights will be loaded: then a detector may keep the statistics of its batches.
        """

    def hub_state(self) -> State:
        """Pretrained weights, downloaded and kept.

        Raises:
            OSError: No way to the hub.
        """

    def renamed(self, state: State) -> State:
        """Weights of the backbone's own classifier, or of this detector, under the network's names."""

    def stages(self, network: nn.Module) -> Sequence[Stage]:
        """The backbone in order, from the first layers on; what is in none of them is made for the task."""


@runtime_checkable
class DetectsKeypoints(Detector, Protocol):
    """A detector of keypoints, too, of which it has as many as somebody's objects."""

    def with_keypoints(self, count: int) -> Detector:
        """The same, built with so many keypoints."""


@runtime_checkable
class PublishedOtherwise(Detector, Protocol):
    """A detector whose weights were published for a network that computes a little otherwise than the one we build."""

    def from_published(self, state: State) -> State:
        """Weights of the whole published detector, for ours; others, as of a classifier, as they are."""


def for_keypoints(detector: Detector, count: int) -> Detector:
    """The detector for so many keypoints, if it finds keypoints and there are some; else as it is."""
    return detector.with_keypoints(count) if count and isinstance(detector, DetectsKeypoints) else detector
