"""What makes torchvision's detectors of two stages small enough to be trained on a laptop's CPU: MobileNetV2."""

from collections.abc import Sequence
from typing import Any

from torch import nn
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import mobilenet_backbone
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.ops import FrozenBatchNorm2d, MultiScaleRoIAlign

from cyclorama.detect.sizes import longest_side
from cyclorama.detect.torchvision_detector import LEAST_SCORE

# MobileNetV2's features by the stride of what they give: 2, 4, 8, 16 and 32.
MOBILENET_V2 = (
    ("0", "1"),
    ("2", "3"),
    ("4", "5", "6"),
    tuple("789") + ("10", "11", "12", "13"),
    ("14", "15", "16", "17", "18"),
)
ALL_STAGES = 6
ANCHOR_SIZES = (16, 32, 64, 128, 256)
ASPECT_RATIOS = (0.5, 1.0, 2.0)
HEAD_CHANNELS = 256
POOLED = 7


def mobilenet_parts(*, classes: int, image_size: int, pretrained: bool, layers: Sequence[int]) -> dict[str, Any]:
    """Arguments of torchvision's ``FasterRCNN`` and what descends from it.

    Args:
        classes: Number of categories, background not counted.
        image_size: Shorter side in pixels.
        pretrained: Whether the backbone keeps the statistics of its batches.
        layers: Which of the backbone's are looked at, each with five anchor sizes, beside one pooled from the last.
    """
    backbone = mobilenet_backbone(
        backbone_name="mobilenet_v2",
        weights=None,
        fpn=True,
        norm_layer=FrozenBatchNorm2d if pretrained else nn.BatchNorm2d,
        trainable_layers=ALL_STAGES,
        returned_layers=list(layers),
    )
    levels = len(layers) + 1
    return {
        "backbone": backbone,
        "min_size": image_size,
        "max_size": longest_side(image_size),
        "rpn_anchor_generator": AnchorGenerator((ANCHOR_SIZES,) * levels, (ASPECT_RATIOS,) * levels),
        "box_roi_pool": pooled_from(layers, POOLED),
        "box_head": TwoMLPHead(backbone.out_channels * POOLED**2, HEAD_CHANNELS),
        "box_predictor": FastRCNNPredictor(HEAD_CHANNELS, classes + 1),
        "rpn_pre_nms_top_n_train": 1000,
        "rpn_post_nms_top_n_train": 500,
        "rpn_pre_nms_top_n_test": 500,
        "rpn_post_nms_top_n_test": 200,
        "box_batch_size_per_image": 128,
        "box_score_thresh": LEAST_SCORE,
    }


def pooled_from(layers: Sequence[int], side: int) -> MultiScaleRoIAlign:
    """What of the layers lies in a box, ``side`` by ``side``."""
    return MultiScaleRoIAlign([str(i) for i in range(len(layers))], output_size=side, sampling_ratio=2)
