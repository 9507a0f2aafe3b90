"""From 3D models to a score on photographs: playing cards and LM-O, every step timed in CPU seconds.

    python benchmarks/reality.py                  # all cases; three hours on 2 slow cores
    python benchmarks/reality.py --case cards     # one of them
    python benchmarks/reality.py --quick          # minutes: checks that the way is whole, its scores mean nothing

Prints tables and writes reality.json into the work folder. Interrupted, the same command goes on. The photographs
serve for measuring only, but where the table says that some were trained on: then each is judged by a detector that
never saw it. Nothing is chosen by them, and each detector is trained once, with seed 0.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from cyclorama.cli.progress import counting
from cyclorama.cli.training import train_with_progress
from cyclorama.cli.verbs.curve import Plan, draw_curve
from cyclorama.cli.verbs.generate import generate_with_progress
from cyclorama.core.sample import Dataset
from cyclorama.dataset import read_dataset
from cyclorama.dataset.files import write_json
from cyclorama.detect.evaluate import evaluate
from cyclorama.detect.settings import TrainSettings
from cyclorama.generate.cores import suitable_workers
from cyclorama.scene import load_recipe
from cyclorama.view.evaluation_page import evaluation_page

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
FOLDS, REAL_SHARE = 2, 0.5
WEIGHTS = {
    "faster_rcnn_mobilenet": "weights/mobilenet_v2_imagenet_torchvision.safetensors",
    "yolox_nano": "weights/yolox_nano_coco_libreyolo.safetensors",
}
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
        epochs: Over the renders.
        detector: One of those whose weights are at hand.
        renders: Case whose renders are used; left out, its own.
        counts: Photographs that are trained on after the renders, as ``cyclorama curve`` takes them; left out, none.
        curve_steps: Steps of the training with photographs; three times as many of that on photographs alone.
    """

    recipe: str
    photographs: str
    changes: tuple[str, ...]
    images: int
    unseen: int
    image_size: int
    epochs: int
    detector: str = "faster_rcnn_mobilenet"
    renders: str = ""
    counts: str = ""
    curve_steps: int = 0

    def quick(self) -> "Case":
        """As short as it goes."""
        return replace(
            self,
            images=20,
            unseen=4,
            image_size=96,
            epochs=1,
            curve_steps=min(2, self.curve_steps),
        )


CARDS, CARD_PHOTOS = "playing_cards/cards_shared.yaml", "real/playing_cards/photos"
LMO_SIZE = ("image.width=512", "image.height=384")
CYCLES = ("render.engine=cycles", "render.quality=draft")
RASTER = ("render.engine=raster", "render.quality=good")
# An engine's own case has as many renders as the other's time gives, and as many training steps.
CASES = {
    "cards": Case(CARDS, CARD_PHOTOS, CYCLES, 600, 60, 320, 6, counts="0", curve_steps=315),
    "cards_raster": Case(CARDS, CARD_PHOTOS, RASTER, 3600, 60, 320, 1),
    "cards_yolox": Case(
        CARDS, CARD_PHOTOS, RASTER, 3600, 60, 320, 6, "yolox_nano", "cards_raster", "0,10,50,all", curve_steps=200
    ),
    "lmo": Case("lmo/lmo.yaml", "real/lmo", (*LMO_SIZE, *CYCLES), 400, 40, 384, 5),
    "lmo_raster": Case("lmo/lmo.yaml", "real/lmo", (*LMO_SIZE, *RASTER), 1000, 40, 384, 2),
    "lmo_yolox": Case("lmo/lmo.yaml", "real/lmo", (*LMO_SIZE, *RASTER), 1000, 40, 384, 10, "yolox_nano", "lmo_raster"),
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
    renders = work.parent / (case.renders or work.name)
    if not case.renders:
        make_renders(case, renders, ledger, data)
    elif not (renders / "unseen").is_dir():
        raise SystemExit(f"{renders}: no renders; run first: python benchmarks/reality.py --case {case.renders}")
    ledger.step("train", lambda: train_with_progress(renders / "renders", work / "run", settings_of(case, data)))
    ledger.step("detect on photographs", lambda: judge(work / "run", photographs, work / "photographs"))
    ledger.step(
        "detect on unseen renders",
        lambda: judge(work / "run", read_dataset(renders / "unseen"), work / "unseen_scores"),
    )
    folders = {"photographs": work / "photographs", "unseen renders": work / "unseen_scores"}
    if case.counts:
        own, steps = settings_of(case, data), case.curve_steps
        plan = Plan(renders / "renders", photographs, work / "curve", FOLDS, REAL_SHARE, steps, 3 * steps, own)
        ledger.step("curve", lambda: draw_curve(plan, case.counts, run=work / "run", alone=True))
        names = [*case.counts.split(","), "alone"]
        folders |= {f"photographs, {name} trained on": work / "curve" / "evaluations" / name for name in names}
    return {
        "case": asdict(case),
        "cpu_s": ledger.cpu_s,
        "scores": {what: json.loads((folder / "scores.json").read_text()) for what, folder in folders.items()},
    }


def make_renders(case: Case, folder: Path, ledger: "Ledger", data: Path) -> None:
    """Those that are trained on, and others."""
    if case.recipe == CARDS:
        ledger.step("draw the models", lambda: make_cards(data))
    ledger.step("render", lambda: render(case, folder / "renders", case.images, seed=0))
    ledger.step("render unseen", lambda: render(case, folder / "unseen", case.unseen, seed=1))


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


def settings_of(case: Case, data: Path) -> TrainSettings:
    """Of the training on renders."""
    weights = str(data / WEIGHTS[case.detector])
    return TrainSettings(detector=case.detector, weights=weights, epochs=case.epochs, image_size=case.image_size)


def judge(run: Path, dataset: Dataset, out: Path) -> None:
    """Scores, detections and a page."""
    with counting("detecting") as progress:
        evaluation = evaluate(run, dataset, out, progress=progress)
    evaluation_page(evaluation, out / "index.html")


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
    write_json(work / "reality.json", {"weights": WEIGHTS, "machine": machine, "cases": measured})
    print(f"\nwrote {work / 'reality.json'}")


if __name__ == "__main__":
    main()
