"""cyclorama preview: what a recipe's scenes look like."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cyclorama.cli.progress import counting

if TYPE_CHECKING:
    from cyclorama.core.arrays import ByteArray
    from cyclorama.generate.preview import Preview
    from cyclorama.scene import Recipe


def preview(
    recipe: str = typer.Argument(help="Recipe file, or the name of a preset, which is shown with built-in models."),
    count: int = typer.Option(16, "--count", "-n", min=1, help="Images."),
    output: Path | None = typer.Option(None, "--output", "-o", help="Picture; default NAME-preview.jpg."),
    seed: int = typer.Option(0, min=0, help="Another seed, other scenes; those that generate would make with it."),
    labels: bool = typer.Option(True, help="Draw masks, boxes and names."),
    changes: list[str] = typer.Option([], "--set", help="path=value, e.g. camera.distance_m.uniform=[0.3,0.9]"),
) -> None:
    """Draw a contact sheet of a recipe's first scenes, rasterized in seconds, and print what was drawn by chance.

    Example: `cyclorama preview cup.yaml -n 16`
    """
    from cyclorama.cli.tables import drawn_table, seen_table
    from cyclorama.generate.preview import preview as previewed
    from cyclorama.scene.drawn import drawn
    from cyclorama.view.sheet import write_sheet

    loaded = _shown(recipe, changes)
    made: list[Preview] = []
    with counting(f"previewing {loaded.name}") as show:
        for one in previewed(loaded, count=count, seed=seed):
            made.append(one)
            show(len(made), count)
    drawn_table(drawn(loaded, (p.frame.scene for p in made)))
    seen_table([p.annotations for p in made], loaded.image.width, loaded.image.height)
    path = output or Path(f"{loaded.name}-preview.jpg")
    write_sheet([_picture(p, labels=labels) for p in made], path)
    print(f"look at {path}")


def _shown(recipe: str, changes: list[str]) -> "Recipe":
    """The recipe; a preset without targets shows the demo's."""
    from cyclorama.scene import load_recipe, preset_names

    return load_recipe(recipe, changes, targets=load_recipe("demo").targets if recipe in preset_names() else ())


def _picture(one: "Preview", *, labels: bool) -> "ByteArray":
    from cyclorama.view.draw import draw_annotations

    return draw_annotations(one.frame.rgb, one.annotations) if labels else one.frame.rgb
