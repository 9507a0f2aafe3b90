"""The steps of a run: network, optimizer, average, and where they are."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from cyclorama.core.errors import InputError
from cyclorama.core.skeleton import Skeleton
from cyclorama.detect.catalogue import detector_named
from cyclorama.detect.evaluate import image_results
from cyclorama.detect.results import ImageResult
from cyclorama.detect.run import LAST, append_metrics, drop_metrics
from cyclorama.detect.settings import Resolved
from cyclorama.detect.training.averaging import Averaged
from cyclorama.detect.training.batches import Batch, Batches, Target
from cyclorama.detect.training.interrupt import delayed_interrupt
from cyclorama.detect.training.optimization import freeze, optimizer_of, rate_share, set_training
from cyclorama.detect.training.standing import Standing
from cyclorama.detect.training.teacher import pseudo_labelled
from cyclorama.detect.training.team import Team
from cyclorama.detect.training.validation import Validation, measured
from cyclorama.detect.weights import BEST

LARGEST_GRADIENT = 10.0
SAVE_EVERY_S = 120.0
PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass(frozen=True)
class TrainEvent:
    """After a step.

    Attributes:
        step: Steps done.
        steps: Steps of the whole run.
        loss: Of this step.
        metrics: At the end of an epoch: loss, ap and ap50 on images that are not trained on, and ap_keypoints where
            there are some; else None.
        results: At the end of an epoch: what was found in those images.
        categories: The detector's.
        skeletons: Of those that have keypoints.
    """

    step: int
    steps: int
    loss: float
    metrics: dict[str, Any] | None = None
    results: tuple[ImageResult, ...] = ()
    categories: tuple[str, ...] = ()
    skeletons: Mapping[str, Skeleton] = field(default_factory=dict)


class Loop:
    """A run in memory; ``restore`` and ``run``."""

    def __init__(
        self,
        network: nn.Module,
        batches: Batches,
        settings: Resolved,
        *,
        device: torch.device,
        out: Path,
        validation: Validation,
        categories: tuple[str, ...],
        skeletons: Mapping[str, Skeleton],
        team: Team,
    ) -> None:
        detector = detector_named(settings.detector)
        self._network, self._batches, self._settings, self._device = network, batches, settings, device
        self._out, self._validation, self._categories, self._team = out, validation, categories, team
        self._skeletons = skeletons
        self._rate = settings.learning_rate * settings.batch / detector.about.batch
        self._stages = detector.stages(network)
        self._optimizer = optimizer_of(
            network, self._stages, settings, rate=self._rate, weight_decay=detector.about.weight_decay
        )
        average = Averaged(network, settings.average) if settings.average else None
        self._precision = _precision(settings.precision, device)
        self._scaler = torch.amp.GradScaler(device.type, enabled=self._precision == torch.float16)
        self._scaler.scale(torch.zeros((), device=device))  # Or a process without pictures in its first step has none.
        self._teacher = None if average is None else average.network
        self._standing = Standing(network, self._optimizer, average, self._scaler, out=out)

    def restore(self) -> None:
        """Go on from last.pt, if there is one."""
        self._standing.restore()
        if self._team.is_lead:
            drop_metrics(self._out, after_step=self._standing.step)

    def run(self, on_event: Callable[[TrainEvent], None]) -> None:
        """All steps that are not done."""
        saved_at, per_epoch = time.monotonic(), self._batches.per_epoch
        steps, standing = self._batches.steps, self._standing
        if self._is_over():
            return
        batches = self._batches.between(standing.step, steps)
        with delayed_interrupt() as interrupted:
            while standing.step < steps:
                with self._saved_on_bad_input():
                    loss = self._take_step(batches)
                ends = standing.step % per_epoch == 0 or standing.step == steps
                # What fails here isn't saved: a run would go on behind an epoch that was never measured.
                with self._team.failing_together():
                    metrics, results = self._end_epoch() if ends else (None, ())
                    on_event(
                        TrainEvent(standing.step, steps, loss, metrics, results, self._categories, self._skeletons)
                    )
                must_stop = self._team.agree(interrupted())
                with self._team.failing_together():
                    if metrics or must_stop or time.monotonic() - saved_at > SAVE_EVERY_S:
                        self._save(LAST)
                        saved_at = time.monotonic()
                if must_stop:
                    raise KeyboardInterrupt
                if metrics and self._is_over():
                    return

    @contextmanager
    def _saved_on_bad_input(self) -> Iterator[None]:
        """A damaged picture ends the run, but the steps that were taken are kept, if their weights are numbers."""
        try:
            yield
        except InputError:
            # A disk that is full has been told, or comes after what is to be told.
            with suppress(InputError):
                if self._standing.is_sound():
                    self._save(LAST)
            # The first process that leaves ends the others.
            self._team.meet()
            raise

    def _is_over(self) -> bool:
        """Whether no epoch of the last ``patience`` was better than the best before.

        Each process has counted its own pictures' statistics, and may judge the epoch differently: the lead's, which
        are saved, decide.
        """
        patience = self._settings.patience
        since = self._standing.epochs_since_best(self._standing.step // self._batches.per_epoch)
        is_over = bool(patience and self._validation.members and since >= patience)
        return self._team.agree(self._team.is_lead and is_over)

    def _take_step(self, batches: Iterator[Batch]) -> float:
        """The loss; 0 where no picture of the batch could be made, and nothing is learned."""
        self._prepare_step()
        # Before any process learns from its part of the batch, all have theirs.
        with self._team.failing_together():
            batch = next(batches)
        with self._standing.whole_step():
            with self._team.failing_together():
                images, targets = self._labelled(batch)
                self._optimizer.zero_grad()
                value = self._accumulated(images, targets)
                self._check_finite(np.isfinite(value))
            if self._team.agree(bool(images)):
                self._follow_gradients()
        if images:
            self._standing.add_loss(value)
        return value

    def _prepare_step(self) -> None:
        settings = self._settings
        frozen = self._frozen()
        freeze(self._network, self._stages, frozen)
        set_training(self._network, self._stages, frozen)
        # Chance is the step's own, so that a run can go on anywhere.
        chance = np.random.SeedSequence((settings.seed, self._standing.step, self._team.rank))
        torch.manual_seed(int(chance.generate_state(1)[0]))
        share = rate_share(settings, self._standing.step, self._batches.steps, self._batches.per_epoch)
        for group in self._optimizer.param_groups:
            group["lr"] = self._rate * share * group["share"]

    def _follow_gradients(self) -> None:
        """Those of all processes; of this one there are none where it had no picture."""
        self._team.share_gradients(self._network)
        self._scaler.unscale_(self._optimizer)
        length = nn.utils.clip_grad_norm_(self._network.parameters(), LARGEST_GRADIENT)
        self._check_finite(bool(torch.isfinite(length)) or self._scaler.is_enabled())
        self._scaler.step(self._optimizer)
        self._scaler.update()

    def _check_finite(self, is_finite: bool) -> None:
        if not is_finite:
            step = self._standing.step
            raise InputError(
                f"{self._out}: the loss is not finite at step {step}; the checkpoints before it are kept; "
                "start again in another folder with a lower --learning-rate or other --weights"
            )

    def _accumulated(self, images: list[Tensor], targets: list[Target]) -> float:
        """The loss of a batch that is taken in parts; their gradients are added."""
        total, count = 0.0, self._settings.accumulate
        for part in range(count):
            own_images, own_targets = images[part::count], targets[part::count]
            if not own_images:
                continue
            try:
                total += self._part(own_images, own_targets, len(own_images) / len(images))
            except torch.cuda.OutOfMemoryError as error:
                raise InputError(
                    f"the GPU's memory is too small for --batch {self._settings.batch} at --image-size "
                    f"{self._settings.image_size}; --accumulate {2 * count} takes the batch in more parts"
                ) from error
        return total

    def _part(self, images: list[Tensor], targets: list[Target], share: float) -> float:
        """The part's share of the loss; its gradients are added."""
        with torch.autocast(self._device.type, self._precision, enabled=self._precision != torch.float32):
            losses = self._network(
                [image.to(self._device) for image in images],
                [{key: value.to(self._device) for key, value in target.items()} for target in targets],
            )
        loss = torch.stack([value.float() for value in losses.values()]).sum() * share
        self._scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        return float(loss.detach())

    def _labelled(self, batch: Batch) -> tuple[list[Tensor], list[Target]]:
        """The batch, with what the averaged detector finds in photographs that have no labels."""
        if not batch.unlabelled or self._teacher is None:
            return batch.images, batch.targets
        pairs = pseudo_labelled(self._teacher, batch.unlabelled, self._batches.augmenter, self._settings, self._device)
        return batch.images + [i for i, _ in pairs], batch.targets + [t for _, t in pairs]

    def _frozen(self) -> int:
        settings = self._settings
        is_thawed = settings.thaw_after and self._standing.step >= settings.thaw_after * self._batches.per_epoch
        return 0 if is_thawed else settings.freeze

    def _end_epoch(self) -> tuple[dict[str, Any], tuple[ImageResult, ...]]:
        metrics: dict[str, Any] = {
            "epoch": -(-self._standing.step // self._batches.per_epoch),
            "step": self._standing.step,
            "loss": self._standing.end_losses(),
            "learning_rate": max(group["lr"] for group in self._optimizer.param_groups),
        }
        results: tuple[ImageResult, ...] = ()
        if self._validation.members:
            results = self._found()
            metrics |= measured(results, self._categories, self._skeletons)
        if self._team.is_lead:
            append_metrics(self._out, metrics)
        if self._standing.is_best(metrics):
            self._save(BEST)
        return metrics, results

    def _found(self) -> tuple[ImageResult, ...]:
        network, validation = self._standing.judged.eval(), self._validation
        return image_results(
            network,
            validation.dataset,
            validation.members,
            validation.numbers,
            image_size=self._settings.image_size,
            device=self._device,
            channels=self._batches.channels,
        )

    def _save(self, name: str) -> None:
        if self._team.is_lead:
            self._standing.save(name)


def _precision(name: str, device: torch.device) -> torch.dtype:
    if name != "auto":
        return PRECISIONS[name]
    has_bfloat16 = device.type == "cuda" and torch.cuda.is_bf16_supported()
    return torch.bfloat16 if has_bfloat16 else torch.float32
