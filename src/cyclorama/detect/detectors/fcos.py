"""FCOS (Tian et al., arXiv 1904.01355): one stage without anchors, so that no sizes have to be guessed."""

from collections.abc import Mapping
from types import MappingProxyType

from torchvision.models import detection as models

from cyclorama.detect.detector import About, Detector
from cyclorama.detect.torchvision_detector import TorchvisionDetector


class Fcos:
    """Every place of the features says how far its object's four edges are."""

    variants: Mapping[str, Detector] = MappingProxyType(
        {
            "resnet50": TorchvisionDetector(
                About(32.3, 39.2, image_size=512, learning_rate=0.005, frozen_stages=2),
                models.fcos_resnet50_fpn,
                models.FCOS_ResNet50_FPN_Weights.COCO_V1,
            ),
        }
    )
