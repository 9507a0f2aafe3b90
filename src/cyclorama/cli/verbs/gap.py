"""cyclorama gap: what separates renders from photographs, named."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cyclorama.cli.outputs import output_folder
from cyclorama.cli.progress import counting
from cyclorama.cli.verbs.evaluate import pairs

if TYPE_CHECKING:
    from cyclorama.detect.judging.gap.report import Gap


def gap(
    run: Path = typer.Argument(help="Folder that train wrote."),
    photographs: Path = typer.Argument(help="Labelled photographs: COCO, YOLO, Pascal VOC, BOP or WebDataset layout."),
    renders: Path = typer.Argument(help="Renders of the same recipe that it was not trained on: generate --seed 1."),
    output: Path | None = typer.Option(None, "--output", "-o", help="Folder; default RUN/gap-NAME."),
    rename: list[str] = typer.Option([], "--class", help="PHOTO=DETECTOR where a class has two names."),
    split: str | None = typer.Option(None, help="Only photographs of this split, e.g. test."),
    device: str = typer.Option("auto", help="auto, cpu or cuda."),
) -> None:
    """Measure a detector on photographs and on unseen renders, and say what differs and what to change in the recipe.

    Example: `cyclorama gap runs/cup photos/ data/unseen`
    """
    from cyclorama.cli.tables import gap_table
    from cyclorama.dataset import read_dataset
    from cyclorama.detect.gap import measure_gap
    from cyclorama.view.evaluation_page import evaluation_page
    from cyclorama.view.gap_page import gap_page

    folder = output_folder(output or run / f"gap-{photographs.resolve().name}")
    with counting("detecting") as progress:
        found = measure_gap(
            run,
            read_dataset(photographs),
            read_dataset(renders),
            folder,
            classes=pairs(rename),
            split=split,
            device=device,
            progress=progress,
        )
    note = " ".join(_notes(found))
    gap_table(found)
    if note:
        print(note)
    gap_page(found, folder / "index.html", note=note)
    for name, evaluation in (("photographs", found.photographs), ("renders", found.renders)):
        evaluation_page(evaluation, folder / name / "index.html")
    print(f"wrote {folder}/index.html and gap.json; the two evaluations in photographs/ and renders/ there")


def _notes(found: "Gap") -> Iterator[str]:
    """What training has seen of both."""
    from cyclorama.view.judging_sections import seen_sentence

    if found.renders.seen and found.renders.seen.trained_on:
        yield "The detector was trained on these renders: generate others with another --seed."
    if told := seen_sentence(found.photographs):
        yield f"Photographs: {told}"
