"""cyclorama predict: boxes on the user's pictures and videos."""

import sys
from pathlib import Path

import typer

from cyclorama.cli.outputs import output_folder
from cyclorama.cli.progress import counting
from cyclorama.core.words import counted


def predict(
    run: Path = typer.Argument(help="Folder that train wrote."),
    places: list[str] = typer.Argument(
        help="Photographs, videos, folders of them, patterns ('photos/*.jpg'), .txt files with one on each line, "
        "http addresses, webcam:0."
    ),
    output: Path = typer.Option(..., "--output", "-o", help="Folder for pictures, videos and results."),
    confidence: float = typer.Option(
        0.5, "--conf", min=0, max=1, help="Draw boxes with at least this score, and write them as JSON or YOLO."
    ),
    format: str = typer.Option(
        "coco", help="coco (results.json, every detection), json (predictions.json) or yolo (labels/NAME.txt)."
    ),
    iou: float | None = typer.Option(
        None,
        min=0,
        max=1,
        help="Of boxes of a class that overlap more than this only the best; left out, the network's.",
    ),
    classes: str = typer.Option("", help="Only these, with commas between: ace,king."),
    tiles: int = typer.Option(
        0, min=0, max=64, help="For small objects: look at so many tiles along the longer side, too."
    ),
    tile_size: int = typer.Option(0, min=0, help="The same by the side of a tile in the photograph's pixels."),
    overlap: float = typer.Option(0.2, min=0, max=0.9, help="Share of a tile that its neighbour has, too."),
    pictures: bool = typer.Option(True, help="Whether to draw pictures and videos."),
    seconds: float | None = typer.Option(
        None, min=0, help="How long to look through a webcam; left out, until Ctrl-C."
    ),
    device: str = typer.Option("auto", help="auto, cpu or cuda."),
) -> None:
    """Find objects in photographs and videos: draws them, and writes results as COCO does.

    Example: `cyclorama predict runs/cup photo.jpg -o out/`
    """
    from cyclorama.detect.look import Look
    from cyclorama.detect.predict import predict as predict_places
    from cyclorama.view.draw import draw_detections

    names = tuple(name.strip() for name in classes.split(",") if name.strip())
    with counting("detecting") as progress:
        prediction = predict_places(
            run,
            places,
            output_folder(output),
            look=Look(iou, names, tiles, tile_size, overlap),
            format=format,
            confidence=confidence,
            seconds=seconds,
            draw=draw_detections if pictures else None,
            device=device,
            progress=progress,
        )
    found, unsure, best = prediction.objects(confidence), prediction.unsure(confidence), prediction.best()
    frames = sum(video.frames for video in prediction.videos)
    where = [counted(n, what) for n, what in ((len(prediction.pictures), "image"), (frames, "frame")) if n]
    less = f" ({unsure} with less)" if unsure else ""
    print(
        f"{counted(found, 'object')} with a score of at least {confidence:g}{less} in {' and '.join(where)}: {output}"
    )
    if not found and best:
        print(f"the best score is {best:.3f}: --conf {best * 0.9:.2f} would draw it")
    for sentence in prediction.damaged:
        print(f"cyclorama: left out: {sentence}", file=sys.stderr)
    if prediction.damaged:
        raise typer.Exit(1)
