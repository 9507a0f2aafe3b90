"""Faster R-CNN with a feature pyramid (Ren et al., arXiv 1506.01497): the tutorials' detector."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from torch import nn
from torchvision.models import MobileNet_V2_Weights
from torchvision.models import detection as models
from torchvision.models.detection import FasterRCNN

from cyclorama.detect.detector import About, Detector
from cyclorama.detect.mobilenet_rcnn import MOBILENET_V2, mobilenet_parts
from cyclorama.detect.torchvision_detector import TorchvisionDetector

MOBILENET_V3 = (tuple("01"), tuple("23"), tuple("456"), ("7", "8", "9", "10", "11", "12"), ("13", "14", "15", "16"))
# Features of strides 16 and 32, and one pooled from the last.
RETURNED_LAYERS = (3, 5)
# Of torchvision's detectors on ResNet-50: as the tutorials train them.
LARGE = About(41.8, 37.0, image_size=512, learning_rate=0.01, frozen_stages=2)


@dataclass(frozen=True)
class Mobilenet(TorchvisionDetector):
    """On MobileNetV2, small enough to be trained on a laptop's CPU: 1.5 CPU seconds for four images at 320 px."""

    def build(self, *, classes: int, image_size: int, pretrained: bool) -> nn.Module:
        """Strides 16 and 32, five anchor sizes at each."""
        return FasterRCNN(
            **mobilenet_parts(classes=classes, image_size=image_size, pretrained=pretrained, layers=RETURNED_LAYERS)
        )


class FasterRcnn:
    """Two stages: where something could be, then what it is."""

    variants: Mapping[str, Detector] = MappingProxyType(
        {
            # ImageNet's weights of the backbone; nobody has published this detector's on COCO.
            "mobilenet": Mobilenet(
                About(7.7, None, frozen_stages=3),
                builder=FasterRCNN,
                weights=MobileNet_V2_Weights.IMAGENET1K_V2,
                body=MOBILENET_V2,
            ),
            "mobilenet_v3": TorchvisionDetector(
                replace(LARGE, parameters_m=19.4, coco_ap=32.8, image_size=480, frozen_stages=2),
                models.fasterrcnn_mobilenet_v3_large_fpn,
                models.FasterRCNN_MobileNet_V3_Large_FPN_Weights.COCO_V1,
                body=MOBILENET_V3,
            ),
            "resnet50": TorchvisionDetector(
                LARGE,
                models.fasterrcnn_resnet50_fpn,
                models.FasterRCNN_ResNet50_FPN_Weights.COCO_V1,
                hub_epsilon=0.0,
            ),
            "resnet50_v2": TorchvisionDetector(
                replace(LARGE, parameters_m=43.7, coco_ap=46.7),
                models.fasterrcnn_resnet50_fpn_v2,
                models.FasterRCNN_ResNet50_FPN_V2_Weights.COCO_V1,
            ),
        }
    )
