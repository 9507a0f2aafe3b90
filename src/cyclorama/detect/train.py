"""Fine-tuning: own loop, so that a resumed run is the same run."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from cyclorama.core.errors import InputError
from cyclorama.core.sample import Dataset
from cyclorama.dataset import read_dataset
from cyclorama.dataset.reading import SPLITS_FILE
from cyclorama.detect.batches import Batches
from cyclorama.detect.evaluate import image_results
from cyclorama.detect.interrupt import delayed_interrupt
from cyclorama.detect.judging.scores import coco_figures
from cyclorama.detect.run import (
    BEST,
    LAST,
    SETTINGS,
    Run,
    TrainSettings,
    append_metrics,
    checkpoint,
    device_named,
    drop_metrics,
    save_checkpoint,
)
from cyclorama.detect.weights import network

__all__ = ["TrainEvent", "TrainSettings", "train"]

MOMENTUM, WEIGHT_DECAY = 0.9, 5e-4
BATCH_OF_RATE = 4
WARM_UP = 0.1  # Of all steps, at most WARM_UP_STEPS.
WARM_UP_STEPS = 300
LAST_RATE = 0.02
LARGEST_GRADIENT = 10.0
SAVE_EVERY_S = 120.0
# Where a dataset has no val split, every tenth training image is kept for choosing the best checkpoint.
HELD_OUT = 10
MOST_VALIDATED = 200
# In last.pt of a run on a GPU, whose generator is not the CPU's.
GPU_CHANCE = "gpu_chance"
# Where a dataset says these of its origin, another value means other images.
ORIGIN = ("fingerprint", "seed")


@dataclass(frozen=True)
class TrainEvent:
    """After a step.

    Attributes:
        step: Steps done.
        steps: Steps of the whole run.
        loss: Of this step.
        metrics: At the end of an epoch: loss, ap and ap50 on renders that were held out; else None.
    """

    step: int
    steps: int
    loss: float
    metrics: dict[str, Any] | None = None


def train(
    root: Path, out: Path, settings: TrainSettings, *, on_event: Callable[[TrainEvent], None] = lambda _: None
) -> None:
    """Train a detector on the dataset in ``root``; a run that is in ``out`` already is gone on with.

    Writes run.json, best.pt (best AP on the val split, or on every tenth image where there is none), last.pt and
    metrics.jsonl. An interrupted run that is resumed takes the same steps as one that was not.

    Args:
        root: Dataset in any layout that we read. Its train split, or all of it.
        out: The run's folder.
        settings: Detector, weights, length.
        on_event: Is told after each step, in the calling thread.

    Raises:
        InputError: Dataset, weights or device can't be used, or ``out`` holds another run or can't be written.
    """
    dataset = read_dataset(root)
    device = device_named(settings.device)
    members, held_out = _parts(dataset)
    _check(dataset, members)
    run = Run(settings, dataset.categories, _identity(dataset, root, members))
    torch.manual_seed(settings.seed)
    made = network(
        settings.detector, classes=len(dataset.categories), image_size=settings.image_size, weights=settings.weights
    ).to(device)
    _claim(out, run)
    batches = Batches(dataset, members, settings.batch, settings.image_size, settings.seed)
    loop = _Loop(made, batches, settings, device, out)
    loop.restore()
    loop.run(dataset, held_out, on_event)


def _parts(dataset: Dataset) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Positions to train on, and to choose the best checkpoint with."""
    members = dataset.splits.get("train") or tuple(
        i for i in range(len(dataset.samples)) if all(i not in m for m in dataset.splits.values())
    )
    held_out = dataset.splits.get("val") or ()
    if not held_out and len(members) >= 2 * HELD_OUT:
        held_out = members[HELD_OUT - 1 :: HELD_OUT]
        members = tuple(i for number, i in enumerate(members, 1) if number % HELD_OUT)
    step = -(-len(held_out) // MOST_VALIDATED) or 1
    return members, held_out[::step]


def _check(dataset: Dataset, members: tuple[int, ...]) -> None:
    if not members:
        raise InputError(f"{dataset.root}: has no images to train on")
    if not dataset.categories:
        raise InputError(f"{dataset.root}: declares no categories; expected at least one")
    if dataset.splits.get("train") and (dataset.root / SPLITS_FILE).is_file():
        newer = len(dataset.samples) - len(set().union(*dataset.splits.values()))
        if newer:
            raise InputError(
                f"{dataset.root}: {newer} images belong to no split, because they came after {SPLITS_FILE}; "
                f"run 'cyclorama split {dataset.root}' again"
            )


def _identity(dataset: Dataset, root: Path, members: tuple[int, ...]) -> dict[str, Any]:
    """What tells a run's data from other data: a path, and what decided the renders that lie there."""
    known = {key: dataset.provenance[key] for key in ORIGIN if key in dataset.provenance}
    kind = dataset.provenance.get("kind", "real")
    return {"dataset": str(root.resolve()), "kind": kind, "images": len(members), **known}


def _claim(out: Path, run: Run) -> None:
    """Make the folder this run's, unless it is another's."""
    has_begun = out.is_dir() and any(p.name != SETTINGS for p in out.iterdir())
    if has_begun and (out / SETTINGS).is_file():
        there = Run.read(out)
        # Where a run is computed may change between interruptions.
        if replace(there.settings, device="auto") != replace(run.settings, device="auto"):
            old, new = asdict(there.settings), asdict(run.settings)
            changed = next(k for k in new if old[k] != new[k] and k != "device")
            raise InputError(
                f"{out}: holds a run with {changed} {old[changed]}, not {new[changed]}; choose another folder"
            )
        _refuse_other_data(out, there, run)
        return
    if has_begun or (out.exists() and not out.is_dir()):
        raise InputError(f"{out}: holds something that is no run of ours; choose another folder")
    run.write(out)


def _refuse_other_data(out: Path, there: Run, asked: Run) -> None:
    old, new = there.trained_on, asked.trained_on
    data, images = old.get("dataset"), old.get("images")
    if (there.categories, data, images) != (asked.categories, new["dataset"], new["images"]):
        raise InputError(f"{out}: holds a run on {images} images of '{data}'; choose another folder")
    if any(key in old and old[key] != new.get(key) for key in ORIGIN):
        raise InputError(
            f"{out}: holds a run on other images of '{data}', which has been generated anew since; "
            "choose another folder"
        )


class _Loop:
    """Network, optimizer and where they are."""

    def __init__(
        self, made: nn.Module, batches: Batches, settings: TrainSettings, device: torch.device, out: Path
    ) -> None:
        self._network, self._batches, self._settings, self._device, self._out = made, batches, settings, device, out
        self._steps = settings.epochs * batches.per_epoch
        self._rate = settings.learning_rate * settings.batch / BATCH_OF_RATE
        trained = [p for p in made.parameters() if p.requires_grad]
        self._optimizer = torch.optim.SGD(trained, lr=self._rate, momentum=MOMENTUM, weight_decay=WEIGHT_DECAY)
        self._step, self._best, self._losses = 0, -1.0, [0.0, 0]

    def restore(self) -> None:
        """Go on from last.pt, if there is one."""
        path = self._out / LAST
        if path.is_file():
            saved = checkpoint(path)
            self._network.load_state_dict(saved["model"])
            self._optimizer.load_state_dict(saved["optimizer"])
            torch.set_rng_state(saved["chance"])
            if self._device.type == "cuda" and GPU_CHANCE in saved:
                torch.cuda.set_rng_state(saved[GPU_CHANCE], self._device)
            self._step, self._best, self._losses = saved["step"], saved["best"], saved["losses"]
        drop_metrics(self._out, after_step=self._step)

    def run(self, dataset: Dataset, held_out: tuple[int, ...], on_event: Callable[[TrainEvent], None]) -> None:
        """All steps that are not done."""
        saved_at = time.monotonic()
        with delayed_interrupt() as interrupted:
            for batch in self._batches.between(self._step, self._steps):
                loss = self._take_step(*batch)
                metrics = self._end_epoch(dataset, held_out) if self._step % self._batches.per_epoch == 0 else None
                on_event(TrainEvent(self._step, self._steps, loss, metrics))
                must_stop = interrupted()
                if metrics or must_stop or time.monotonic() - saved_at > SAVE_EVERY_S:
                    self._save(LAST)
                    saved_at = time.monotonic()
                if must_stop:
                    raise KeyboardInterrupt

    def _take_step(self, images: list[Tensor], targets: list[dict[str, Tensor]]) -> float:
        self._network.train()
        for group in self._optimizer.param_groups:
            group["lr"] = self._rate * _schedule(self._step, self._steps)
        images = [i.to(self._device) for i in images]
        targets = [{k: v.to(self._device) for k, v in t.items()} for t in targets]
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._device.type == "cuda"):
            losses = self._network(images, targets)
        loss = torch.stack([value.float() for value in losses.values()]).sum()
        if not torch.isfinite(loss):
            raise InputError(
                f"{self._out}: the loss is not finite at step {self._step}; "
                "start again in another folder with a lower --learning-rate or other --weights"
            )
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._network.parameters(), LARGEST_GRADIENT)
        self._optimizer.step()
        self._step += 1
        value = float(loss.detach())
        self._losses = [self._losses[0] + value, self._losses[1] + 1]
        return value

    def _end_epoch(self, dataset: Dataset, held_out: tuple[int, ...]) -> dict[str, Any]:
        metrics: dict[str, Any] = {
            "epoch": self._step // self._batches.per_epoch,
            "step": self._step,
            "loss": self._losses[0] / max(1, self._losses[1]),
            "learning_rate": self._rate * _schedule(self._step, self._steps),
        }
        if held_out:
            metrics |= self._validated(dataset, held_out)
        self._losses = [0.0, 0]
        append_metrics(self._out, metrics)
        score = metrics.get("ap", float(metrics["epoch"]))
        if score >= self._best:
            self._best = score
            self._save(BEST)
        return metrics

    def _validated(self, dataset: Dataset, held_out: tuple[int, ...]) -> dict[str, float]:
        numbers = {c: i for i, c in enumerate(dataset.categories)}
        self._network.eval()
        results = image_results(
            self._network, dataset, held_out, numbers, image_size=self._settings.image_size, device=self._device
        )
        figures = coco_figures(results, dataset.categories)
        return {"ap": figures["ap"], "ap50": figures["ap50"], "images": len(held_out)}

    def _save(self, name: str) -> None:
        content: dict[str, Any] = {"model": self._network.state_dict(), "step": self._step, "best": self._best}
        if name == LAST:
            content |= {
                "optimizer": self._optimizer.state_dict(),
                "chance": torch.get_rng_state(),
                "losses": self._losses,
            }
            if self._device.type == "cuda":
                content[GPU_CHANCE] = torch.cuda.get_rng_state(self._device)
        save_checkpoint(self._out / name, content)


def _schedule(step: int, steps: int) -> float:
    """Share of the full learning rate: a linear warm-up, then half a cosine."""
    warm_up = min(WARM_UP_STEPS, max(1, round(WARM_UP * steps)))
    if step < warm_up:
        return (step + 1) / warm_up
    progress = (step - warm_up) / max(1, steps - warm_up)
    return float(LAST_RATE + (1 - LAST_RATE) * 0.5 * (1 + np.cos(np.pi * min(progress, 1.0))))
