"""cyclorama curve: what photographs with labels are worth beside renders."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cyclorama.cli.outputs import output_folder
from cyclorama.cli.progress import counting

if TYPE_CHECKING:
    from cyclorama.core.sample import Dataset
    from cyclorama.detect.results import Evaluation
    from cyclorama.detect.settings import TrainSettings

ALL, ALONE = "all", "alone"
TABLE, CHART = "curve.json", "curve.png"


@dataclass(frozen=True)
class Plan:
    """What each point of the curve shares.

    Attributes:
        renders: Dataset.
        photographs: All of them; each is judged by a detector that was not trained on it.
        folds: Parts that they are divided into, which are judged in turn.
        real_share: Share of photographs among the pictures that are trained on.
        steps: Of the training with photographs.
        alone_steps: Of the training on photographs alone, which begins with the weights that renders began with.
        settings: Of the training on renders.
    """

    renders: Path
    photographs: "Dataset"
    output: Path
    folds: int
    real_share: float
    steps: int
    alone_steps: int
    settings: "TrainSettings"


def curve(
    renders: Path = typer.Argument(help="Dataset of renders."),
    photographs: Path = typer.Argument(help="Labelled photographs, in any layout that we read."),
    output: Path = typer.Option(..., "--output", "-o", help="Folder; a half-done curve is gone on with."),
    counts: str = typer.Option("0,10,50,100,all", help="How many photographs are trained on, besides renders."),
    alone: bool = typer.Option(False, help="Also trains on photographs alone, as many as there are."),
    run: Path | None = typer.Option(None, help="A run on these renders to go on from; left out, one is trained."),
    folds: int = typer.Option(3, min=2, help="Parts; each is judged by a detector trained on the others."),
    real_share: float = typer.Option(0.5, min=0.01, max=0.99, help="Share of photographs in that training."),
    steps: int = typer.Option(400, min=1, help="Of the training with photographs, after that on renders."),
    alone_steps: int = typer.Option(600, min=1, help="Of the training on photographs alone."),
    detector: str = typer.Option("faster_rcnn_mobilenet", help="'cyclorama detectors' lists them."),
    weights: str = typer.Option("hub", help="hub (downloads pretrained weights), none, or a file."),
    epochs: int = typer.Option(10, min=1, help="Passes over the renders."),
    image_size: int | None = typer.Option(None, min=32, help="Shorter side in pixels."),
    device: str = typer.Option("auto", help="auto, cpu or cuda."),
    seed: int = typer.Option(0, min=0),
) -> None:
    """Train on renders, then with more and more photographs; each photograph is judged by a detector that never saw it.

    Example: `cyclorama curve data/cup photos/ -o curve --counts 0,10,all`
    """
    from cyclorama.dataset import read_dataset
    from cyclorama.detect.run import Run
    from cyclorama.detect.settings import TrainSettings

    output_folder(output)
    settings = TrainSettings(
        detector=detector, weights=weights, epochs=epochs, image_size=image_size, device=device, seed=seed
    )
    if run is not None:
        settings = replace(Run.read(run).settings, device=device)
    plan = Plan(renders, read_dataset(photographs), output, folds, real_share, steps, alone_steps, settings)
    draw_curve(plan, counts, run=run, alone=alone)
    print(f"wrote {output / TABLE} and {output / CHART}")


def draw_curve(plan: Plan, counts: str, *, run: Path | None, alone: bool) -> "dict[str, Evaluation]":
    """Train and measure each point of the curve, and write its table and chart.

    Args:
        plan: What the points share.
        counts: Numbers of photographs, or "all", with commas between.
        run: On the renders; left out, one is trained.
        alone: Whether to train on photographs alone, too.

    Returns:
        Count as it was named, or "alone" -> evaluation on all photographs.

    Raises:
        InputError: A count that can't be trained on, or whatever training and evaluating refuse.
    """
    from cyclorama.core.errors import InputError
    from cyclorama.dataset import read_dataset
    from cyclorama.detect.evaluate import class_numbers
    from cyclorama.detect.training.train import RELABEL

    if plan.photographs.provenance.get("kind") == "synthetic":
        raise InputError(f"{plan.photographs.root}: is of renders; name the renders first, then the photographs")
    wanted = _counts(counts, plan)
    if not wanted and not alone:
        raise InputError("--counts: expected numbers of photographs or all, with commas between, or --alone beside it")
    class_numbers(plan.photographs, read_dataset(plan.renders).categories, {}, remedy=RELABEL)
    if run is not None:
        _check_unseen(run, plan.photographs)
    base = run or _trained_on_renders(plan)
    found = {name: _point(name, count, base, plan) for name, count in wanted.items()}
    if alone:
        found[ALONE] = _pooled(ALONE, [_trained(fold, ALONE, base, 0, plan) for fold in range(plan.folds)], plan)
    _report(found, wanted, plan)
    return found


def _counts(text: str, plan: Plan) -> dict[str, int]:
    """Label -> number of photographs; 0 is none."""
    from cyclorama.core.errors import InputError

    total = len(plan.photographs.samples)
    most = total - -(-total // plan.folds)
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if total < 2 * plan.folds:
        raise InputError(f"{plan.photographs.root}: has {total} photographs; expected at least {2 * plan.folds}")
    for part in parts:
        if part != ALL and not (part.isdecimal() and int(part) <= most):
            raise InputError(
                f"--counts {text}: expected numbers from 0 to {most} (of {total} photographs, a fold is not trained "
                f"on) or all, with commas between; got '{part}'"
            )
    return {part: most if part == ALL else int(part) for part in parts}


def _check_unseen(run: Path, photographs: "Dataset") -> None:
    from cyclorama.core.errors import InputError
    from cyclorama.detect.seen import seen_by

    seen = seen_by(run, [sample.image for sample in photographs.samples])
    if seen is None:
        print(f"{run}: is of an earlier version; it isn't known whether it was trained on these photographs")
    elif count := seen.trained_on + seen.chosen_by:
        how = "trained on" if seen.trained_on else "chosen by"
        raise InputError(
            f"--run {run}: was {how} {count} of the {len(photographs.samples)} photographs in {photographs.root}, "
            "which are to be judged by detectors that never saw them; name a run on renders alone"
        )


def _trained_on_renders(plan: Plan) -> Path:
    from cyclorama.cli.training import train_with_progress

    folder = plan.output / "renders"
    print("-- renders alone")
    train_with_progress(plan.renders, folder, plan.settings)
    return folder


def _point(name: str, count: int, base: Path, plan: Plan) -> "Evaluation":
    """Of all photographs, at one number of photographs that are trained on."""
    runs = [base if count == 0 else _trained(fold, name, base, count, plan) for fold in range(plan.folds)]
    return _pooled(name, runs, plan)


def _trained(fold: int, name: str, base: Path, count: int, plan: Plan) -> Path:
    """Run that was trained on photographs of the other folds."""
    from cyclorama.cli.training import train_with_progress
    from cyclorama.detect.settings import Mixing

    photographs = _fold(fold, plan)
    folder = plan.output / "runs" / name / str(fold)
    print(f"-- {name} photographs, fold {fold + 1} of {plan.folds}")
    if count:
        mixing = Mixing(real=str(photographs), real_share=plan.real_share, real_count=count)
        settings = replace(plan.settings, weights=str(base / "best.pt"), steps=plan.steps, mixing=mixing)
        train_with_progress(plan.renders, folder, settings)
    else:
        train_with_progress(photographs, folder, replace(plan.settings, steps=plan.alone_steps))
    return folder


def _judged(fold: int, run: Path, name: str, plan: Plan) -> "Evaluation":
    """Of one fold, by a detector that was not trained on it."""
    from cyclorama.dataset import read_dataset
    from cyclorama.detect.evaluate import evaluate

    out = plan.output / "runs" / name / str(fold) / "evaluation"
    with counting("detecting") as progress:
        photographs = read_dataset(_fold(fold, plan))
        return evaluate(run, photographs, out, split="test", device=plan.settings.device, progress=progress)


def _fold(fold: int, plan: Plan) -> Path:
    """The photographs, divided: neighbours by name, which are often of one scene, mostly stay together."""
    from cyclorama.dataset.folds import write_fold

    folder = plan.output / "folds" / str(fold)
    with counting(f"fold {fold + 1}") as progress:
        write_fold(plan.photographs, folder, fold, plan.folds, progress=progress)
    return folder


def _pooled(name: str, runs: list[Path], plan: Plan) -> "Evaluation":
    """One evaluation of the photographs of all folds, each by its own run."""
    from cyclorama.detect.judging.pooling import pooled

    parts = [_judged(fold, run, name, plan) for fold, run in enumerate(runs)]
    return pooled(parts, plan.output / "evaluations" / name, title=f"{name} photographs, {plan.folds} folds")


def _report(found: "dict[str, Evaluation]", wanted: dict[str, int], plan: Plan) -> None:
    from cyclorama.cli.tables import curve_table
    from cyclorama.dataset.files import write_bytes, write_json
    from cyclorama.view.plots import photograph_curve

    rows = [
        {
            "photographs": name,
            "count": wanted.get(name),
            **{key: getattr(e.scores, key) for key in ("images", "ap", "ap50", "intervals")},
        }
        for name, e in found.items()
    ]
    settings = {
        **asdict(plan.settings),
        "folds": plan.folds,
        "steps": plan.steps,
        "alone_steps": plan.alone_steps,
        "real_share": plan.real_share,
    }
    write_json(plan.output / TABLE, {"settings": settings, "rows": rows})
    curve_table(rows)
    write_bytes(plan.output / CHART, photograph_curve(rows))
