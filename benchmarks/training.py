"""What each part of training is worth: the same renders, weights and steps, with one thing changed at a time.

    python benchmarks/reality.py --case cards_raster    # first: gives the renders
    python benchmarks/training.py                       # 300 steps each, about 50 CPU minutes; goes on where it stopped
    python benchmarks/training.py --quick               # after reality.py --quick; its scores mean nothing

Measured on all photographs of the cards, paired with the whole; and on unseen renders. Photographs that are put behind
the objects are LM-O's, on which no card is. Prints a table and writes training.json into the work folder.
"""

import argparse
from dataclasses import asdict, replace
from pathlib import Path

from cyclorama.dataset import read_dataset
from cyclorama.dataset.files import write_json
from cyclorama.detect.settings import Augmentation, TrainSettings
from reality import CARD_PHOTOS, DATA, ROOT, WEIGHTS
from variants import Variant, measure

BACKGROUNDS = "real/lmo/test/000002/rgb"
STEPS, QUICK_STEPS = 300, 4
DETECTOR = "yolox_nano"


def settings(data: Path, steps: int) -> dict[str, TrainSettings]:
    """Name -> settings; the first is what the others are held against."""
    whole = TrainSettings(detector=DETECTOR, weights=str(data / WEIGHTS[DETECTOR]), steps=steps, image_size=320)
    return {
        "whole": whole,
        "whole, seed 1": replace(whole, seed=1),
        "whole, seed 2": replace(whole, seed=2),
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


def main() -> None:
    """Measure all variants."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="minutes; the scores mean nothing")
    parser.add_argument("--data", type=Path, default=DATA, help="folder with real/ and weights/")
    parser.add_argument("--work", type=Path, default=ROOT / "benchmarks" / "work", help="where everything goes")
    options = parser.parse_args()
    base = options.work / "quick" if options.quick else options.work
    cards = base / "cards_raster"
    if not (cards / "unseen").is_dir():
        quick = " --quick" if options.quick else ""
        raise SystemExit(f"{cards}: no renders; run first: python benchmarks/reality.py --case cards_raster{quick}")
    steps = QUICK_STEPS if options.quick else STEPS
    variants = {
        name: Variant(cards / "renders", cards / "unseen", own) for name, own in settings(options.data, steps).items()
    }
    measured = measure(variants, read_dataset(options.data / CARD_PHOTOS), base / "training")
    print("\n" + measured.table())
    write_json(base / "training.json", {"steps": steps, "detector": DETECTOR, **asdict(measured)})
    print(f"\nwrote {base / 'training.json'}")


if __name__ == "__main__":
    main()
