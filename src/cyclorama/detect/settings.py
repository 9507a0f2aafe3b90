"""What decides a training run beside its dataset."""

from dataclasses import dataclass, fields, replace
from typing import Any

from cyclorama.core.errors import InputError
from cyclorama.detect.catalogue import detector_named

SCHEDULES = ("cosine", "step", "constant")
OPTIMIZERS = ("sgd", "adamw")
PRECISIONS = ("auto", "float32", "bfloat16", "float16")
STYLES = ("none", "fourier", "histogram")
# What a run can go on with on another machine.
MACHINE = ("device", "readers")


@dataclass(frozen=True)
class Augmentation:
    """How training pictures are varied.

    Attributes:
        strength: Factor on the probability of each change of colour and sharpness; 0 is none.
        scale: By how much they are made smaller or larger, half of them.
        mirror: Share that is mirrored left-right; only for what looks alike in a mirror, which letters don't.
        mosaic: Share that is a mosaic of four, up to ``mosaic_until`` of the run.
        mosaic_until: Share of the run; the end is trained on whole pictures.
        paste: Share of renders whose background is a photograph of ``backgrounds``; needs masks.
        backgrounds: Folder of photographs without any of the objects.
        style: "fourier" or "histogram": renders take over light and colours of ``unlabelled`` photographs; "none".
        style_share: Share of renders that do.
    """

    strength: float = 1.0
    scale: tuple[float, float] = (0.7, 1.4)
    mirror: float = 0.0
    mosaic: float = 0.0
    mosaic_until: float = 0.7
    paste: float = 0.0
    backgrounds: str | None = None
    style: str = "none"
    style_share: float = 0.5


@dataclass(frozen=True)
class Mixing:
    """Photographs among the renders.

    Attributes:
        real: Dataset of labelled photographs.
        real_share: Share of the training pictures that are such photographs.
        real_count: How many of its photographs are used, the first of a seeded shuffle; 0 is all.
        unlabelled: Folder of photographs like those that the detector is for.
        pseudo_share: Share of training pictures that are such photographs, labelled by the averaged detector.
        pseudo_from: Share of the run after which they come.
        pseudo_score: Detections with at least this score are their labels.
    """

    real: str | None = None
    real_share: float = 0.1
    real_count: int = 0
    unlabelled: str | None = None
    pseudo_share: float = 0.0
    pseudo_from: float = 0.4
    pseudo_score: float = 0.6


@dataclass(frozen=True)
class TrainSettings:
    """Everything that decides a run beside its dataset; what is None is the detector's own.

    Attributes:
        detector: Name, as ``cyclorama detectors`` lists them.
        weights: "hub", "none", a file or a run's folder.
        epochs: Passes over the training images.
        steps: Ends the run after so many, whatever ``epochs`` says; 0 is when the epochs are over.
        epoch_images: Renders that count as an epoch where they are made while they are trained on.
        batch: Images in a step.
        accumulate: Parts that a batch is taken in, one after the other: less memory, and about the same step; exactly
            where losses are means over pictures, not over the objects of a batch, and batch norms are frozen.
        image_size: Shorter side in pixels.
        optimizer: "sgd" (momentum .9) or "adamw".
        learning_rate: At the detector's own batch; it grows with the batch.
        schedule: "cosine" (after a warm-up), "step" (a tenth after each ``step_epochs``), "constant".
        step_epochs: For "step".
        freeze: Stages of the backbone that keep their weights; -1 is all.
        thaw_after: Epochs after which they learn as well; 0 is never.
        layer_decay: Factor on the learning rate from each stage to the one before.
        average: Decay of the running average of the weights, which is what is measured and kept; 0 is none.
        patience: Epochs without a better AP after which training stops; 0 is never.
        validate: Dataset of labelled photographs that choose the best checkpoint, instead of held-out renders.
        precision: "float32", "bfloat16", "float16"; "auto" is bfloat16 on a GPU that has it.
        deterministic: Same weights on a GPU each time, somewhat slower; on a CPU they always are.
        device: "auto", "cpu" or "cuda".
        seed: Of order, augmentation and new layers.
        readers: Threads that read pictures; 0 is one for each core.
    """

    detector: str = "faster_rcnn_mobilenet"
    weights: str = "hub"
    epochs: int = 10
    steps: int = 0
    epoch_images: int = 1000
    batch: int | None = None
    accumulate: int = 1
    image_size: int | None = None
    optimizer: str | None = None
    learning_rate: float | None = None
    schedule: str = "cosine"
    step_epochs: int = 3
    freeze: int | None = None
    thaw_after: int = 0
    layer_decay: float = 1.0
    average: float = 0.998
    patience: int = 0
    validate: str | None = None
    augmentation: Augmentation = Augmentation()
    mixing: Mixing = Mixing()
    precision: str = "auto"
    deterministic: bool = False
    device: str = "auto"
    seed: int = 0
    readers: int = 0

    def resolved(self) -> "Resolved":
        """With the detector's own values where there are none.

        Raises:
            InputError: A value that can't be used, or no such detector.
        """
        about = detector_named(self.detector).about
        own = {
            "batch": about.batch,
            "image_size": about.image_size,
            "optimizer": about.optimizer,
            "learning_rate": about.learning_rate,
            "freeze": 0 if self.weights == "none" else about.frozen_stages,
        }
        filled = {key: value for key, value in own.items() if getattr(self, key) is None}
        made = replace(self, **filled)  # type: ignore[arg-type]
        _check(made)
        return Resolved(**{field.name: getattr(made, field.name) for field in fields(made)})


