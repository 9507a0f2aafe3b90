"""A detector from a dataset: what is trained on, what is measured on, and then the loop."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from cyclorama.core.errors import InputError
from cyclorama.core.sample import Dataset
from cyclorama.core.skeleton import Skeleton
from cyclorama.dataset import read_dataset
from cyclorama.dataset.pictures import pictures_in
from cyclorama.dataset.reading import SPLITS_FILE
from cyclorama.detect.augmentation.augment import Augmenter
from cyclorama.detect.augmentation.photographs import Photographs
from cyclorama.detect.catalogue import detector_named
from cyclorama.detect.evaluate import class_numbers
from cyclorama.detect.keypoints import Channels, channels_of, check_keypoints
from cyclorama.detect.run import Run, device_named
from cyclorama.detect.seen import note_seen
from cyclorama.detect.settings import Resolved, TrainSettings
from cyclorama.detect.training.batches import Batches
from cyclorama.detect.training.claim import claim, identity
from cyclorama.detect.training.contents import categories_never_shown
from cyclorama.detect.training.division import divided
from cyclorama.detect.training.loop import Loop, TrainEvent
from cyclorama.detect.training.source import DatasetSource, Renders, RendersSource, Source
from cyclorama.detect.training.team import Team, processes, team
from cyclorama.detect.training.validation import Validation
from cyclorama.detect.weights import network

MOST_VALIDATED = 200
SYNTHETIC = "synthetic"
RELABEL = "call them so in the photographs' labels"


def train(
    root: Path,
    out: Path,
    settings: TrainSettings,
    *,
    renders: Renders | None = None,
    on_event: Callable[[TrainEvent], None] = lambda _: None,
    on_notice: Callable[[str], None] = lambda _: None,
) -> None:
    """Train a detector on the dataset in ``root``; a run that is in ``out`` already is gone on with.

    Writes run.json, last.pt, metrics.jsonl and best.pt: the best AP on photographs that are named for it, else on every
    tenth of those that are trained on, else on the val split, else on every tenth image; of images in groups (views of
    one scene, frames of a video) every tenth group. An interrupted run that is resumed takes the same steps as one that
    was not.

    Args:
        root: Dataset in any layout that we read. Its train split, or all of it; with ``renders``, other images of their
            recipe, which choose the best checkpoint.
        out: The run's folder.
        settings: Detector, weights, length, augmentation, photographs.
        renders: What is trained on, made meanwhile.
        on_event: Is told after each step, in the calling thread.
        on_notice: Is told a sentence that the user should know before the first step.

    Raises:
        InputError: Dataset, settings, weights or device can't be used, or ``out`` holds another run or can't be
            written.
    """
    resolved = settings.resolved()
    crew = team(resolved.device)
    # What one process alone refuses, as the first the run's folder, is told by all.
    with crew.failing_together():
        loop = _prepared(root, out, resolved, crew, renders, on_notice)
        loop.restore()
    loop.run(on_event)


def _prepared(
    root: Path,
    out: Path,
    settings: Resolved,
    crew: Team,
    renders: Renders | None,
    on_notice: Callable[[str], None],
) -> Loop:
    """All that is refused is refused here; of several processes the first claims the folder."""
    dataset = read_dataset(root)
    device = device_named(settings.device)
    if settings.deterministic:
        _ask_for_determinism()
    skeletons = _skeletons(dataset, settings)
    channels = channels_of(skeletons, dataset.categories)
    every = tuple(range(len(dataset.samples)))
    members, held_out = _parts(dataset) if renders is None else (every, every)
    _check(dataset, members, settings)
    if renders is None and (never := categories_never_shown(dataset, members)):
        on_notice(f"no image to train on shows {', '.join(never)}: the detector will not find any")
    photographs, chosen = _photographs(dataset, settings)
    validation = chosen or _validation(dataset, held_out, settings)
    numbers = {category: number for number, category in enumerate(dataset.categories)}
    main: Source = DatasetSource(dataset, members, numbers)
    if renders is not None:
        check_online(settings)
        main = RendersSource(renders, numbers, settings.epoch_images)
    is_synthetic = dataset.provenance.get("kind") == SYNTHETIC
    batches = _batches(main, photographs, settings, channels, is_synthetic=is_synthetic)
    torch.manual_seed(settings.seed)
    made = network(
        settings.detector,
        classes=len(dataset.categories),
        image_size=settings.image_size,
        weights=settings.weights,
        keypoints=len(channels),
        on_notice=on_notice,
    ).to(device)
    if crew.is_lead:
        claim(out, Run(settings, dataset.categories, identity(dataset, root, len(members)), skeletons))
        learned = _learned_from(main, photographs, settings)
        note_seen(out, learned, validation.pictures(), weights=settings.weights)
    return Loop(
        made,
        replace(batches, rank=crew.rank, ranks=crew.size),
        settings,
        device=device,
        out=out,
        validation=validation,
        categories=dataset.categories,
        skeletons=skeletons,
        team=crew,
    )


def _learned_from(main: Source, photographs: Source | None, settings: Resolved) -> list[Path]:
    """Files of all pictures that are learned from, also of those whose look alone is."""
    mixing, augmentation = settings.mixing, settings.augmentation
    folders = [
        mixing.unlabelled if mixing.pseudo_share or augmentation.style != "none" else None,
        augmentation.backgrounds if augmentation.paste else None,
    ]
    without_labels = [picture for folder in folders if folder for picture in pictures_in(Path(folder))]
    return [*main.pictures(), *(photographs.pictures() if photographs else ()), *without_labels]


def check_online(settings: TrainSettings) -> None:
    """Whether renders can be made while they are trained on.

    Raises:
        InputError: Mosaics are asked for, or there are several processes.
    """
    if settings.augmentation.mosaic:
        raise InputError("--mosaic: expected a dataset; a recipe's renders are each seen once, and then gone")
    if processes() > 1:
        raise InputError(
            "training on a recipe: expected one process; for torchrun 'cyclorama generate' a dataset first"
        )


def _ask_for_determinism() -> None:
    """Of all operations that have a way to be; the others warn."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.backends.cudnn.benchmark = False


