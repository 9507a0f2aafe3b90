"""Training as a user sees it."""

import json
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclorama.cli.progress import counting

if TYPE_CHECKING:
    from cyclorama.detect.settings import TrainSettings
    from cyclorama.detect.tracker import Tracker
    from cyclorama.detect.training.loop import TrainEvent
    from cyclorama.generate.stream import RenderStream

# Pictures of an epoch's validation that a tracker is given, and the least score of boxes on them.
TRACKED_PICTURES, TRACKED_SCORE = 8, 0.5
# Renders that choose the best checkpoint of a training on a recipe: of another seed than those that are trained on.
UNSEEN, UNSEEN_IMAGES, UNSEEN_SEED = "unseen", 100, 1_000_000
# By which the last epoch's AP must be above all before for a run to count as one that was still learning.
STILL_RISING = 0.01


def train_online(
    recipe: str, output: Path, settings: "TrainSettings", *, track: str | None = None, workers: int = 0
) -> None:
    """Train on renders of a recipe that are made meanwhile, each seen once; others of it choose the checkpoint."""
    from cyclorama.cli.verbs.generate import generate_with_progress
    from cyclorama.detect.training.claim import has_begun
    from cyclorama.detect.training.train import check_online
    from cyclorama.generate.cores import usable_cores
    from cyclorama.generate.stream import RenderStream
    from cyclorama.scene import load_recipe

    loaded = load_recipe(recipe)
    check_online(settings)
    has_begun(output, settings.resolved())
    workers = workers or max(1, usable_cores() // 2)
    print(f"{UNSEEN_IMAGES} renders that are not trained on")
    generate_with_progress(loaded, output / UNSEEN, count=UNSEEN_IMAGES, seed=UNSEEN_SEED, workers=workers)
    with closing(RenderStream(loaded, seed=settings.seed, workers=workers)) as renders:
        train_with_progress(output / UNSEEN, output, settings, track=track, renders=renders)


def train_with_progress(
    dataset: Path,
    output: Path,
    settings: "TrainSettings",
    *,
    track: str | None = None,
    renders: "RenderStream | None" = None,
) -> None:
    """Train, show how it goes and draw the curves; of several processes only the first tells anything."""
    from cyclorama.detect.tracker import tracking
    from cyclorama.detect.training.team import team
    from cyclorama.detect.training.train import train as train_detector
    from cyclorama.view.plots import training_curves

    crew = team(settings.device)
    with ExitStack() as stack:
        with crew.failing_together():
            tracked = stack.enter_context(tracking(track if crew.is_lead else None, output, asdict(settings)))
        if not crew.is_lead:
            train_detector(dataset, output, settings, renders=renders)
            return
        show = stack.enter_context(counting("training"))

        def on_event(event: "TrainEvent") -> None:
            show(event.step, event.steps)
            if event.metrics:
                print(_epoch_line(event.metrics, settings), flush=True)
            if tracked is not None:
                _log(tracked(), event)

        train_detector(dataset, output, settings, renders=renders, on_event=on_event, on_notice=print)
    training_curves(output / "metrics.jsonl", output / "curves.png")
    print(f"{output}: best.pt, last.pt, metrics.jsonl, curves.png")
    if is_still_rising(output / "metrics.jsonl"):
        print("AP was still rising when the epochs were over: more --epochs, in another folder, will likely give more")


def is_still_rising(metrics: Path) -> bool:
    """Whether the last epoch of metrics.jsonl is clearly the best by the figure that chooses the checkpoint."""
    from cyclorama.detect.training.validation import decisive

    lines = map(json.loads, metrics.read_text("utf-8").splitlines()) if metrics.is_file() else ()
    *before, last = [0.0, *(decisive(line) for line in lines if "ap" in line)]
    return len(before) > 1 and last > max(before) + STILL_RISING


def _log(tracker: "Tracker", event: "TrainEvent") -> None:
    """Every step's loss, and after an epoch its figures and some pictures of what is found."""
    from cyclorama.view.evaluation_page import draw_verdict, judge

    tracker.log(event.step, {"step loss": event.loss})
    if event.metrics is None:
        return
    figures = {key: float(value) for key, value in event.metrics.items() if key != "step"}
    tracker.log(event.step, figures)
    shown = event.results[:: max(1, len(event.results) // TRACKED_PICTURES)][:TRACKED_PICTURES]
    drawn = {
        r.id: draw_verdict(judge(r, TRACKED_SCORE), r, event.categories, TRACKED_SCORE, event.skeletons) for r in shown
    }
    tracker.show(event.step, drawn)


def _epoch_line(metrics: Mapping[str, Any], settings: "TrainSettings") -> str:
    of_all = "" if settings.steps else f"/{settings.epochs}"
    begun = f"epoch {metrics['epoch']}{of_all}: loss {metrics['loss']:.3f}"
    if "ap" not in metrics:
        return f"{begun}; too few images, or scenes, to hold some out and measure"
    points = f", AP of keypoints {metrics['ap_keypoints']:.3f}" if "ap_keypoints" in metrics else ""
    return f"{begun}, AP {metrics['ap']:.3f}, AP50 {metrics['ap50']:.3f}{points} on {metrics['images']} images held out"
