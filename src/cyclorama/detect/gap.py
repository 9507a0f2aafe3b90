"""Measures a detector on photographs and on renders, and what differs between them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from cyclorama.core.arrays import ByteArray
from cyclorama.core.errors import InputError
from cyclorama.core.progress import Progress, silent
from cyclorama.core.sample import Dataset, Sample
from cyclorama.dataset.files import write_json
from cyclorama.detect.evaluate import evaluate
from cyclorama.detect.judging.gap.report import Gap, Measured, gap, plain
from cyclorama.detect.judging.gap.statistics import image_statistics
from cyclorama.detect.run import Run
from cyclorama.detect.sizes import resized
from cyclorama.detect.writing import writing

PHOTOGRAPHS, RENDERS, GAP = "photographs", "renders", "gap.json"


def measure_gap(
    run_folder: Path,
    photographs: Dataset,
    renders: Dataset,
    out: Path,
    *,
    classes: Mapping[str, str] | None = None,
    split: str | None = None,
    device: str = "auto",
    progress: Progress = silent,
) -> Gap:
    """Evaluate on both, and hold images and the detector's features against each other.

    Writes gap.json, and the two evaluations into the folders "photographs" and "renders" of ``out``.

    Args:
        run_folder: What ``train`` wrote.
        photographs: Labelled photographs.
        renders: Labelled renders that the detector was not trained on.
        out: Folder for the results.
        classes: Category of the photographs -> the detector's name for it, where they differ.
        split: Only photographs of this split.
        device: "auto", "cpu" or "cuda".
        progress: Is told (done, total) of the images of both.

    Raises:
        InputError: As ``evaluate``, or the renders are none, or the photographs are renders.
    """
    _check_kinds(photographs, renders)
    counts = len(photographs.samples), len(renders.samples)

    def part(first: int) -> Progress:
        return lambda done, _: progress(first + done, sum(counts))

    size = Run.read(run_folder).settings.image_size
    measured = [
        _measured(run_folder, photographs, out / PHOTOGRAPHS, size, classes or {}, split, device, part(0)),
        _measured(run_folder, renders, out / RENDERS, size, {}, None, device, part(counts[0])),
    ]
    found = gap(*measured)
    with writing(out):
        write_json(out / GAP, plain(found))
    return found


def _check_kinds(photographs: Dataset, renders: Dataset) -> None:
    if photographs.provenance.get("kind") == "synthetic":
        raise InputError(f"{photographs.root}: is of renders; name the photographs first, then the renders")
    if renders.provenance.get("kind") != "synthetic":
        raise InputError(f"{renders.root}: is not known to be of renders; name a folder of 'cyclorama generate'")


def _measured(
    run_folder: Path,
    dataset: Dataset,
    out: Path,
    image_size: int,
    classes: Mapping[str, str],
    split: str | None,
    device: str,
    progress: Progress,
) -> Measured:
    """Pixels are looked at while the network looks at them: large photographs are read once."""
    pixels: list[Mapping[str, float]] = []
    watched = replace(dataset, samples=[_watched(s, pixels, image_size) for s in dataset.samples])
    evaluation = evaluate(run_folder, watched, out, classes=classes, split=split, device=device, progress=progress)
    return Measured(evaluation, tuple(pixels))


def _watched(sample: Sample, pixels: list[Mapping[str, float]], image_size: int) -> Sample:
    def load() -> ByteArray:
        image = sample.load_image()
        pixels.append(image_statistics(resized(image, image_size)[0]))
        return image

    return replace(sample, load_image=load)
