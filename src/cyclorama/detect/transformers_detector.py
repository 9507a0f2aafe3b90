"""What transformers' detectors have in common: they are DETRs, whose queries find one object each, or none."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional
from torchvision.ops import box_convert

from cyclorama.detect.constants import keep_constants
from cyclorama.detect.detector import About, Stage, State
from cyclorama.detect.torchvision_detector import LEAST_SCORE, freeze_statistics, prefixed

NETWORK = "network."
HUB = "https://huggingface.co/{repository}/resolve/main/model.safetensors"
# Of the weights on the hub, where a file doesn't tell.
COCO_CLASSES = 80
QUERIES, MOST_DETECTIONS = 300, 100
BLACK, ONE = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
# Options of those with batch norms: we say when statistics are kept; and how likely classes are at first.
BATCH_NORM = MappingProxyType({"freeze_backbone_batch_norms": False, "initializer_bias_prior_prob": 0.01})


@dataclass(frozen=True)
class TransformersDetector:
    """One size of an architecture.

    Attributes:
        architecture: transformers' name of it.
        repository: Of its weights on Hugging Face's hub.
        options: Of its configuration, where they aren't transformers' own.
        body: The backbone's stages, below ``backbone``.
        strides: Of the places that queries are chosen from, in pixels.
        multiple: Of what the picture's sides are multiples, in pixels.
        least_side: Of the picture, in pixels; what learns its queries needs as many places as it has of them.
        mean: Is subtracted from the picture, red first, in 0..1.
        deviation: The picture is divided by it.
        class_bias: How the name of the tensor ends that has a number for each class.
    """

    about: About
    architecture: str
    repository: str
    options: Mapping[str, Any]
    body: tuple[Stage, ...]
    strides: tuple[int, ...] = (8, 16, 32)
    multiple: int = 32
    least_side: int = 0
    mean: tuple[float, float, float] = BLACK
    deviation: tuple[float, float, float] = ONE
    class_bias: str = "enc_score_head.bias"
    backbone: str = f"{NETWORK}model.backbone."

    def build(self, *, classes: int, image_size: int, pretrained: bool) -> nn.Module:
        """For pictures that are stretched to squares of ``image_size``, or the next larger side that it can take."""
        side = max(-(-image_size // self.multiple) * self.multiple, self.least_side)
        config = self._config(classes, side)
        network = _architecture(config)(config)
        made = DetrNetwork(network, side, self.mean, self.deviation)
        if pretrained:
            freeze_statistics(made.get_submodule(self.backbone.removesuffix(".")))
        return made

    def hub_state(self) -> State:
        """Trained on COCO."""
        folder = Path(torch.hub.get_dir()) / "checkpoints"
        path = folder / f"{self.repository.replace('/', '--')}.safetensors"
        if not path.is_file():
            folder.mkdir(parents=True, exist_ok=True)
            torch.hub.download_url_to_file(HUB.format(repository=self.repository), str(path), progress=False)
        state: State = load_file(path)
        return state

    def renamed(self, state: State) -> State:
        """Names of published files are those of older versions of transformers, which knows how they changed."""
        if any(key.startswith(NETWORK) for key in state):
            return state
        classes = next((len(v) for key, v in state.items() if key.endswith(self.class_bias)), COCO_CLASSES)
        config = self._config(classes, self.about.image_size)
        with _quiet():
            made, told = _architecture(config).from_pretrained(
                None, config=config, state_dict=dict(state), ignore_mismatched_sizes=True, output_loading_info=True
            )
        made_up = {*told["missing_keys"], *(name for name, *_ in told["mismatched_keys"])}
        return {NETWORK + key: v for key, v in made.state_dict().items() if key not in made_up}

    def stages(self, network: nn.Module) -> Sequence[Stage]:
        """Of the backbone."""
        del network
        return prefixed(self.backbone, self.body)

    def _config(self, classes: int, side: int) -> Any:
        """In small pictures there are fewer places than queries would be."""
        from transformers import AutoConfig

        places = sum((side // stride) ** 2 for stride in self.strides)
        return AutoConfig.for_model(
            self.architecture, num_labels=classes, num_queries=min(QUERIES, places), **self.options
        )


def _architecture(config: Any) -> Any:
    """The class in transformers."""
    from transformers import MODEL_FOR_OBJECT_DETECTION_MAPPING

    return MODEL_FOR_OBJECT_DETECTION_MAPPING[type(config)]


def detr_about(parameters_m: float, coco_ap: float, image_size: int) -> About:
    """Facts, and settings that are DETRs' own: AdamW at a small rate."""
    return About(
        parameters_m,
        coco_ap,
        "Apache-2.0",
        "transformers",
        image_size=image_size,
        learning_rate=1e-4,
        optimizer="adamw",
        weight_decay=1e-4,
        note="a DETR: it hardly learns from nothing on few images, so begin with --weights hub or a file",
    )


