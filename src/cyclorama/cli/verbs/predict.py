"""cyclorama predict: boxes on the user's pictures."""

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
    found = save_predictions(prediction, output, confidence=confidence)
    print(f"{found} objects with a score of at least {confidence:g} in {len(prediction.images)} images: {output}")
