"""cyclorama ablate: what each influence of a recipe is worth."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cyclorama.cli.outputs import output_folder
from cyclorama.cli.progress import counting

if TYPE_CHECKING:
    from cyclorama.core.sample import Dataset
    from cyclorama.detect.results import Evaluation
    from cyclorama.detect.settings import TrainSettings
    from cyclorama.scene import Recipe

WHOLE = "whole"
TABLE, CHART = "ablation.json", "ablation.png"
# The seed of those renders that stand in for photographs: no variant is trained on them.
UNSEEN_SEED = 1_000_000


@dataclass(frozen=True)
class Plan:
    """What is done with each variant of a recipe.

    Attributes:
        photographs: What all are measured on.
        count: Renders of each.
        seeds: So often each is rendered and trained by other chance.
    """

    output: Path
    photographs: "Dataset"
    count: int
    seeds: int
    workers: int
    settings: "TrainSettings"


def ablate(
    recipe: str = typer.Argument(help="Recipe file, or the name of a preset."),
    without: list[str] = typer.Option(..., help="Influence to switch off, e.g. light.color, or a recipe's key."),
    photographs: Path | None = typer.Option(
        None, "--photographs", "-p", help="Labelled photographs; left out, unseen renders of the whole recipe."
    ),
    output: Path = typer.Option(..., "--output", "-o", help="Folder; a half-done ablation is gone on with."),
    count: int = typer.Option(400, "--count", "-n", min=20, help="Renders of each variant."),
    seeds: int = typer.Option(1, min=1, help="Renders and trains each variant so often, by other chance."),
    detector: str = typer.Option("faster_rcnn_mobilenet", help="'cyclorama detectors' lists them."),
    weights: str = typer.Option("hub", help="hub (downloads pretrained weights), none, or a file."),
    epochs: int = typer.Option(10, min=1, help="Passes over the renders."),
    image_size: int | None = typer.Option(None, min=32, help="Shorter side in pixels; left out, the detector's own."),
    workers: int = typer.Option(0, min=0, help="Processes; 0 is as many as suit the engine and the cores."),
    device: str = typer.Option("auto", help="auto, cpu or cuda."),
    changes: list[str] = typer.Option([], "--set", help="path=value, for all variants."),
) -> None:
    """Render, train and measure a recipe whole and without each of some influences; a table and a chart.

    Example: `cyclorama ablate cup.yaml --without light.color --without sensor.blur -p photos/ -o ablation`
    """
    from cyclorama.detect.settings import TrainSettings
    from cyclorama.scene import load_recipe
    from cyclorama.scene.influences import without as changes_without

    whole = load_recipe(recipe, changes)
    variants = {WHOLE: whole}
    for name in dict.fromkeys(without):
        variants[name] = load_recipe(recipe, [*changes, *changes_without(whole, name)])
    output_folder(output)
    measured_on = _photographs(photographs, whole, output, workers)
    settings = TrainSettings(detector, weights=weights, epochs=epochs, image_size=image_size, device=device)
    plan = Plan(output, measured_on, count, seeds, workers, settings)
    found = {
        name: [_measured(name, variant, seed, plan) for seed in range(seeds)] for name, variant in variants.items()
    }
    _report(found, plan)


def _photographs(folder: Path | None, whole: "Recipe", output: Path, workers: int) -> "Dataset":
    from cyclorama.cli.verbs.generate import generate_with_progress
    from cyclorama.dataset import read_dataset
    from cyclorama.detect.evaluate import class_numbers
    from cyclorama.detect.training.train import RELABEL

    if folder:
        photographs = read_dataset(folder)
        class_numbers(photographs, whole.categories, {}, remedy=RELABEL)
        return photographs
    generate_with_progress(whole, output / "unseen", count=100, seed=UNSEEN_SEED, workers=workers)
    return read_dataset(output / "unseen")


def _measured(name: str, variant: "Recipe", seed: int, plan: Plan) -> "Evaluation":
    """Of one detector, trained on renders of one variant; what was rendered and trained before is not again."""
    from dataclasses import replace

    from cyclorama.cli.training import train_with_progress
    from cyclorama.cli.verbs.generate import generate_with_progress
    from cyclorama.detect.evaluate import evaluate

    folder = plan.output / name / str(seed)
    print(f"-- {name}, seed {seed}")
    generate_with_progress(variant, folder / "renders", count=plan.count, seed=seed, workers=plan.workers)
    train_with_progress(folder / "renders", folder / "run", replace(plan.settings, seed=seed))
    with counting("detecting") as progress:
        return evaluate(
            folder / "run", plan.photographs, folder / "evaluation", device=plan.settings.device, progress=progress
        )


def _report(found: "dict[str, list[Evaluation]]", plan: Plan) -> None:
    from cyclorama.cli.tables import ablation_table
    from cyclorama.dataset.files import write_bytes, write_json
    from cyclorama.view.plots import influence_bars

    rows = [_row(name, evaluations, found[WHOLE]) for name, evaluations in found.items()]
    kind = found[WHOLE][0].scores.kind
    settings = {**asdict(plan.settings), "images": plan.count, "seeds": plan.seeds}
    write_json(plan.output / TABLE, {"kind": kind, "settings": settings, "rows": rows})
    ablation_table(rows, kind=kind, images=found[WHOLE][0].scores.images, seeds=plan.seeds)
    others = rows[1:]
    chart = influence_bars(
        [r["without"] for r in others], [r["difference"] for r in others], [tuple(r["interval"]) for r in others]
    )
    write_bytes(plan.output / CHART, chart)
    print(f"wrote {plan.output / TABLE}; look at {plan.output / CHART}")


def _row(name: str, evaluations: "list[Evaluation]", whole: "list[Evaluation]") -> dict[str, Any]:
    from cyclorama.detect.judging.scores import ap_difference

    scores = [e.scores for e in evaluations]
    row = {"without": name, "ap": [s.ap for s in scores], "ap50": [s.ap50 for s in scores]}
    if name == WHOLE:
        return row
    classes = len(whole[0].categories)
    difference, interval = ap_difference([e.results for e in evaluations], [e.results for e in whole], classes)
    return {**row, "difference": difference, "interval": interval}
