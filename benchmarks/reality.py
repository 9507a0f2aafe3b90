"""From 3D models to a score on photographs: playing cards and LM-O, every step timed in CPU seconds.

    python benchmarks/reality.py                  # all cases; three hours on 2 slow cores
    python benchmarks/reality.py --case cards     # one of them
    python benchmarks/reality.py --quick          # minutes: checks that the way is whole, its scores mean nothing

Prints tables and writes reality.json into the work folder. Interrupted, the same command goes on. The photographs
serve for measuring only: nothing is chosen by them, and each detector is trained once, with seed 0.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from cyclorama.cli.progress import counting
from cyclorama.cli.training import train_with_progress
from cyclorama.cli.verbs.generate import generate_with_progress
from cyclorama.core.sample import Dataset
from cyclorama.dataset import read_dataset
from cyclorama.dataset.files import write_json
from cyclorama.dataset.formats.coco import Coco
from cyclorama.detect.evaluate import evaluate
from cyclorama.detect.judging.scores import scores
from cyclorama.detect.results import Evaluation
from cyclorama.detect.settings import TrainSettings
from cyclorama.generate.cores import suitable_workers
from cyclorama.scene import load_recipe
from cyclorama.view.evaluation_page import evaluation_page

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
FOLDS = 3
# Photographs next to each other by name are often of one scene, so they go to folds in blocks.
BLOCK = 10
DETECTOR = "faster_rcnn_mobilenet"
WEIGHTS = "weights/mobilenet_v2_imagenet_torchvision.safetensors"
FIGURES = ("ap", "ap50")


@dataclass(frozen=True)
class Case:
    """One kind of object.

    Attributes:
        recipe: Path in examples/.
        photographs: Path in the data folder.
        changes: Overrides of the recipe.
        images: Renders.
        unseen: Further renders, on which the detector is measured too.
        image_size: Shorter side in pixels for the detector.
        epochs: Over the renders, in steps of four images.
        real_epochs: Over the photographs that a fold trains on; 0 leaves photographs-only out.
    """

    recipe: str
    photographs: str
    changes: tuple[str, ...]
    images: int
    unseen: int
    image_size: int
    epochs: int
    real_epochs: int

    def quick(self) -> "Case":
        """As short as it goes."""
        return replace(
            self,
            images=20,
            unseen=4,
            image_size=96,
            epochs=1,
            real_epochs=min(1, self.real_epochs),
        )


CARDS, CARD_PHOTOS = "playing_cards/cards_shared.yaml", "real/playing_cards/photos"
LMO_SIZE = ("image.width=512", "image.height=384")
CYCLES = ("render.engine=cycles", "render.quality=draft")
RASTER = ("render.engine=raster", "render.quality=good")
# An engine's own case has as many renders as the other's time gives, and as many training steps.
CASES = {
    "cards": Case(CARDS, CARD_PHOTOS, CYCLES, 600, 60, 320, 6, 7),
    "lmo": Case("lmo/lmo.yaml", "real/lmo", (*LMO_SIZE, *CYCLES), 400, 40, 384, 5, 0),
    "cards_raster": Case(CARDS, CARD_PHOTOS, RASTER, 3600, 60, 320, 1, 0),
    "lmo_raster": Case("lmo/lmo.yaml", "real/lmo", (*LMO_SIZE, *RASTER), 1000, 40, 384, 2, 0),
}


class Ledger:
    """Steps that are done, and the CPU seconds of each, summed over interruptions."""

    def __init__(self, path: Path) -> None:
        self._path = path
        plain = json.loads(path.read_text()) if path.is_file() else {}
        self.cpu_s: dict[str, float] = plain.get("cpu_s", {})
        self._done: list[str] = plain.get("done", [])

    def step(self, name: str, work: Callable[[], object]) -> None:
        """Do the step and add up its time, unless it is done."""
        if name in self._done:
            return
        print(f"-- {name}")
        begun = cpu_s()
        try:
            work()
            self._done.append(name)
        finally:
            self.cpu_s[name] = round(self.cpu_s.get(name, 0.0) + cpu_s() - begun, 1)
            write_json(self._path, {"cpu_s": self.cpu_s, "done": self._done})


def cpu_s() -> float:
    """CPU seconds of this process and of its children that have ended."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def measure(case: Case, data: Path, work: Path) -> dict[str, Any]:
    """Render, train and evaluate one case; figures as plain data."""
    ledger = Ledger(work / "steps.json")
    photographs = read_dataset(data / case.photographs)
    if case.recipe == CARDS:
        ledger.step("draw the models", lambda: make_cards(data))
    ledger.step("render", lambda: render(case, work / "renders", case.images, seed=0))
    ledger.step("render unseen", lambda: render(case, work / "unseen", case.unseen, seed=1))
    ledger.step("train", lambda: train(work / "renders", work / "run", case, case.epochs, data))
    ledger.step("detect on photographs", lambda: judge(work / "run", photographs, work / "photographs"))
    ledger.step(
        "detect on unseen renders", lambda: judge(work / "run", read_dataset(work / "unseen"), work / "unseen_scores")
    )
    folders = {"photographs": work / "photographs", "unseen renders": work / "unseen_scores"}
    if case.real_epochs:
        ledger.step("train and detect, photographs only", lambda: cross_validate(case, photographs, work, data))
        folders["photographs, trained on photographs"] = work / "real_only"
    return {
        "case": asdict(case),
        "cpu_s": ledger.cpu_s,
        "scores": {what: json.loads((folder / "scores.json").read_text()) for what, folder in folders.items()},
    }


