"""What each part of training is worth: the same renders, weights and steps, with one thing changed at a time.

    python benchmarks/reality.py --case cards_raster    # first: gives the renders
    python benchmarks/training.py                       # 300 steps each, about 40 CPU minutes; goes on where it stopped
    python benchmarks/training.py --quick               # after reality.py --quick; its scores mean nothing

Measured on all photographs of the cards, paired with the whole; and on unseen renders. Photographs that are put behind
the objects are LM-O's, on which no card is. Prints a table and writes training.json into the work folder.
"""

import argparse
import json
import resource
from dataclasses import replace
from pathlib import Path
from typing import Any

from cyclorama.cli.training import train_with_progress
from cyclorama.dataset import read_dataset
from cyclorama.dataset.files import write_json
from cyclorama.detect.judging.comparison import compare
from cyclorama.detect.judging.folder import read_evaluation
from cyclorama.detect.settings import Augmentation, TrainSettings
from reality import CARD_PHOTOS, DATA, ROOT, WEIGHTS, interval, judge, markdown

BACKGROUNDS = "real/lmo/test/000002/rgb"
STEPS, QUICK_STEPS = 300, 4
DETECTOR = "yolox_nano"


def variants(data: Path, steps: int) -> dict[str, TrainSettings]:
    """Name -> settings; the first is what the others are held against."""
    whole = TrainSettings(detector=DETECTOR, weights=str(data / WEIGHTS[DETECTOR]), steps=steps, image_size=320)
    return {
        "whole": whole,
        "no pretrained weights": replace(whole, weights="none"),
        "no augmentation": replace(whole, augmentation=Augmentation(strength=0, scale=(1.0, 1.0))),
        "colour and sharpness twice as often": replace(whole, augmentation=Augmentation(strength=2)),
        "mosaics, half of them": replace(whole, augmentation=Augmentation(mosaic=0.5)),
        "half before photographs": replace(
            whole, augmentation=Augmentation(paste=0.5, backgrounds=str(data / BACKGROUNDS))
        ),
        "no average of weights": replace(whole, average=0.0),
        "SGD at .01": replace(whole, optimizer="sgd", learning_rate=0.01),
    }


def measured(name: str, settings: TrainSettings, data: Path, work: Path, renders: Path) -> dict[str, Any]:
    """Train and judge one variant, unless that is done."""
    folder = work / name.replace(" ", "_").replace(",", "")
    if not (folder / "cpu.json").is_file():
        print(f"-- {name}")
        begun = resource.getrusage(resource.RUSAGE_SELF).ru_utime
        train_with_progress(renders / "renders", folder / "run", settings)
        cpu_s = resource.getrusage(resource.RUSAGE_SELF).ru_utime - begun
        judge(folder / "run", read_dataset(data / CARD_PHOTOS), folder / "photographs")
        judge(folder / "run", read_dataset(renders / "unseen"), folder / "unseen")
        write_json(folder / "cpu.json", {"train_s": round(cpu_s, 1)})
    scores = {what: json.loads((folder / what / "scores.json").read_text()) for what in ("photographs", "unseen")}
    return {**scores, "folder": str(folder), **json.loads((folder / "cpu.json").read_text())}


def main() -> None:
    """Measure all variants."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="minutes; the scores mean nothing")
    parser.add_argument("--data", type=Path, default=DATA, help="folder with real/ and weights/")
    parser.add_argument("--work", type=Path, default=ROOT / "benchmarks" / "work", help="where everything goes")
    options = parser.parse_args()
    base = options.work / "quick" if options.quick else options.work
    if not (base / "cards_raster" / "unseen").is_dir():
        quick = " --quick" if options.quick else ""
        raise SystemExit(
            f"{base / 'cards_raster'}: no renders; run first: python benchmarks/reality.py --case cards_raster{quick}"
        )
    steps = QUICK_STEPS if options.quick else STEPS
    found = {
        name: measured(name, settings, options.data, base / "training", base / "cards_raster")
        for name, settings in variants(options.data, steps).items()
    }
    comparison = compare({name: read_evaluation(Path(f["folder"]) / "photographs") for name, f in found.items()})
    more = {"whole": None} | dict(zip(comparison.names[1:], (m["ap"] for m in comparison.more), strict=True))
    rows = [
        (
            name,
            interval(f["photographs"], "ap"),
            f"{f['photographs']['ap50']:.3f}",
            f"{more[name][0]:+.3f} [{more[name][1][0]:+.3f}, {more[name][1][1]:+.3f}]" if more[name] else "",
            f"{f['unseen']['ap']:.3f}",
            f"{f['train_s']:.0f}",
        )
        for name, f in found.items()
    ]
    heads = ("", "AP [95 %] on photographs", "AP50", "AP more [95 %]", "AP on unseen renders", "CPU s")
    print("\n" + markdown(heads, rows))
    write_json(base / "training.json", {"steps": steps, "detector": DETECTOR, "variants": found, "more": more})
    print(f"\nwrote {base / 'training.json'}")


if __name__ == "__main__":
    main()
