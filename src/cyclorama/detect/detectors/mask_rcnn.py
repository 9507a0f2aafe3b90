"""Mask R-CNN (He et al., arXiv 1703.06870): Faster R-CNN that also says which pixels are the object's."""

from collections.abc import Mapping
from types import MappingProxyType

from torchvision.models import detection as models

from cyclorama.detect.detector import About, Detector
from cyclorama.detect.torchvision_detector import TorchvisionDetector


class MaskRcnn:
    """Boxes and masks; needs a dataset with masks."""

    variants: Mapping[str, Detector] = MappingProxyType(
        {
            "resnet50": TorchvisionDetector(
                About(44.4, 37.9, image_size=512, frozen_stages=2, gives_masks=True),
                models.maskrcnn_resnet50_fpn,
                models.MaskRCNN_ResNet50_FPN_Weights.COCO_V1,
                hub_epsilon=0.0,
            ),
            "resnet50_v2": TorchvisionDetector(
                About(46.4, 47.4, image_size=512, frozen_stages=2, gives_masks=True),
                models.maskrcnn_resnet50_fpn_v2,
                models.MaskRCNN_ResNet50_FPN_V2_Weights.COCO_V1,
            ),
        }
    )
