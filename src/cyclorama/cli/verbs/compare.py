"""cyclorama compare: detectors on the same photographs, side by side."""

from pathlib import Path

import typer

from cyclorama.cli.outputs import output_folder


def compare(
    places: list[Path] = typer.Argument(help="Two or more folders that evaluate wrote, or runs."),
    output: Path = typer.Option(Path("comparison"), "--output", "-o", help="Folder for the page and the table."),
) -> None:
    """Hold evaluations on the same photographs against the first: paired differences with intervals, and a page.

    Example: `cyclorama compare runs/a runs/b`
    """
    from cyclorama.cli.tables import comparison_table
    from cyclorama.core.errors import InputError
    from cyclorama.core.plain import to_plain
    from cyclorama.dataset.files import write_json
    from cyclorama.detect.judging.comparison import compare as compared
    from cyclorama.detect.judging.folder import evaluation_folders, read_evaluation
    from cyclorama.view.comparison_page import comparison_page

    folder = output_folder(output)
    if len(places) < 2:
        raise InputError(f"{places[0]}: is one evaluation; name two or more to compare")
    if len(set(places)) < len(places):
        raise InputError(f"{max(places, key=places.count)}: is named twice; name other evaluations")
    found = evaluation_folders(places)
    comparison = compared({str(p): read_evaluation(f) for p, f in zip(places, found, strict=True)})
    comparison_table(comparison)
    write_json(
        folder / "comparison.json",
        {
            "names": list(comparison.names),
            "seen": [to_plain(e.seen) for e in comparison.evaluations],
            "scores": [{k: v for k, v in to_plain(e.scores).items() if k != "curves"} for e in comparison.evaluations],
            "more": to_plain(comparison.more),
            "more_ap": to_plain(comparison.more_ap),
        },
    )
    comparison_page(comparison, folder / "index.html")
    print(f"wrote {folder}/index.html and comparison.json")
