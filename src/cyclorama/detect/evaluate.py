"""The detector's score on a dataset, best of photographs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import nn

from cyclorama.core.arrays import ByteArray
from cyclorama.core.detections import Detections
from cyclorama.core.errors import InputError
from cyclorama.core.progress import Progress, silent
from cyclorama.core.sample import Dataset, Sample
from cyclorama.dataset.files import write_json
from cyclorama.detect.inference import detect
from cyclorama.detect.judging.scores import coco_results, renumbered, scores
from cyclorama.detect.results import Evaluation, ImageResult
from cyclorama.detect.run import Run, device_named, load_network
from cyclorama.detect.writing import writing
from cyclorama.label.objects.box import Box

SCORES, DETECTIONS = "scores.json", "detections.json"


def evaluate(
    run_folder: Path,
    dataset: Dataset,
    out: Path,
    *,
    classes: Mapping[str, str] | None = None,
    split: str | None = None,
    device: str = "auto",
    progress: Progress = silent,
) -> Evaluation:
    """Detect in every image and compare; writes scores.json and detections.json into ``out``.

    Args:
        run_folder: What ``train`` wrote.
        dataset: Labelled images.
        out: Folder for the results.
        classes: Category of the dataset -> the detector's name for it, where they differ.
        split: Only images of this split.
        device: "auto", "cpu" or "cuda".
        progress: Is told (done, total).

    Raises:
        InputError: No run, no images, not one category in common, or ``out`` can't be written.
    """
    run = Run.read(run_folder)
    numbers = class_numbers(dataset, run.categories, classes or {})
    chosen = dataset.splits.get(split, ()) if split else range(len(dataset.samples))
    if not len(chosen):
        raise InputError(f"{dataset.root}: has no images{f' in its split {split}' if split else ''} to evaluate on")
    where = device_named(device)
    network = load_network(run_folder, run, where)
    results = image_results(
        network, dataset, chosen, numbers, image_size=run.settings.image_size, device=where, progress=progress
    )
    unscored = [c for c in dataset.categories if c not in numbers]
    measured = scores(results, run.categories, kind=dataset.provenance.get("kind", "real"), unscored=unscored)
    title = f"{run_folder.name} on {dataset.root.resolve().name}{f' ({split})' if split else ''}"
    evaluation = Evaluation(title, run.categories, measured, results)
    with writing(out):
        _write(evaluation, out)
    return evaluation


def class_numbers(dataset: Dataset, categories: Sequence[str], names: Mapping[str, str]) -> dict[str, int]:
    """Category of the dataset -> the detector's class number.

    Raises:
        InputError: A name in ``names`` is unknown, or nothing is in common.
    """
    for photo, own in names.items():
        if photo not in dataset.categories:
            raise InputError(f"--class {photo}={own}: the photographs have: {', '.join(dataset.categories)}")
        if own not in categories:
            raise InputError(f"--class {photo}={own}: the detector knows: {', '.join(categories)}")
    numbers = renumbered(categories, {c: names.get(c, c) for c in dataset.categories})
    if not numbers:
        raise InputError(
            f"{dataset.root}: its classes ({', '.join(dataset.categories)}) are none of the detector's "
            f"({', '.join(categories)}); if they are the same things under other names, say --class PHOTO=DETECTOR"
        )
    return numbers


def image_results(
    network: nn.Module,
    dataset: Dataset,
    chosen: Sequence[int],
    numbers: Mapping[str, int],
    *,
    image_size: int,
    device: torch.device,
    progress: Progress = silent,
) -> tuple[ImageResult, ...]:
    """Truth and detections of the chosen samples; detections of classes that the dataset lacks are left out."""
    known = np.array(sorted(set(numbers.values())))
    results = []
    samples = [dataset.samples[i] for i in chosen]
    for sample, found in zip(samples, detect(network, _images(samples), image_size, device), strict=True):
        kept = np.isin(found.classes, known)
        found = Detections(found.boxes[kept], found.scores[kept], found.classes[kept])
        results.append(_result(sample, found, numbers))
        progress(len(results), len(samples))
    return tuple(results)


def _images(samples: Sequence[Sample]) -> Iterator[ByteArray]:
    return (sample.load_image() for sample in samples)


def _result(sample: Sample, found: Detections, numbers: Mapping[str, int]) -> ImageResult:
    wanted = [a for a in sample.annotations if Box in a and a.category in numbers]
    return ImageResult(
        id=sample.id,
        image=sample.image,
        width=sample.width,
        height=sample.height,
        truth_boxes=np.array([a[Box].xyxy for a in wanted], float).reshape(-1, 4),
        truth_classes=np.array([numbers[a.category] for a in wanted], np.int64),
        truth_ignored=np.array([a.ignored is not None for a in wanted], bool),
        detections=found,
    )


def _write(evaluation: Evaluation, out: Path) -> None:
    plain = {"title": evaluation.title, "categories": list(evaluation.categories), **asdict(evaluation.scores)}
    write_json(out / SCORES, plain)
    found = [
        {**d, "file_name": result.image.name}
        for i, result in enumerate(evaluation.results)
        for d in coco_results(result, i + 1)
    ]
    write_json(out / DETECTIONS, found)
