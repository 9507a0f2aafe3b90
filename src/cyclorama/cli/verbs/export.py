"""cyclorama export: a trained detector for other programs."""

import re
import sys
from pathlib import Path

import typer

from cyclorama.cli.outputs import output_file
from cyclorama.core.errors import InputError

LEAST, MOST = 32, 4096


def export(
    run: Path = typer.Argument(help="Folder that train wrote."),
    output: Path = typer.Option(..., "--output", "-o", help="The file: model.onnx."),
    image_size: str | None = typer.Option(
        None,
        help="Height and width of the pictures that it takes, multiples of 32: 320x416. Left out, a square in which "
        "photographs of 4:3 are as large as in training.",
    ),
) -> None:
    """Write a detector's boxes as ONNX, compared with torch: runs without Cyclorama and without torch.

    Example: `cyclorama export runs/cup -o cup.onnx`
    """
    from cyclorama.detect.export import export as export_run

    size = _size(image_size) if image_size is not None else None
    if output.suffix.lower() != ".onnx":
        raise InputError(f"{output}: expected a name that ends in .onnx")
    made = export_run(run, output_file(output), image_size=size)
    told = made.agreement
    if told.lost:
        print(
            f"cyclorama: {output}: not written, because ONNX Runtime doesn't find {told.lost} of {told.compared} "
            f"detections as torch does on {made.images} images; try another --image-size or detector",
            file=sys.stderr,
        )
        raise typer.Exit(1)
    print(f"{output}: pictures of {made.size[0]}x{made.size[1]} ({made.resize}), {output.stat().st_size / 1e6:.1f} MB")
    for name in made.left_out:
        print(f"boxes alone are exported; {name} are not")
    print(
        f"ONNX Runtime and torch on {made.images} images, {told.compared} detections: "
        f"boxes differ by {told.box_px:.2g} px, scores by {told.score:.1g} at most"
    )


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,5})(?:x(\d{1,5}))?", text)
    sides = [int(side) for side in match.groups(default=match[1])] if match else []
    if not sides or not all(LEAST <= side <= MOST for side in sides):
        raise InputError(f"--image-size {text}: expected height and width of {LEAST} to {MOST} pixels, as in 320x416")
    return sides[0], sides[1]
