"""cyclorama predict: boxes on the user's pictures."""

import sys
from pathlib import Path

import typer

from cyclorama.cli.outputs import output_folder
from cyclorama.cli.progress import counting


def predict(
    run: Path = typer.Argument(help="Folder that train wrote."),
    images: list[Path] = typer.Argument(help="Photographs, or folders of them."),
    output: Path = typer.Option(..., "--output", "-o", help="Folder for pictures and results.json."),
    confidence: float = typer.Option(0.5, "--conf", min=0, max=1, help="Draw boxes with at least this score."),
    device: str = typer.Option("auto", help="auto, cpu or cuda."),
) -> None:
    """Find objects in photographs: draws boxes, and writes results as COCO does.

    Example: `cyclorama predict runs/cup photo.jpg -o out/`
    """
    from cyclorama.detect.predict import predict as predict_images
    from cyclorama.view.draw import save_predictions

    with counting("detecting") as progress:
        prediction = predict_images(run, images, output_folder(output), device=device, progress=progress)
    drawn = save_predictions(prediction, output, confidence=confidence)
    print(f"{drawn} objects with a score of at least {confidence:g} in {len(prediction.images)} images: {output}")
    best = max((float(d.scores[0]) for d in prediction.detections if len(d.scores)), default=0.0)
    if not drawn and best:
        print(f"the best score is {best:.3f}: --conf {best * 0.9:.2f} would draw it")
    for sentence in prediction.damaged:
        print(f"cyclorama: left out: {sentence}", file=sys.stderr)
    if prediction.damaged:
        raise typer.Exit(1)
