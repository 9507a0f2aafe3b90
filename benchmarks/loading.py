"""How many training pictures a second are read and varied, over the number of reading threads.

    python benchmarks/loading.py DATASET [--image-size 320] [--photographs FOLDER]
    python benchmarks/loading.py --quick          # eight renders of its own; its figures mean nothing

Beside it: CPU milliseconds of a picture, read and varied, and of a training step on it. Prints a table and writes
loading.json into the work folder.
"""

import argparse
import os
import time
from dataclasses import replace
from pathlib import Path

import torch

from cyclorama.dataset import read_dataset
from cyclorama.dataset.files import write_json
from cyclorama.detect.augmentation.augment import Augmenter
from cyclorama.detect.augmentation.photographs import Photographs
from cyclorama.detect.catalogue import detector_named
from cyclorama.detect.settings import Augmentation, TrainSettings
from cyclorama.detect.training.batches import Batches
from cyclorama.detect.training.source import DatasetSource
from cyclorama.generate import generate
from cyclorama.scene import load_recipe
from reality import ROOT, markdown

STEPS, QUICK_STEPS = 40, 2
DETECTORS = ("yolox_nano", "faster_rcnn_mobilenet")
WAYS = {
    "plain": Augmentation(strength=0, scale=(1.0, 1.0)),
    "as by default": Augmentation(),
    "half mosaics": Augmentation(mosaic=0.5),
    "half before photographs": Augmentation(paste=0.5, backgrounds="photographs"),
}


def batches_of(
    dataset: Path, augmentation: Augmentation, *, image_size: int, readers: int, photographs: Path
) -> Batches:
    """As training makes them."""
    made = read_dataset(dataset)
    settings = TrainSettings(DETECTORS[0], "none", image_size=image_size, readers=readers, augmentation=augmentation)
    backgrounds = Photographs(photographs, image_size) if augmentation.paste else None
    numbers = {category: i for i, category in enumerate(made.categories)}
    source = DatasetSource(made, range(len(made.samples)), numbers)
    return Batches(source, settings.resolved(), Augmenter(augmentation, backgrounds))


def speed(batches: Batches, steps: int) -> tuple[float, float]:
    """Pictures a second, and CPU milliseconds of each."""
    list(batches.between(0, 1))
    wall, cpu = time.perf_counter(), time.process_time()
    count = sum(len(batch.images) for batch in batches.between(1, 1 + steps))
    return count / (time.perf_counter() - wall), 1000 * (time.process_time() - cpu) / count


def step_ms(detector: str, batches: Batches, steps: int) -> float:
    """CPU milliseconds of forward and backward for each picture."""
    batch = next(batches.between(0, 1))
    network = detector_named(detector).build(
        classes=len(batches.main.numbers), image_size=batches.settings.image_size, pretrained=True
    )
    network.train()
    cpu = 0.0
    for number in range(steps + 1):
        begun = time.process_time()
        sum(network(batch.images, [dict(t) for t in batch.targets]).values()).backward()
        cpu += (time.process_time() - begun) * bool(number)
    return 1000 * cpu / steps / len(batch.images)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path, nargs="?", help="with masks, for what is put before photographs")
    parser.add_argument("--image-size", type=int, default=320)
    parser.add_argument("--photographs", type=Path, help="folder; left out, the dataset's own pictures")
    parser.add_argument("--quick", action="store_true", help="its figures mean nothing")
    parser.add_argument("--work", type=Path, default=ROOT / "benchmarks" / "work", help="where everything goes")
    options = parser.parse_args()
    work = options.work / "quick" if options.quick else options.work
    if not options.dataset and not options.quick:
        raise SystemExit("name a dataset, or --quick")
    dataset = options.dataset or work / "loading"
    if not options.dataset:
        targets = "targets=[{model: 'builtin:die'}]"
        generate(load_recipe("floating", [targets, "render.engine=analytic"]), dataset, count=8)
    torch.set_num_threads(1)
    steps, cores = QUICK_STEPS if options.quick else STEPS, os.cpu_count() or 1
    make = {"image_size": options.image_size, "photographs": options.photographs or dataset / "images"}
    found = {
        name: {readers: speed(batches_of(dataset, way, readers=readers, **make), steps) for readers in (1, cores)}
        for name, way in WAYS.items()
    }
    rows = [(name, f"{f[1][1]:.1f}", f"{f[1][0]:.0f}", f"{f[cores][0]:.0f}") for name, f in found.items()]
    print(markdown(("pictures", "CPU ms each", "a second, 1 thread", f"a second, {cores} threads"), rows))
    plain = batches_of(dataset, WAYS["plain"], readers=1, **make)
    costs = {name: step_ms(name, replace(plain), max(1, steps // 10)) for name in DETECTORS}
    print("\n" + markdown(("training step", "CPU ms a picture"), [(n, f"{ms:.0f}") for n, ms in costs.items()]))
    write_json(work / "loading.json", {"reading": found, "step_ms": costs, "image_size": options.image_size})


if __name__ == "__main__":
    main()
