"""RT-DETRv2 (Lv et al., arXiv 2407.17140) as transformers has it: a DETR on a ResNet.

AP and parameters: github.com/lyuwenyu/RT-DETR, rtdetrv2_pytorch. Code and weights are Apache-2.0. The configurations
are those that the weights on the hub were converted with (transformers' convert_rt_detr_v2_weights_to_hf.py).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from cyclorama.detect.detector import Detector
from cyclorama.detect.transformers_detector import BATCH_NORM, TransformersDetector, detr_about

IMAGE_SIZE = 640
BODY = (("model.embedder",), *((f"model.encoder.stages.{i}",) for i in range(4)))


def _light(depths: tuple[int, ...], *, decoder_layers: int) -> dict[str, Any]:
    """What ResNets of basic blocks have: half as wide features, and an encoder half as wide."""
    backbone = {
        "model_type": "rt_detr_resnet",
        "hidden_sizes": [64, 128, 256, 512],
        "depths": list(depths),
        "layer_type": "basic",
        "out_indices": [2, 3, 4],
    }
    return {
        "backbone_config": backbone,
        "encoder_in_channels": [128, 256, 512],
        "hidden_expansion": 0.5,
        "decoder_layers": decoder_layers,
    }


def _detector(name: str, parameters_m: float, coco_ap: float, options: Mapping[str, Any]) -> Detector:
    about = detr_about(parameters_m, coco_ap, IMAGE_SIZE)
    options = MappingProxyType({**BATCH_NORM, **options})
    return TransformersDetector(about, "rt_detr_v2", f"PekingU/rtdetr_v2_{name}", options, BODY)


class RtdetrV2:
    """Queries are chosen where the encoder sees something, and look at points of three feature maps."""

    variants: Mapping[str, Detector] = MappingProxyType(
        {
            "r18": _detector("r18vd", 20.2, 48.1, _light((2, 2, 2, 2), decoder_layers=3)),
            "r34": _detector("r34vd", 31.4, 49.9, _light((3, 4, 6, 3), decoder_layers=4)),
            "r50": _detector("r50vd", 42.9, 53.4, {}),
        }
    )
