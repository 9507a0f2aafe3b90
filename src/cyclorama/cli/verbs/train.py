"""cyclorama train: a detector from a dataset."""

from pathlib import Path

import typer

from cyclorama.cli.outputs import output_folder
from cyclorama.cli.training import train_online, train_with_progress
from cyclorama.core.errors import InputError, nearest

NETWORK, PACE = "Network", "How it learns"
PICTURES, PHOTOGRAPHS = "How renders are varied", "Photographs in training"
MACHINE = "Machine"


def train(
    dataset: Path = typer.Argument(
        help="Dataset folder, ours or any layout that we read; or a recipe, which is rendered meanwhile."
    ),
    output: Path = typer.Option(..., "--output", "-o", help="Folder of the run; a half-done one is gone on with."),
    detector: str = typer.Option(
        "faster_rcnn_mobilenet", help="'cyclorama detectors' lists them.", rich_help_panel=NETWORK
    ),
    accept_agpl: bool = typer.Option(
        False,
        "--accept-agpl",
        help="For Ultralytics' detectors: AGPL-3.0 is what you want.",
        rich_help_panel=NETWORK,
    ),
    weights: str = typer.Option(
        "hub", help="hub (downloads pretrained weights), none, a file, or a run.", rich_help_panel=NETWORK
    ),
    image_size: int | None = typer.Option(
        None, min=32, help="Shorter side in pixels; left out, the detector's own.", rich_help_panel=NETWORK
    ),
    freeze: int | None = typer.Option(
        None,
        min=-1,
        help="Stages of the backbone that keep their weights, -1 all; left out, the detector's own.",
        rich_help_panel=NETWORK,
    ),
    thaw_after: int = typer.Option(
        0, min=0, help="Epochs after which frozen stages learn, too; 0 never.", rich_help_panel=NETWORK
    ),
    epochs: int = typer.Option(10, min=1, help="Passes over the training images.", rich_help_panel=PACE),
    steps: int = typer.Option(
        0, min=0, help="Ends after so many steps, whatever the epochs; 0: when they are over.", rich_help_panel=PACE
    ),
    epoch_images: int = typer.Option(
        1000, min=1, help="With a recipe: how many renders count as an epoch.", rich_help_panel=PACE
    ),
    batch: int | None = typer.Option(
        None, min=1, help="Images in a step; left out, the detector's own.", rich_help_panel=PACE
    ),
    accumulate: int = typer.Option(
        1, min=1, help="Parts that a batch is taken in: less memory, about the same step.", rich_help_panel=PACE
    ),
    learning_rate: float | None = typer.Option(
        None,
        min=1e-6,
        max=1.0,
        help="At the detector's own batch; it grows with the batch. Left out, the detector's own.",
        rich_help_panel=PACE,
    ),
    optimizer: str | None = typer.Option(
        None, help="sgd or adamw; left out, the detector's own.", rich_help_panel=PACE
    ),
    schedule: str = typer.Option("cosine", help="cosine, step or constant.", rich_help_panel=PACE),
    step_epochs: int = typer.Option(
        3, min=1, help="With --schedule step: a tenth of the rate after so many epochs.", rich_help_panel=PACE
    ),
    layer_decay: float = typer.Option(
        1.0, min=0.01, max=1, help="Factor on the rate from each stage to the one before.", rich_help_panel=PACE
    ),
    average: float = typer.Option(
        0.998,
        min=0,
        max=0.99999,
        help="Decay of the weights' running average, which is kept; 0: none.",
        rich_help_panel=PACE,
    ),
    patience: int = typer.Option(
        0, min=0, help="Stop after so many epochs without a better AP; 0: never.", rich_help_panel=PACE
    ),
    augment: float = typer.Option(
        1.0, min=0, max=3, help="Factor on how often colour, sharpness and noise change.", rich_help_panel=PICTURES
    ),
    scale: tuple[float, float] = typer.Option(
        (0.7, 1.4), help="Smaller and larger by these factors, half of the pictures.", rich_help_panel=PICTURES
    ),
    mirror: float = typer.Option(
        0.0, min=0, max=1, help="Share mirrored left-right; not for things with writing.", rich_help_panel=PICTURES
    ),
    mosaic: float = typer.Option(
        0.0, min=0, max=1, help="Share made of four pictures; none in the last third.", rich_help_panel=PICTURES
    ),
    paste: float = typer.Option(
        0.0, min=0, max=1, help="Share of renders put before photographs of --backgrounds.", rich_help_panel=PICTURES
    ),
    backgrounds: Path | None = typer.Option(
        None, help="Folder of photographs without the objects.", rich_help_panel=PICTURES
    ),
    style: str = typer.Option(
        "none", help="fourier or histogram: light and colours of --unlabelled.", rich_help_panel=PICTURES
    ),
    style_share: float = typer.Option(
        0.5, min=0, max=1, help="Share of renders that take them over.", rich_help_panel=PICTURES
    ),
    real: Path | None = typer.Option(
        None, help="Labelled photographs to train on as well.", rich_help_panel=PHOTOGRAPHS
    ),
    real_share: float = typer.Option(
        0.1, min=0, max=0.99, help="Share of training pictures that are such.", rich_help_panel=PHOTOGRAPHS
    ),
    real_count: int = typer.Option(
        0, min=0, help="How many different ones, by chance of the seed; 0: all.", rich_help_panel=PHOTOGRAPHS
    ),
    validate: Path | None = typer.Option(
        None, help="Labelled photographs that choose the best checkpoint.", rich_help_panel=PHOTOGRAPHS
    ),
    unlabelled: Path | None = typer.Option(
        None, help="Folder of photographs without labels, for --style and --pseudo-share.", rich_help_panel=PHOTOGRAPHS
    ),
    pseudo_share: float = typer.Option(
        0.0,
        min=0,
        max=0.9,
        help="Share of training pictures that are --unlabelled, labelled by the detector itself.",
        rich_help_panel=PHOTOGRAPHS,
    ),
    pseudo_score: float = typer.Option(
        0.6, min=0, max=1, help="What it finds with at least this score are their labels.", rich_help_panel=PHOTOGRAPHS
    ),
    device: str = typer.Option("auto", help="auto, cpu or cuda.", rich_help_panel=MACHINE),
    precision: str = typer.Option(
        "auto", help="float32, bfloat16, float16; auto: bfloat16 on a GPU that has it.", rich_help_panel=MACHINE
    ),
    deterministic: bool = typer.Option(
        False, help="Same weights on a GPU each time, somewhat slower.", rich_help_panel=MACHINE
    ),
    readers: int = typer.Option(
        0, min=0, help="Threads that read and vary pictures; 0: one for each core.", rich_help_panel=MACHINE
    ),
    workers: int = typer.Option(
        0, min=0, help="With a recipe: processes that render; 0: half of the cores.", rich_help_panel=MACHINE
    ),
    track: str | None = typer.Option(
        None, help="Also log to tensorboard, wandb, mlflow or trackio.", rich_help_panel=MACHINE
    ),
    seed: int = typer.Option(0, min=0),
) -> None:
    """Fine-tune a detector. Ctrl-C and the same command again goes on where it stopped.

    Example: `cyclorama train data/cup -o runs/cup --epochs 10`; or without a dataset, on renders of which each is seen
    once: `cyclorama train cup.yaml -o runs/cup --epochs 20`
    """
    from cyclorama.detect.catalogue import check_licence
    from cyclorama.detect.settings import Augmentation, Mixing, TrainSettings
    from cyclorama.detect.training.team import rank
    from cyclorama.scene import is_recipe, preset_names

    check_licence(detector, accepts_agpl=accept_agpl)
    settings = TrainSettings(
        detector=detector,
        weights=weights,
        epochs=epochs,
        steps=steps,
        epoch_images=epoch_images,
        batch=batch,
        accumulate=accumulate,
        image_size=image_size,
        optimizer=optimizer,
        learning_rate=learning_rate,
        schedule=schedule,
        step_epochs=step_epochs,
        freeze=freeze,
        thaw_after=thaw_after,
        layer_decay=layer_decay,
        average=average,
        patience=patience,
        validate=_path(validate),
        augmentation=Augmentation(
            strength=augment,
            scale=scale,
            mirror=mirror,
            mosaic=mosaic,
            paste=paste,
            backgrounds=_path(backgrounds),
            style=style,
            style_share=style_share,
        ),
        mixing=Mixing(
            real=_path(real),
            real_share=real_share,
            real_count=real_count,
            unlabelled=_path(unlabelled),
            pseudo_share=pseudo_share,
            pseudo_score=pseudo_score,
        ),
        precision=precision,
        deterministic=deterministic,
        device=device,
        seed=seed,
        readers=readers,
    )
    output_folder(output)
    if dataset.suffix.lower() in (".yaml", ".yml") and not dataset.exists():
        near = [*preset_names(), *map(str, dataset.parent.glob("*.y*ml"))]
        raise InputError(f"no recipe, and no dataset's .yaml, '{dataset}'.{nearest(str(dataset), near)}")
    if not is_recipe(dataset):
        train_with_progress(dataset, output, settings, track=track)
    else:
        train_online(str(dataset), output, settings, track=track, workers=workers)
    if not rank():
        print(f"next: cyclorama evaluate {output} PHOTOS")


def _path(folder: Path | None) -> str | None:
    return None if folder is None else str(folder)
