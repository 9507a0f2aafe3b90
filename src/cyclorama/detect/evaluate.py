"""The detector's score on a dataset, best of photographs."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from cyclorama.core.arrays import ByteArray, FloatArray
from cyclorama.core.detections import Detections
from cyclorama.core.errors import InputError
from cyclorama.core.progress import Progress, silent
from cyclorama.core.sample import Annotation, Dataset, Sample
from cyclorama.detect.features import features_of
from cyclorama.detect.inference import detect
from cyclorama.detect.judging.folder import write_evaluation
from cyclorama.detect.judging.scores import renumbered, scores
from cyclorama.detect.keypoints import Channels, check_keypoints, keypoint_rows
from cyclorama.detect.results import Evaluation, ImageResult
from cyclorama.detect.run import Run, device_named, load_network
from cyclorama.detect.seen import seen_by
from cyclorama.detect.stopwatch import Stopwatch
from cyclorama.detect.writing import writing
from cyclorama.label.objects.box import Box
from cyclorama.label.objects.mask import Mask
from cyclorama.label.objects.visibility import Visibility

RENAME = "say --class PHOTO=DETECTOR"


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
    """Detect in every image and compare; writes scores.json, detections.json and truth.json into ``out``.

    Args:
        run_folder: What ``train`` wrote.
        dataset: Labelled images.
        out: Folder for the results.
        classes: Category of the dataset -> the detector's name for it, where they differ.
        split: Only images of this split.
        device: "auto", "cpu" or "cuda".
        progress: Is told (done, total).

    Raises:
        InputError: No run, no images, not one category in common, other keypoints, or ``out`` can't be written.
    """
    run = Run.read(run_folder)
    numbers = class_numbers(dataset, run.categories, classes or {})
    chosen = dataset.splits.get(split, ()) if split else range(len(dataset.samples))
    if not len(chosen):
        raise InputError(f"{dataset.root}: has no images{f' in its split {split}' if split else ''} to evaluate on")
    where = device_named(device)
    check_keypoints(dataset, run.skeletons, numbers, run.categories)
    network = load_network(run_folder, run, where)
    watch = Stopwatch(where)
    with watch.on(network), features_of(network) as features:
        results = image_results(
            network,
            dataset,
            chosen,
            numbers,
            image_size=run.settings.image_size,
            device=where,
            progress=progress,
            watch=watch,
            masks=True,
            channels=run.channels,
        )
    unscored = [c for c in dataset.categories if c not in numbers]
    kind = dataset.provenance.get("kind", "real")
    measured = scores(results, run.categories, kind=kind, unscored=unscored, skeletons=run.skeletons)
    title = f"{run_folder.name} on {dataset.root.resolve().name}{f' ({split})' if split else ''}"
    kept = np.array(features) if len(features) == len(results) else None
    seen = seen_by(run_folder, [result.image for result in results])
    evaluation = Evaluation(title, run.categories, measured, results, watch.latency(), kept, run.skeletons, seen)
    with writing(out):
        write_evaluation(evaluation, out)
    return evaluation


def class_numbers(
    dataset: Dataset, categories: Sequence[str], names: Mapping[str, str], *, remedy: str = RENAME
) -> dict[str, int]:
    """Category of the dataset -> the detector's class number.

    Args:
        dataset: Photographs.
        categories: The detector's.
        names: Category of the dataset -> the detector's name for it, where they differ.
        remedy: What the user is to do about other names.

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
            f"({', '.join(categories)}); if they are the same things under other names, {remedy}"
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
    watch: Stopwatch | None = None,
    masks: bool = False,
    channels: Channels | None = None,
) -> tuple[ImageResult, ...]:
    """Truth and detections of the chosen samples; detections of classes that the dataset lacks are left out.

    With ``masks``, those of both, where the network gives some and every object has one. With the ``channels`` of the
    network's keypoints, these; and those of the objects, where the dataset tells some.
    """
    watch = watch or Stopwatch(device)
    known = np.array(sorted(set(numbers.values())))
    results = []
    samples = [dataset.samples[i] for i in chosen]
    outlined = masks and all(Mask in a for sample in samples for a in _wanted(sample, numbers))
    every = detect(network, _images(samples, watch), image_size, device, masks=outlined, channels=channels)
    pointed = channels if channels and any(c in dataset.skeletons for c in numbers) else None
    for sample, found in zip(samples, every, strict=True):
        watch.detected()
        results.append(_result(sample, found.chosen(np.isin(found.classes, known)), numbers, pointed))
        progress(len(results), len(samples))
    return tuple(results)


def _images(samples: Sequence[Sample], watch: Stopwatch) -> Iterator[ByteArray]:
    for sample in samples:
        image = sample.load_image()
        watch.loaded()
        yield image


def _wanted(sample: Sample, numbers: Mapping[str, int]) -> list[Annotation]:
    return [a for a in sample.annotations if Box in a and a.category in numbers]


def _result(sample: Sample, found: Detections, numbers: Mapping[str, int], channels: Channels | None) -> ImageResult:
    wanted = _wanted(sample, numbers)
    return ImageResult(
        id=sample.id,
        image=sample.image,
        width=sample.width,
        height=sample.height,
        truth_boxes=np.array([a[Box].xyxy for a in wanted], float).reshape(-1, 4),
        truth_classes=np.array([numbers[a.category] for a in wanted], np.int64),
        truth_ignored=np.array([a.ignored is not None for a in wanted], bool),
        detections=found,
        truth_areas_px=np.array([_area_px(a) for a in wanted], float),
        truth_visible=np.array([_visible(a) for a in wanted], float),
        truth_masks=None if found.masks is None else tuple(a[Mask].to_plain() for a in wanted),
        truth_keypoints=_keypoints(wanted, numbers, channels) if channels and found.keypoints is not None else None,
    )


def _keypoints(wanted: Sequence[Annotation], numbers: Mapping[str, int], channels: Channels) -> tuple[FloatArray, ...]:
    """(K, 3) x, y and visibility of each; of an object without, 0."""
    counts = [len(channels.of_class[numbers[a.category]]) for a in wanted]
    return tuple(keypoint_rows(a, count) for a, count in zip(wanted, counts, strict=True))


def _area_px(annotation: Annotation) -> float:
    """As the file states it; else of the mask, as COCO has it, or of the box."""
    if annotation.stated_area_px is not None:
        return annotation.stated_area_px
    if Visibility in annotation:
        return float(annotation[Visibility].visible_px)
    return float(annotation[Mask].pixels.sum()) if Mask in annotation else annotation[Box].area_px


def _visible(annotation: Annotation) -> float:
    """Visible share; NaN where it isn't known."""
    if annotation.stated_visible is not None:
        return annotation.stated_visible
    return annotation[Visibility].fraction if Visibility in annotation else float("nan")
