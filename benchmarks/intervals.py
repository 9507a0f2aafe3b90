"""How often the 95 % interval of a few photographs holds the AP of all of them, for four kinds of bootstrap interval.

    python benchmarks/reality.py --case cards    # first: gives the detections
    python benchmarks/intervals.py
    python benchmarks/intervals.py --quick       # fewer subsets

Prints a table and writes intervals.json into the work folder.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from scipy.special import ndtr, ndtri

from cyclorama.core.arrays import FloatArray
from cyclorama.core.detections import Detections
from cyclorama.core.sample import Dataset
from cyclorama.dataset import read_dataset
from cyclorama.dataset.files import write_json
from cyclorama.detect.judging.matching import ClassMatches, match_class
from cyclorama.detect.results import ImageResult
from cyclorama.label.objects.box import Box
from reality import CASES, DATA, ROOT

SIZES = (30, 60, 120)
RESAMPLINGS = 200
TAILS = np.array([0.025, 0.975])


def image_results(photographs: Dataset, categories: list[str], detections: Path) -> list[ImageResult]:
    """Truth and detections of each photograph, from what ``evaluate`` wrote."""
    found: dict[int, list[dict]] = {}
    for detection in json.loads(detections.read_text()):
        found.setdefault(detection["image_id"] - 1, []).append(detection)
    return [image_result(sample, found.get(i, []), categories) for i, sample in enumerate(photographs.samples)]


def image_result(sample, found: list[dict], categories: list[str]) -> ImageResult:
    """Of one photograph."""
    xywh = np.array([d["bbox"] for d in found], float).reshape(-1, 4)
    boxes = np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], axis=1)
    classes = np.array([d["category_id"] - 1 for d in found], int)
    return ImageResult(
        id=sample.id,
        image=sample.image,
        width=sample.width,
        height=sample.height,
        truth_boxes=np.array([a[Box].xyxy for a in sample.annotations], float).reshape(-1, 4),
        truth_classes=np.array([categories.index(a.category) for a in sample.annotations], int),
        truth_ignored=np.zeros(len(sample.annotations), bool),
        detections=Detections(boxes, np.array([d["score"] for d in found]), classes),
    )


def mean_ap(matches: list[ClassMatches], weights: FloatArray) -> float:
    """AP where image i counts ``weights[i]`` times."""
    shown = [m for m in matches if (weights * m.truth_per_image).sum() > 0]
    return float(np.mean([m.average_precision(weights).mean() for m in shown]))


def four_intervals(figure: float, resampled: FloatArray) -> dict[str, tuple[float, float]]:
    """95 % intervals of a figure from its resamplings."""
    low, high = np.quantile(resampled, TAILS)
    below = np.clip((resampled < figure).mean(), 0.5 / len(resampled), 1 - 0.5 / len(resampled))
    corrected = np.quantile(resampled, ndtr(2 * ndtri(below) + ndtri(TAILS)))
    centre, half = 2 * figure - resampled.mean(), ndtri(TAILS[1]) * resampled.std(ddof=1)
    return {
        "percentile": (low, high),
        "bias-corrected percentile": (corrected[0], corrected[1]),
        "basic": (2 * figure - high, 2 * figure - low),
        "normal, bias subtracted": (centre - half, centre + half),
    }


def coverage(matches: list[ClassMatches], images: int, size: int, trials: int) -> dict[str, float]:
    """Share of subsets of a size whose interval holds the figure of all images."""
    rng = np.random.default_rng(1)
    truth = mean_ap(matches, np.ones(images))
    held: dict[str, int] = {}
    for _ in range(trials):
        subset = rng.permutation(images)[:size]
        figure = mean_ap(matches, np.bincount(subset, minlength=images))
        drawn = [np.bincount(rng.choice(subset, size), minlength=images) for _ in range(RESAMPLINGS)]
        resampled = np.array([mean_ap(matches, weights) for weights in drawn])
        for kind, (low, high) in four_intervals(figure, resampled).items():
            held[kind] = held.get(kind, 0) + int(low <= truth <= high)
    return {kind: count / trials for kind, count in held.items()}


def main() -> None:
    """Measure coverage."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="5 subsets of each size instead of 40")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--work", type=Path, default=ROOT / "benchmarks" / "work")
    options = parser.parse_args()
    folder = options.work / "cards" / "photographs"
    if not (folder / "detections.json").is_file():
        raise SystemExit(f"{folder}: no detections.json; run first: python benchmarks/reality.py --case cards")
    categories = json.loads((folder / "scores.json").read_text())["categories"]
    photographs = read_dataset(options.data / CASES["cards"].photographs)
    results = image_results(photographs, categories, folder / "detections.json")
    matches = [match_class(results, c) for c in range(len(categories))]
    trials = 5 if options.quick else 40
    held = {size: coverage(matches, len(results), size, trials) for size in SIZES}
    print(f"| interval | {' | '.join(map(str, SIZES))} |\n|{'---|' * (len(SIZES) + 1)}")
    for kind in held[SIZES[0]]:
        print(f"| {kind} | {' | '.join(f'{held[size][kind]:.2f}' for size in SIZES)} |")
    write_json(options.work / "intervals.json", {"subsets": trials, "resamplings": RESAMPLINGS, "held": held})


if __name__ == "__main__":
    main()
