"""cyclorama evaluate: the detector's score on photographs."""

from pathlib import Path

import typer

from cyclorama.cli.outputs import output_folder
from cyclorama.cli.progress import counting


def evaluate(
    run: Path = typer.Argument(help="Folder that train wrote."),
    photographs: Path = typer.Argument(help="Labelled photographs: COCO, YOLO, Pascal VOC, BOP or WebDataset layout."),
    output: Path | None = typer.Option(None, "--output", "-o", help="Folder; default RUN/evaluate-NAME."),
    rename: list[str] = typer.Option([], "--class", help="PHOTO=DETECTOR where a class has two names."),
    split: str | None = typer.Option(None, help="Only its images of this split, e.g. test."),
    device: str = typer.Option("auto", help="auto, cpu or cuda."),
) -> None:
    """Measure a detector on photographs: AP with intervals, what goes wrong, and a page of its best and worst.

    Example: `cyclorama evaluate runs/cup photos/`
    """
    from cyclorama.cli.tables import score_table
    from cyclorama.dataset import read_dataset
    from cyclorama.detect.evaluate import evaluate as evaluate_run
    from cyclorama.detect.judging.advice import confidence_advice
    from cyclorama.view.evaluation_page import evaluation_page

    folder = output_folder(output or run / f"evaluate-{photographs.resolve().name}")
    dataset = read_dataset(photographs)
    with counting("detecting") as progress:
        evaluation = evaluate_run(
            run, dataset, folder, classes=pairs(rename), split=split, device=device, progress=progress
        )
    score_table(evaluation)
    evaluation_page(evaluation, folder / "index.html")
    print(f"wrote {folder}/index.html, scores.json, detections.json and truth.json")
    if told := confidence_advice(evaluation.scores):
        print(told)


def pairs(texts: list[str]) -> dict[str, str]:
    """PHOTO=DETECTOR as a mapping.

    Raises:
        InputError: One is no such pair.
    """
    from cyclorama.core.errors import InputError

    for text in texts:
        if text.count("=") != 1:
            raise InputError(f"--class {text}: expected PHOTO=DETECTOR, two class names with one '=' between")
    return dict(text.split("=") for text in texts)
