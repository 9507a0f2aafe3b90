"""SSDLite (Sandler et al., arXiv 1801.04381) on MobileNetV3: for phones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from torch import nn
from torchvision.models import detection as models

from cyclorama.detect.detector import About, Detector, Stage
from cyclorama.detect.torchvision_detector import TorchvisionDetector


@dataclass(frozen=True)
class Ssdlite320(TorchvisionDetector):
    """Its images are stretched to a square."""

    def stages(self, network: nn.Module) -> Sequence[Stage]:
        """MobileNetV3 up to stride 16, in four parts, and what follows."""
        del network
        first, second = f"{self.backbone}0.", f"{self.backbone}1."
        parts = [(0, 2), (2, 4), (4, 7), (7, 14)]
        return [tuple(f"{first}{i}." for i in range(*part)) for part in parts] + [(second,)]


class Ssdlite:
    """One stage, 3.4 million parameters."""

    variants: Mapping[str, Detector] = MappingProxyType(
        {
            "mobilenet_v3": Ssdlite320(
                About(3.4, 21.3, learning_rate=0.01, batch=8),
                models.ssdlite320_mobilenet_v3_large,
                models.SSDLite320_MobileNet_V3_Large_Weights.COCO_V1,
                backbone="backbone.features.",
            ),
        }
    )
