"""cyclorama train: a detector from a dataset."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cyclorama.cli.outputs import output_folder
from cyclorama.cli.progress import counting

if TYPE_CHECKING:
    from cyclorama.detect.train import TrainEvent, TrainSettings


def train(
    dataset: Path = typer.Argument(help="Dataset folder, ours or any layout that we read."),
    output: Path = typer.Option(..., "--output", "-o", help="Folder of the run; a half-done one is gone on with."),
    detector: str = typer.Option("faster_rcnn_mobilenet", help="faster_rcnn_mobilenet or faster_rcnn_resnet50."),
    weights: str = typer.Option("hub", help="hub (downloads pretrained weights), none, or a file."),
    epochs: int = typer.Option(10, min=1, help="Passes over the training images."),
    batch: int = typer.Option(4, min=1, help="Images per step."),
    image_size: int = typer.Option(320, min=32, help="Shorter side in pixels that images are scaled to."),
    learning_rate: float = typer.Option(0.01, min=1e-6, max=1.0, help="At a batch of 4; it grows with the batch."),
    device: str = typer.Option("auto", help="auto, cpu or cuda."),
    seed: int = typer.Option(0, min=0),
) -> None:
    """Fine-tune a detector. Ctrl-C and the same command again goes on where it stopped.

    Example: `cyclorama train data/cup -o runs/cup --epochs 10`
    """
    from cyclorama.detect.train import TrainSettings

    settings = TrainSettings(
        detector=detector,
        weights=weights,
        epochs=epochs,
        batch=batch,
        image_size=image_size,
        learning_rate=learning_rate,
        device=device,
        seed=seed,
    )
    train_with_progress(dataset, output_folder(output), settings)
    print(f"next: cyclorama evaluate {output} PHOTOS")


def train_with_progress(dataset: Path, output: Path, settings: "TrainSettings") -> None:
    """Train, show how it goes and draw the curves."""
    from cyclorama.detect.train import train as train_detector
    from cyclorama.view.plots import training_curves

    with counting("training") as show:

        def on_event(event: "TrainEvent") -> None:
            show(event.step, event.steps)
            if event.metrics:
                print(_epoch_line(event.metrics, settings.epochs), flush=True)

        train_detector(dataset, output, settings, on_event=on_event)
    training_curves(output / "metrics.jsonl", output / "curves.png")
    print(f"{output}: best.pt, last.pt, metrics.jsonl, curves.png")


def _epoch_line(metrics: Mapping[str, Any], epochs: int) -> str:
    begun = f"epoch {metrics['epoch']}/{epochs}: loss {metrics['loss']:.3f}"
    if "ap" not in metrics:
        return f"{begun}; too few images to hold some out and measure"
    return f"{begun}, AP {metrics['ap']:.3f}, AP50 {metrics['ap50']:.3f} on {metrics['images']} images held out"
