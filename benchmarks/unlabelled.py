"""What photographs without labels are worth: a detector of cards that goes on from renders, beside such photographs.

    python benchmarks/reality.py --case cards_yolox     # first: gives the detector and the two folds of photographs
    python benchmarks/unlabelled.py                     # 200 steps, two folds, three ways; about 25 CPU minutes
    python benchmarks/unlabelled.py --quick             # after reality.py --quick; its scores mean nothing

Each photograph is judged by a detector that never saw it, with or without its labels. The first row went on for as
many steps on renders alone. Prints a table and writes unlabelled.json into the work folder.
"""

import argparse
from dataclasses import asdict, replace
from pathlib import Path

from cyclorama.cli.training import train_with_progress
from cyclorama.dataset import read_dataset
from cyclorama.dataset.files import write_json
from cyclorama.detect.evaluate import evaluate
from cyclorama.detect.judging.comparison import compare
from cyclorama.detect.judging.pooling import pooled
from cyclorama.detect.results import Evaluation
from cyclorama.detect.run import Run
from cyclorama.detect.settings import Augmentation, Mixing, TrainSettings
from reality import FOLDS, ROOT, interval, markdown

STEPS, QUICK_STEPS = 200, 2


def ways(settings: TrainSettings, photographs: str) -> dict[str, TrainSettings]:
    """Name -> settings with a folder of photographs; the first is what the others are held against."""
    unlabelled = Mixing(unlabelled=photographs)
    taught = replace(unlabelled, pseudo_share=0.5, pseudo_from=0.0)
    return {
        "renders alone": settings,
        "their light by Fourier": replace(settings, augmentation=Augmentation(style="fourier"), mixing=unlabelled),
        "labelled by the teacher": replace(settings, mixing=taught),
    }


def judged(name: str, fold: int, run: Path, steps: int, base: Path, work: Path) -> Evaluation:
    """Of one fold, by a detector that went on from ``run`` with the photographs of the other."""
    photographs = base / "cards_yolox" / "curve" / "folds" / str(fold)
    folder = work / name.replace(" ", "_").replace(",", "") / str(fold)
    go_on = replace(Run.read(run).settings, weights=str(run / "best.pt"), steps=steps)
    settings = ways(go_on, str(photographs / "images" / "train"))[name]
    print(f"-- {name}, fold {fold + 1} of {FOLDS}")
    train_with_progress(base / "cards_raster" / "renders", folder, settings)
    return evaluate(folder, read_dataset(photographs), folder / "evaluation", split="test")


def main() -> None:
    """Measure all ways."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="minutes; the scores mean nothing")
    parser.add_argument("--work", type=Path, default=ROOT / "benchmarks" / "work", help="where everything goes")
    options = parser.parse_args()
    base = options.work / "quick" if options.quick else options.work
    run, work, steps = base / "cards_yolox" / "run", base / "unlabelled", QUICK_STEPS if options.quick else STEPS
    if not (run / "best.pt").is_file() or not (base / "cards_yolox" / "curve" / "folds").is_dir():
        quick = " --quick" if options.quick else ""
        raise SystemExit(f"{run}: no detector; run first: python benchmarks/reality.py --case cards_yolox{quick}")
    found = {
        name: pooled(
            [judged(name, fold, run, steps, base, work) for fold in range(FOLDS)],
            work / name.replace(" ", "_").replace(",", "") / "all",
            title=f"{name}, {FOLDS} folds",
        )
        for name in ways(TrainSettings(), "")
    }
    more = [m["ap"] for m in compare(found).more]
    rows = []
    for (name, evaluation), difference in zip(found.items(), [None, *more], strict=True):
        plain = asdict(evaluation.scores)
        by = "" if difference is None else f"{difference[0]:+.3f} [{difference[1][0]:+.3f}, {difference[1][1]:+.3f}]"
        rows.append((name, interval(plain, "ap"), interval(plain, "ap50"), by))
    print("\n" + markdown(("", "AP [95 %] on photographs", "AP50 [95 %]", "AP more [95 %]"), rows))
    write_json(base / "unlabelled.json", {"steps": steps, "rows": rows})
    print(f"\nwrote {base / 'unlabelled.json'}")


if __name__ == "__main__":
    main()
