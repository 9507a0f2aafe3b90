"""Faster R-CNN on MobileNetV2 with a feature pyramid: small enough to be trained on a laptop's CPU."""

from torch import nn
from torchvision.models import MobileNet_V2_Weights
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import mobilenet_backbone
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.ops import FrozenBatchNorm2d, MultiScaleRoIAlign

from cyclorama.detect.detector import State
from cyclorama.detect.sizes import longest_side

# Features of strides 16 and 32, and one pooled from the last.
RETURNED_LAYERS = [3, 5]
# Of six stages; the first three (features 0-6) keep their pretrained weights.
TRAINED_STAGES, ALL_STAGES = 3, 6
ANCHOR_SIZES = (16, 32, 64, 128, 256)
ASPECT_RATIOS = (0.5, 1.0, 2.0)
HEAD_CHANNELS = 256


class FasterRcnnMobilenet:
    """5 million parameters; about 1.5 CPU seconds for a training step of four images at 320 px."""

    @staticmethod
    def build(*, classes: int, image_size: int, pretrained: bool) -> nn.Module:
        """Strides 16 and 32, five anchor sizes at each."""
        backbone = mobilenet_backbone(
            backbone_name="mobilenet_v2",
            weights=None,
            fpn=True,
            norm_layer=FrozenBatchNorm2d if pretrained else nn.BatchNorm2d,
            trainable_layers=TRAINED_STAGES if pretrained else ALL_STAGES,
            returned_layers=RETURNED_LAYERS,
        )
        levels = len(RETURNED_LAYERS) + 1
        pool = MultiScaleRoIAlign(["0", "1"], output_size=7, sampling_ratio=2)
        return FasterRCNN(
            backbone,
            min_size=image_size,
            max_size=longest_side(image_size),
            rpn_anchor_generator=AnchorGenerator((ANCHOR_SIZES,) * levels, (ASPECT_RATIOS,) * levels),
            box_roi_pool=pool,
            box_head=TwoMLPHead(backbone.out_channels * 7**2, HEAD_CHANNELS),
            box_predictor=FastRCNNPredictor(HEAD_CHANNELS, classes + 1),
            rpn_pre_nms_top_n_train=1000,
            rpn_post_nms_top_n_train=500,
            rpn_pre_nms_top_n_test=500,
            rpn_post_nms_top_n_test=200,
            box_batch_size_per_image=128,
            box_score_thresh=0.01,
        )

    @staticmethod
    def hub_state() -> State:
        """ImageNet's, of torchvision."""
        return MobileNet_V2_Weights.IMAGENET1K_V2.get_state_dict(progress=False)

    @staticmethod
    def renamed(state: State) -> State:
        """``features.0.0.weight`` of torchvision's classifier is ``backbone.body.0.0.weight`` here."""
        return {key.replace("features.", "backbone.body.", 1): v for key, v in state.items()}