@dataclass(frozen=True)
class Resolved(TrainSettings):
    """Settings that leave nothing open."""

    batch: int = 4
    image_size: int = 320
    optimizer: str = "sgd"
    learning_rate: float = 0.01
    freeze: int = 0

    def machine_independent(self) -> "Resolved":
        """What must be the same for a run to go on."""
        return replace(self, device="auto", readers=0)

    def first_change(self, other: "Resolved") -> tuple[str, Any, Any]:
        """Name, own and other's value of the first setting that differs and matters; ("", None, None) if none does."""
        for field in fields(self):
            own, theirs = getattr(self, field.name), getattr(other, field.name)
            if own != theirs and field.name not in MACHINE:
                return field.name, own, theirs
        return "", None, None


def _check(settings: TrainSettings) -> None:
    for name, known in (("schedule", SCHEDULES), ("optimizer", OPTIMIZERS), ("precision", PRECISIONS)):
        _one_of(name, getattr(settings, name), known)
    augmentation, mixing = settings.augmentation, settings.mixing
    _one_of("style", augmentation.style, STYLES)
    low, high = augmentation.scale
    if not 0 < low <= high:
        raise InputError(f"--scale {low:g} {high:g}: expected two factors above 0, the smaller first")
    if augmentation.paste and augmentation.backgrounds is None:
        raise InputError("--paste: expected --backgrounds FOLDER with photographs to put behind the objects")
    if augmentation.style != "none" and mixing.unlabelled is None:
        raise InputError("--style: expected --unlabelled FOLDER with photographs whose look is taken over")
    if mixing.pseudo_share and mixing.unlabelled is None:
        raise InputError("--pseudo-share: expected --unlabelled FOLDER with photographs that the detector labels")
    if mixing.pseudo_share and not settings.average:
        raise InputError("--pseudo-share: expected --average above 0; the averaged detector is the teacher")
    if settings.batch is not None and settings.batch % settings.accumulate:
        raise InputError(
            f"--accumulate {settings.accumulate}: expected a divisor of --batch {settings.batch}; "
            "each part of a batch has the same size"
        )
    shares = (mixing.real_share if mixing.real else 0.0) + mixing.pseudo_share
    if shares >= 1:
        raise InputError("--real-share and --pseudo-share: expected less than 1 together; the rest are renders")


def _one_of(name: str, value: Any, known: tuple[str, ...]) -> None:
    if value not in known:
        raise InputError(f"--{name} {value}: expected {', '.join(known)}")
