"""cyclorama preview: what a recipe's scenes look like."""

from pathlib import Path
from tempfile import TemporaryDirectory

import typer

from cyclorama.cli.engines import engine_change
from cyclorama.cli.outputs import output_picture

# What tells how targets are seen, and what is drawn if the recipe asks for it.
SEEN, DRAWN = ["box", "mask", "visibility"], ["keypoints"]


def preview(
    recipe: str = typer.Argument(help="Recipe file, or the name of a preset, which is shown with built-in models."),
    count: int = typer.Option(16, "--count", "-n", min=1, help="Images."),
    output: Path | None = typer.Option(None, "--output", "-o", help="Picture, .jpg or .png; default NAME-preview.jpg."),
    seed: int = typer.Option(0, min=0, help="Another seed, other scenes; generate makes the same ones with it."),
    labels: bool = typer.Option(True, help="Draw masks, boxes and names."),
    engine: str = typer.Option("raster", help="raster, in seconds; cycles, in minutes."),
    changes: list[str] = typer.Option([], "--set", help="path=value, e.g. camera.distance_m.uniform=[0.3,0.9]"),
) -> None:
    """Draw a contact sheet of a recipe's first scenes, and print what was drawn by chance.

    Example: `cyclorama preview cup.yaml -n 16`
    """
    from cyclorama.cli.scene_tables import drawn_table, seen_table
    from cyclorama.cli.verbs.generate import shown_generating, warn_of_little_to_find
    from cyclorama.dataset import read_dataset
    from cyclorama.scene import load_recipe, preset_names
    from cyclorama.scene.drawn import drawn
    from cyclorama.view.draw import draw_sample
    from cyclorama.view.sheet import write_sheet

    if output is not None:
        output_picture(output)
    targets = load_recipe("demo").targets if recipe in preset_names() else ()
    loaded = load_recipe(recipe, [*changes, engine_change(engine)], targets=targets)
    shown = [*SEEN, *(label for label in DRAWN if label in loaded.labels)]
    loaded = loaded.model_copy(update={"labels": shown, "maps": ["instances"]})
    path = output or Path(f"{loaded.name}-preview.jpg")
    with TemporaryDirectory() as folder:
        made = Path(folder) / "images"
        failed = shown_generating(loaded, made, count=count, seed=seed, workers=0).failed
        dataset = read_dataset(made)
        samples = list(dataset.samples)
        if samples:
            drawn_table(drawn(loaded, (sample.load_scene() for sample in samples if sample.load_scene)))
            seen_table([sample.annotations for sample in samples], loaded.image.width, loaded.image.height)
            warn_of_little_to_find(dataset)
            skeletons = dataset.skeletons
            write_sheet([draw_sample(s, skeletons) if labels else s.load_image() for s in samples], path)
            print(f"look at {path}")
    if failed:
        raise typer.Exit(1)
