"""Keypoint R-CNN (He et al., arXiv 1703.06870, section 5): Faster R-CNN that also says where an object's parts are."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from types import MappingProxyType

from torch import nn
from torchvision.models import MobileNet_V2_Weights
from torchvision.models import detection as models
from torchvision.models.detection import KeypointRCNN
from torchvision.models.detection.keypoint_rcnn import KeypointRCNNPredictor
from torchvision.ops.misc import Conv2dNormActivation

from cyclorama.detect.detector import About, Detector
from cyclorama.detect.mobilenet_rcnn import MOBILENET_V2, mobilenet_parts, pooled_from
from cyclorama.detect.torchvision_detector import TorchvisionDetector

# COCO's, of persons.
PUBLISHED_KEYPOINTS = 17
# Features of strides 8, 16 and 32: Faster R-CNN's strides of 16 and 32 are too coarse for points.
RETURNED_LAYERS = (2, 3, 5)
# As deep as torchvision's, so that each place knows of the whole box (17 of its 14 cells): with four layers (9 cells) a
# rim's points were told from each other only near the handle. Of 128 channels rather than 512, a sixteenth of the work.
HEAD = (128,) * 8
POOLED = 14
NORM_GROUPS = 16
# That are learned from in a picture; a quarter of them has keypoints, which take most of a step's time.
BOXES = 64


@dataclass(frozen=True)
class KeypointDetector(TorchvisionDetector):
    """With as many keypoints as somebody's objects have.

    Attributes:
        keypoints: How many; where they are fewer or more than in weights, the layer that finds them starts anew.
    """

    keypoints: int = PUBLISHED_KEYPOINTS

    def with_keypoints(self, count: int) -> "KeypointDetector":
        """The same for other objects."""
        return replace(self, keypoints=count, options=(("num_keypoints", count),))


@dataclass(frozen=True)
class Mobilenet(KeypointDetector):
    """On MobileNetV2, small enough to be trained on a laptop's CPU."""

    def build(self, *, classes: int, image_size: int, pretrained: bool) -> nn.Module:
        """Strides 8, 16 and 32, five anchor sizes at each."""
        parts = mobilenet_parts(classes=classes, image_size=image_size, pretrained=pretrained, layers=RETURNED_LAYERS)
        return KeypointRCNN(
            **parts | {"box_batch_size_per_image": BOXES},
            keypoint_roi_pool=pooled_from(RETURNED_LAYERS, POOLED),
            keypoint_head=keypoint_head(parts["backbone"].out_channels),
            keypoint_predictor=KeypointRCNNPredictor(HEAD[-1], self.keypoints),
        )


def keypoint_head(channels: int) -> nn.Sequential:
    """Torchvision's with normalisation: this one begins with no weights, and without it learned next to nothing."""
    normalised = partial(nn.GroupNorm, NORM_GROUPS)
    pairs = pairwise((channels, *HEAD))
    return nn.Sequential(*(Conv2dNormActivation(before, after, norm_layer=normalised) for before, after in pairs))


class KeypointRcnn:
    """Boxes and keypoints; needs a dataset with keypoints."""

    variants: Mapping[str, Detector] = MappingProxyType(
        {
            # ImageNet's weights of the backbone; nobody has published this detector's on COCO.
            "mobilenet": Mobilenet(
                About(9.7, None, optimizer="adamw", learning_rate=0.001, frozen_stages=3, gives_keypoints=True),
                builder=KeypointRCNN,
                weights=MobileNet_V2_Weights.IMAGENET1K_V2,
                body=MOBILENET_V2,
            ),
            "resnet50": KeypointDetector(
                About(
                    59.1,
                    54.6,
                    image_size=512,
                    frozen_stages=2,
                    gives_keypoints=True,
                    note="its AP on COCO is of persons' boxes; of their 17 keypoints it is 65.0",
                ),
                models.keypointrcnn_resnet50_fpn,
                models.KeypointRCNN_ResNet50_FPN_Weights.COCO_V1,
                hub_epsilon=0.0,
            ),
        }
    )