def make_cards(data: Path) -> None:
    """The cards' models, drawn from the two decks, unless they are there."""
    folder = ROOT / "examples" / "playing_cards"
    if not (folder / "models" / "decks.yaml").is_file():
        decks = sorted(p for p in (data / "real/playing_cards/models").iterdir() if p.is_dir())
        subprocess.run([sys.executable, folder / "make_models.py", *decks], check=True)


def render(case: Case, folder: Path, count: int, *, seed: int) -> None:
    """Renders of a case."""
    recipe = load_recipe(str(ROOT / "examples" / case.recipe), list(case.changes))
    if generate_with_progress(recipe, folder, count=count, seed=seed, workers=suitable_workers(recipe.render.engine)):
        raise SystemExit(f"{folder}: some images could not be rendered; the same command tries them again")


def train(dataset: Path, run: Path, case: Case, epochs: int, data: Path) -> None:
    """The same detector from the same weights, whatever it is trained on."""
    settings = TrainSettings(detector=DETECTOR, weights=str(data / WEIGHTS), epochs=epochs, image_size=case.image_size)
    train_with_progress(dataset, run, settings)


def judge(run: Path, dataset: Dataset, out: Path, *, split: str | None = None) -> Evaluation:
    """Scores, detections and a page."""
    with counting("detecting") as progress:
        evaluation = evaluate(run, dataset, out, split=split, progress=progress)
    evaluation_page(evaluation, out / "index.html")
    return evaluation


def cross_validate(case: Case, photographs: Dataset, work: Path, data: Path) -> None:
    """Each photograph judged by a detector trained on the other folds; all detections are scored together."""
    parts = [judge_fold(fold, case, photographs, work, data) for fold in range(FOLDS)]
    results = tuple(result for part in parts for result in part.results)
    pooled = scores(results, parts[0].categories, kind="real", unscored=())
    evaluation = replace(parts[0], title=f"{FOLDS} folds of photographs", scores=pooled, results=results)
    write_json(work / "real_only" / "scores.json", asdict(pooled))
    evaluation_page(evaluation, work / "real_only" / "index.html")


def judge_fold(fold: int, case: Case, photographs: Dataset, work: Path, data: Path) -> Evaluation:
    """Train on the photographs outside the fold, measure on those in it."""
    folder = work / "folds" / str(fold)
    if not (folder / "photographs").is_dir():
        unfinished = folder / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        positions = range(len(photographs.samples))
        inside = tuple(i for i in positions if i // BLOCK % FOLDS == fold)
        outside = tuple(i for i in positions if i // BLOCK % FOLDS != fold)
        with counting(f"fold {fold}") as progress:
            divided = replace(photographs, splits={"train": outside, "test": inside})
            Coco.write(divided, unfinished, progress=progress)
        unfinished.rename(folder / "photographs")
    train(folder / "photographs", folder / "run", case, case.real_epochs, data)
    return judge(folder / "run", read_dataset(folder / "photographs"), folder / "scores", split="test")


def tables(measured: dict[str, dict[str, Any]]) -> str:
    """Markdown: the scores, then the time of each step."""
    score_rows = [
        (name, what, found["images"], found["boxes"], *(interval(found, key) for key in FIGURES))
        for name, case in measured.items()
        for what, found in case["scores"].items()
    ]
    time_rows = [
        (name, step, f"{seconds:.0f}") for name, case in measured.items() for step, seconds in case["cpu_s"].items()
    ]
    return "\n\n".join(
        (
            markdown(("case", "measured on", "images", "objects", "AP [95 %]", "AP50 [95 %]"), score_rows),
            markdown(("case", "step", "CPU seconds"), time_rows),
        )
    )


def interval(found: dict[str, Any], key: str) -> str:
    """A figure with its interval."""
    low, high = found["intervals"][key]
    return f"{found[key]:.3f} [{low:.3f}, {high:.3f}]"


def markdown(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def main() -> None:
    """Measure the cases that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", choices=sorted(CASES), help="only this one")
    parser.add_argument("--quick", action="store_true", help="minutes; the scores mean nothing")
    parser.add_argument("--data", type=Path, default=DATA, help="folder with real/, models/ and weights/")
    parser.add_argument("--work", type=Path, default=ROOT / "benchmarks" / "work", help="where everything goes")
    options = parser.parse_args()
    if not options.data.is_dir():
        raise SystemExit(f"{options.data}: no such folder; --data must name the one with real/ and weights/")
    work = options.work / "quick" if options.quick else options.work
    names = [options.case] if options.case else list(CASES)
    measured = {}
    for name in names:
        case = CASES[name].quick() if options.quick else CASES[name]
        measured[name] = measure(case, options.data, work / name)
    print(f"\n{tables(measured)}")
    machine = {"cores": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()}
    write_json(work / "reality.json", {"detector": DETECTOR, "weights": WEIGHTS, "machine": machine, "cases": measured})
    print(f"\nwrote {work / 'reality.json'}")


if __name__ == "__main__":
    main()
