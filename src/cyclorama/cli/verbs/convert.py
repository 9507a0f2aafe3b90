"""cyclorama convert: a dataset in another tool's layout."""

from pathlib import Path

import typer

from cyclorama.cli.outputs import output_folder
from cyclorama.cli.progress import counting


def convert(
    dataset: Path = typer.Argument(help="Dataset folder, ours or any layout that we read."),
    to: str = typer.Option(..., "--to", help="coco, yolo, yolo_pose (with keypoints), voc or webdataset."),
    output: Path = typer.Option(..., "--output", "-o", help="New folder."),
) -> None:
    """Write a dataset in the layout of another tool; YOLO comes with its data.yaml.

    Example: `cyclorama convert data/cup --to yolo -o data/cup-yolo`
    """
    from cyclorama.dataset import convert as convert_dataset

    with counting(f"writing {to}") as progress:
        conversion = convert_dataset(dataset, to, output_folder(output), progress=progress)
    left_out = f"; {conversion.left_out} objects that {to} can't hold are left out" if conversion.left_out else ""
    print(f"wrote {conversion.images} images: {output}{left_out}")