def _parts(dataset: Dataset) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Positions to train on, and to choose the best checkpoint with."""
    members = dataset.splits.get("train") or tuple(
        i for i in range(len(dataset.samples)) if all(i not in m for m in dataset.splits.values())
    )
    held_out = dataset.splits.get("val")
    return (members, held_out) if held_out else divided(dataset, members)


def _check(dataset: Dataset, members: tuple[int, ...], settings: Resolved) -> None:
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
    varied = [f"--{name}" for name in ("paste", "style") if getattr(settings.augmentation, name) not in (0, "none")]
    if varied and dataset.provenance.get("kind") != SYNTHETIC:
        raise InputError(
            f"{varied[0]}: expected renders, which are brought nearer to photographs; {dataset.root} is not known to "
            'be of renders (COCO tells it by "kind": "synthetic" in "info")'
        )
    about = detector_named(settings.detector).about
    if settings.mixing.pseudo_share and (about.gives_masks or about.gives_keypoints):
        what = "masks" if about.gives_masks else "keypoints"
        raise InputError(f"--pseudo-share: expected a detector of boxes; found boxes have no {what} to learn from")


def _skeletons(dataset: Dataset, settings: Resolved) -> Mapping[str, Skeleton]:
    """Of the categories whose keypoints the detector learns; none where it gives none.

    Raises:
        InputError: It gives some, and the dataset has none.
    """
    if not detector_named(settings.detector).about.gives_keypoints:
        return {}
    if not dataset.skeletons:
        raise InputError(
            f"{dataset.root}: tells no keypoints, which --detector {settings.detector} learns; expected a dataset with "
            "keypoints (ours, COCO or YOLO pose), or another of 'cyclorama detectors'"
        )
    return dataset.skeletons


def _validation(dataset: Dataset, held_out: tuple[int, ...], settings: Resolved) -> Validation:
    numbers = {category: number for number, category in enumerate(dataset.categories)}
    if settings.validate is not None:
        categories, skeletons = tuple(numbers), _skeletons(dataset, settings)
        dataset = read_dataset(Path(settings.validate))
        held_out, numbers = (
            tuple(range(len(dataset.samples))),
            class_numbers(dataset, categories, {}, remedy=RELABEL),
        )
        check_keypoints(dataset, skeletons, numbers, categories)
    step = -(-len(held_out) // MOST_VALIDATED) or 1
    return Validation(dataset, held_out[::step], numbers)


def _batches(
    main: Source, photographs: Source | None, settings: Resolved, channels: Channels, *, is_synthetic: bool
) -> Batches:
    mixing, augmentation, size = settings.mixing, settings.augmentation, settings.image_size
    unlabelled = Photographs(Path(mixing.unlabelled), size) if mixing.unlabelled else None
    backgrounds = Photographs(Path(augmentation.backgrounds), size) if augmentation.backgrounds else None
    return Batches(
        main,
        settings,
        Augmenter(augmentation, backgrounds, unlabelled, channels.mirrored),
        real=photographs,
        unlabelled=unlabelled if mixing.pseudo_share else None,
        is_synthetic=is_synthetic,
        masks=detector_named(settings.detector).about.gives_masks,
        channels=channels,
    )


def _photographs(dataset: Dataset, settings: Resolved) -> tuple[Source | None, Validation | None]:
    """Labelled photographs to train on; and, if none were named for it, those of them that choose the checkpoint.

    Held-out renders would choose the one that knows photographs least. Of few photographs none is held out, and the
    last checkpoint is the best.
    """
    mixing = settings.mixing
    if not mixing.real:
        return None, None
    photographs = read_dataset(Path(mixing.real))
    members = photographs.splits.get("train") or tuple(range(len(photographs.samples)))
    if not members:
        raise InputError(f"{mixing.real}: has no photographs to train on")
    numbers = class_numbers(photographs, dataset.categories, {}, remedy=RELABEL)
    check_keypoints(photographs, _skeletons(dataset, settings), numbers, dataset.categories)
    order = np.random.default_rng((settings.seed, len(members))).permutation(len(members))
    chosen = [members[i] for i in order[: mixing.real_count or None]]
    if settings.validate is not None:
        return DatasetSource(photographs, chosen, numbers, "real"), None
    rest, held_out = divided(photographs, chosen)
    return DatasetSource(photographs, rest, numbers, "real"), Validation(photographs, held_out, numbers)