class DetrNetwork(nn.Module):
    """A DETR behind torchvision's interface: pictures stretched to squares, as it was trained."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, network: nn.Module, side: int, mean: Sequence[float], deviation: Sequence[float]) -> None:
        super().__init__()
        self.network = network
        self.side = side
        for name, values in (("mean", mean), ("deviation", deviation)):
            self.register_buffer(name, torch.tensor(values).reshape(3, 1, 1), persistent=False)
        keep_constants(network)

    def forward(self, images: Sequence[Tensor], targets: Sequence[dict[str, Tensor]] | None = None) -> Any:
        """The loss in training, else detections."""
        batch = torch.stack([self._square(image) for image in images])
        if self.training:
            assert targets is not None
            return {"matched": self.network(batch, labels=_labels(targets, images)).loss}
        outputs = self.network(batch)
        rows = zip(outputs.logits.float(), outputs.pred_boxes.float(), images, strict=True)
        return [_detections(logits, boxes, image) for logits, boxes, image in rows]

    def _square(self, image: Tensor) -> Tensor:
        size = (self.side, self.side)
        # ONNX has no such interpolation; what is exported takes squares.
        if tuple(image.shape[1:]) != size:
            image = functional.interpolate(image[None], size, mode="bilinear", antialias=True, align_corners=False)[0]
        return (image - self.mean) / self.deviation


def _labels(targets: Sequence[dict[str, Tensor]], images: Sequence[Tensor]) -> list[dict[str, Tensor]]:
    """Classes from 0 and boxes as cx, cy, w, h in shares of the picture."""
    return [
        {"class_labels": t["labels"] - 1, "boxes": box_convert(t["boxes"] / _corners(image), "xyxy", "cxcywh")}
        for t, image in zip(targets, images, strict=True)
    ]


def _detections(logits: Tensor, boxes: Tensor, image: Tensor) -> dict[str, Tensor]:
    """The best of all queries and classes; a query may be two things, as it is in training."""
    classes = logits.shape[1]
    scores, places = logits.sigmoid().flatten().topk(min(MOST_DETECTIONS, logits.numel()))
    corners = (box_convert(boxes, "cxcywh", "xyxy").clamp(0, 1) * _corners(image))[places // classes]
    kept = (scores >= LEAST_SCORE) & (corners[:, 2:] > corners[:, :2]).all(dim=1)
    return {"boxes": corners[kept], "scores": scores[kept], "labels": (places % classes)[kept] + 1}


def _corners(image: Tensor) -> Tensor:
    """(4,) width, height, width, height."""
    return torch.tensor([image.shape[2], image.shape[1]] * 2, device=image.device, dtype=torch.float32)


@contextmanager
def _quiet() -> Iterator[None]:
    """Nothing on the terminal about tensors that don't fit; ``weights`` tells it, where it matters."""
    from transformers import utils

    logging: Any = utils.logging
    level, shows_bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if shows_bars:
            logging.enable_progress_bar()
