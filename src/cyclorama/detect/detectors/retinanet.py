"""RetinaNet (Lin et al., arXiv 1708.02002): one stage, with a loss that easy background doesn't drown."""

from collections.abc import Mapping
from types import MappingProxyType

from torchvision.models import detection as models

from cyclorama.detect.detector import About, Detector
from cyclorama.detect.torchvision_detector import TorchvisionDetector


class Retinanet:
    """Anchors at five levels, focal loss."""

    variants: Mapping[str, Detector] = MappingProxyType(
        {
            "resnet50": TorchvisionDetector(
                About(34.0, 36.4, image_size=512, learning_rate=0.005, frozen_stages=2),
                models.retinanet_resnet50_fpn,
                models.RetinaNet_ResNet50_FPN_Weights.COCO_V1,
                hub_epsilon=0.0,
            ),
            "resnet50_v2": TorchvisionDetector(
                About(
                    38.2,
                    41.5,
                    image_size=512,
                    learning_rate=1e-4,
                    optimizer="adamw",
                    weight_decay=0.05,
                    frozen_stages=2,
                ),
                models.retinanet_resnet50_fpn_v2,
                models.RetinaNet_ResNet50_FPN_V2_Weights.COCO_V1,
            ),
        }
    )
