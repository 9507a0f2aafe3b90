"""D-FINE (Peng et al., arXiv 2410.13842) as transformers has it: the strongest for its size when it is fine-tuned.

AP and parameters: github.com/Peterande/D-FINE. Code and weights are Apache-2.0. The configurations are those that the
weights on the hub were converted with (transformers' convert_d_fine_original_pytorch_checkpoint_to_hf.py).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from cyclorama.detect.detector import Detector
from cyclorama.detect.transformers_detector import BATCH_NORM, TransformersDetector, detr_about

IMAGE_SIZE = 640
BODY = (("model.embedder",), *((f"model.encoder.stages.{i}",) for i in range(4)))
STRIDES = (8, 16, 32)
# The smallest looks at coarser features only, with narrower layers.
NANO = MappingProxyType(
    {
        "feat_strides": [16, 32],
        "num_feature_levels": 2,
        "encode_proj_layers": [1],
        "d_model": 128,
        "encoder_hidden_dim": 128,
        "decoder_in_channels": [128, 128],
        "encoder_ffn_dim": 512,
        "decoder_ffn_dim": 512,
        "decoder_n_points": [6, 6],
    }
)


def _options(
    width: int,
    stem: tuple[int, int],
    *,
    layers: int,
    decoder_layers: int,
    strides: tuple[int, ...] = STRIDES,
    **more: Any,
) -> Mapping[str, Any]:
    """What differs from the configuration that transformers has.

    Args:
        width: Of the backbone, HGNetV2; its stages give a half, two, four and eight times as many channels.
        stem: Channels within its stem and at the end of it.
        layers: In each block of it.
        decoder_layers: Of the decoder.
        strides: Of the backbone's features that are used.
        more: Of what the sizes have in common with none.
    """
    given = [width // 2, width * 2, width * 4, width * 8]
    backbone = {
        "model_type": "hgnet_v2",
        "hidden_sizes": [width * 2**i for i in range(4)],
        "stem_channels": [3, *stem],
        "stage_in_channels": [stem[1], *given[:3]],
        "stage_mid_channels": [stem[1] * 2**i for i in range(4)],
        "stage_out_channels": given,
        "stage_num_blocks": [1, 1, 2 if width == 128 else 3, 1],
        "stage_numb_of_layers": [layers] * 4,
        "use_learnable_affine_block": width < 256,
        "out_indices": [2, 3, 4][-len(strides) :],
    }
    own = {
        "backbone_config": backbone,
        "encoder_in_channels": given[-len(strides) :],
        "decoder_layers": decoder_layers,
        "decoder_n_points": [3, 6, 3],
    }
    return MappingProxyType({**BATCH_NORM, **own, **more})


def _detector(
    name: str, parameters_m: float, coco_ap: float, options: Mapping[str, Any], strides: tuple[int, ...] = STRIDES
) -> Detector:
    about = detr_about(parameters_m, coco_ap, IMAGE_SIZE)
    return TransformersDetector(about, "d_fine", f"ustc-community/dfine-{name}-coco", options, BODY, strides)


class Dfine:
    """Each layer of the decoder refines how far an object's edges may be, as a distribution."""

    variants: Mapping[str, Detector] = MappingProxyType(
        {
            "n": _detector(
                "nano",
                3.8,
                42.8,
                _options(
                    128,
                    (16, 16),
                    layers=3,
                    decoder_layers=3,
                    strides=STRIDES[1:],
                    depth_mult=0.5,
                    hidden_expansion=0.34,
                    **NANO,
                ),
                STRIDES[1:],
            ),
            "s": _detector(
                "small",
                10.3,
                48.5,
                _options(128, (16, 16), layers=3, decoder_layers=3, depth_mult=0.34, hidden_expansion=0.5),
            ),
            "m": _detector("medium", 19.6, 52.3, _options(192, (24, 32), layers=4, decoder_layers=4, depth_mult=0.67)),
            "l": _detector("large", 31.2, 54.0, _options(256, (32, 48), layers=6, decoder_layers=6)),
        }
    )
