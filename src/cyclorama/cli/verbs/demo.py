"""cyclorama demo: the whole way on built-in models."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cyclorama.cli.outputs import output_folder
from cyclorama.cli.progress import counting

if TYPE_CHECKING:
    from cyclorama.core.arrays import ByteArray
    from cyclorama.detect.settings import TrainSettings

# One further render for so many that are trained on.
UNSEEN = 5
DETECTOR = "faster_rcnn_mobilenet"
# Small, as the renders are, so that a laptop needs minutes; from nothing, a detector learns little at a lower rate.
IMAGE_SIZE, LEARNING_RATE = 192, 0.02


def demo(
    output: Path = typer.Option(Path("demo"), "--output", "-o", help="Folder; a half-done demo is gone on with."),
    images: int = typer.Option(200, "--images", "-n", min=20, help="Renders to train on."),
    epochs: int = typer.Option(10, min=1, help="Passes over the renders."),
    weights: str = typer.Option("auto", help="auto (hub, or none without a network), hub, none, or a file."),
    workers: int = typer.Option(0, min=0, help="Processes; 0 is as many as suit the engine and the cores."),
    device: str = typer.Option("auto", help="auto, cpu or cuda."),
) -> None:
    """Built-in models -> renders -> detector -> report.html, in about ten minutes on two cores.

    Example: `cyclorama demo`
    """
    from cyclorama.cli.tables import score_table
    from cyclorama.cli.training import train_with_progress
    from cyclorama.cli.verbs.generate import generate_with_progress
    from cyclorama.dataset import read_dataset
    from cyclorama.detect.evaluate import evaluate
    from cyclorama.scene import load_recipe
    from cyclorama.view.demo_page import demo_page

    output_folder(output)
    recipe = load_recipe("demo")
    generate_with_progress(recipe, output / "renders", count=images, seed=0, workers=workers)
    generate_with_progress(recipe, output / "unseen", count=images // UNSEEN, seed=1, workers=workers)
    settings = _settings(output / "run", weights, epochs, device)
    train_with_progress(output / "renders", output / "run", settings)
    with counting("detecting") as progress:
        evaluation = evaluate(
            output / "run", read_dataset(output / "unseen"), output / "evaluation", device=device, progress=progress
        )
    score_table(evaluation)
    demo_page(
        output / "report.html",
        models=_model_pictures([target.model for target in recipe.targets]),
        dataset=read_dataset(output / "renders"),
        curves=output / "run" / "curves.png",
        evaluation=evaluation,
    )
    print(f"look at {output / 'report.html'}")


def _settings(run: Path, weights: str, epochs: int, device: str) -> "TrainSettings":
    """Settings of the run; with "auto" those weights that a half-done run began with."""
    from cyclorama.detect.run import SETTINGS, Run
    from cyclorama.detect.settings import TrainSettings
    from cyclorama.detect.weights import HUB, NONE, is_hub_reachable

    if weights == "auto" and (run / SETTINGS).is_file():
        weights = Run.read(run).settings.weights
    if weights == "auto":
        weights = HUB if is_hub_reachable(DETECTOR) else NONE
        if weights == NONE:
            print("no way to torch.hub: training from nothing, which finds far less than pretrained weights would")
    return TrainSettings(
        detector=DETECTOR,
        weights=weights,
        epochs=epochs,
        image_size=IMAGE_SIZE,
        learning_rate=LEARNING_RATE,
        device=device,
    )


def _model_pictures(names: list[str]) -> "dict[str, ByteArray]":
    from cyclorama.assets.library import FileLibrary
    from cyclorama.assets.resources import model_resource
    from cyclorama.render.views import four_views

    resources = [model_resource(name) for name in names]
    library = FileLibrary(resources)
    return {library.model(r.id).name: four_views(library.model(r.id)) for r in resources}
