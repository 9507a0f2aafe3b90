"""cyclorama verify: the label laws on any dataset."""

from pathlib import Path

import typer

from cyclorama.cli.progress import counting


def verify(
    dataset: Path = typer.Argument(help="Dataset folder, ours or any layout that we read."),
    most: int = typer.Option(50, min=0, help="Show at most this many violations."),
) -> None:
    """Check every label law - masks disjoint, box = box of mask, ids unique, ... - and name each violation.

    Example: `cyclorama verify data/cup`
    """
    from cyclorama.dataset import verify as verify_dataset

    with counting("checking") as progress:
        report = verify_dataset(dataset, progress=progress)
    for violation in report.violations[:most]:
        print(f"{violation.sample}: {violation.law}: {violation.text}")
    hidden = len(report.violations) - most
    if hidden > 0:
        print(f"... and {hidden} more (--most {len(report.violations)} shows all)")
    print(report.summary() if report.images else f"{dataset}: has no images to check")
    if report.violations or not report.images:
        raise typer.Exit(1)
