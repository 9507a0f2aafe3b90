"""Faster R-CNN on ResNet-50 with a feature pyramid: the tutorials' detector."""

from torch import nn
from torchvision.models.detection import FasterRCNN, FasterRCNN_ResNet50_FPN_Weights
from torchvision.models.detection.backbone_utils import resnet_fpn_backbone
from torchvision.ops import FrozenBatchNorm2d

from cyclorama.detect.detector import State
from cyclorama.detect.sizes import longest_side

TRAINED_STAGES, ALL_STAGES = 3, 5


class FasterRcnnResnet50:
    """41 million parameters; for a GPU."""

    @staticmethod
    def build(*, classes: int, image_size: int, pretrained: bool) -> nn.Module:
        """As torchvision builds it; its own function freezes nothing where it loads no weights itself."""
        backbone = resnet_fpn_backbone(
            backbone_name="resnet50",
            weights=None,
            norm_layer=FrozenBatchNorm2d if pretrained else nn.BatchNorm2d,
            trainable_layers=TRAINED_STAGES if pretrained else ALL_STAGES,
        )
        return FasterRCNN(
            backbone,
            num_classes=classes + 1,
            min_size=image_size,
            max_size=longest_side(image_size),
            box_score_thresh=0.01,
        )

    @staticmethod
    def hub_state() -> State:
        """The whole detector as it was trained on COCO; only the last layer is made anew."""
        return FasterRCNN_ResNet50_FPN_Weights.COCO_V1.get_state_dict(progress=False)

    @staticmethod
    def renamed(state: State) -> State:
        """``layer1.0.conv1.weight`` of torchvision's classifier is ``backbone.body.layer1...`` here."""
        if any(key.startswith("backbone.") for key in state):
            return state
        return {f"backbone.body.{key}": v for key, v in state.items()}
