"""cyclorama convert: a dataset in another tool's layout."""

from pathlib import Path

import typer

from cyclorama.cli.outputs import output_folder
from cyclorama.cli.progress import counting
from cyclorama.core.words import counted


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
    objects = counted(conversion.left_out, "object")
    left_out = f"; left out: {objects} that {to} can't hold" if conversion.left_out else ""
    print(f"wrote {counted(conversion.images, 'image')}: {output}{left_out}")
