"""RF-DETR (Robinson et al., arXiv 2511.09554) as transformers has it: a DETR on DINOv2's features.

AP and parameters: github.com/roboflow/rf-detr, and those of base counted as the others are, in training, where it has
thirteen groups of queries. Code and weights of these sizes are Apache-2.0. The configurations are those that the
weights on the hub were converted with (transformers' convert_rf_detr_to_hf.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cyclorama.detect.detector import Detector
from cyclorama.detect.transformers_detector import NETWORK, TransformersDetector, detr_about

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
# DINOv2's twelve layers in four parts.
BODY = (
    ("embeddings",),
    *(tuple(f"encoder.layer.{layer}" for layer in range(first, first + 3)) for first in (0, 3, 6)),
    ("encoder.layer.9", "encoder.layer.10", "encoder.layer.11", "layernorm"),
)


@dataclass(frozen=True)
class Sight:
    """How the picture is cut.

    Attributes:
        patch: Side of what is one token, in pixels.
        windows: In a row and in a column, within which most layers look.
        least_side: Of a picture with three hundred tokens, in pixels.
        given: Layers whose features are used, from 1.
    """

    patch: int = 16
    windows: int = 2
    least_side: int = 288
    given: tuple[int, ...] = (3, 6, 9, 12)


def _detector(
    name: str,
    parameters_m: float,
    coco_ap: float,
    *,
    image_size: int,
    decoder_layers: int,
    positions: int,
    sight: Sight = Sight(),
) -> Detector:
    """One size.

    Args:
        name: On the hub.
        parameters_m: Millions.
        coco_ap: Percent.
        image_size: Side of the square that it was trained on.
        decoder_layers: Of the decoder.
        positions: Side of the picture whose tokens' positions were learned.
        sight: How the picture is cut.
    """
    backbone = {
        "model_type": "rf_detr_dinov2",
        "hidden_size": 384,
        "num_attention_heads": 6,
        "image_size": positions,
        "patch_size": sight.patch,
        "num_windows": sight.windows,
        "out_indices": list(sight.given),
        "use_mask_token": False,
    }
    about = detr_about(parameters_m, coco_ap, image_size)
    return TransformersDetector(
        about,
        "rf_detr",
        f"Roboflow/rf-detr-{name}",
        MappingProxyType({"backbone_config": backbone, "decoder_layers": decoder_layers, "decoder_n_points": 2}),
        BODY,
        strides=(sight.patch,),
        multiple=sight.patch * sight.windows,
        least_side=sight.least_side,
        mean=MEAN,
        deviation=DEVIATION,
        class_bias="class_embed.bias",
        backbone=f"{NETWORK}model.backbone.backbone.",
    )


class RfDetr:
    """Many groups of queries are trained, and one finds."""

    variants: Mapping[str, Detector] = MappingProxyType(
        {
            "nano": _detector("nano", 30.5, 48.4, image_size=384, decoder_layers=2, positions=384),
            "small": _detector("small", 32.1, 53.0, image_size=512, decoder_layers=3, positions=512),
            "medium": _detector("medium", 33.7, 54.7, image_size=576, decoder_layers=4, positions=576),
            "base": _detector(
                "base",
                32.2,
                53.3,
                image_size=560,
                decoder_layers=3,
                positions=518,
                sight=Sight(patch=14, windows=4, least_side=280, given=(2, 5, 8, 11)),
            ),
        }
    )
