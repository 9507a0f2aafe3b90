"""cyclorama generate: a recipe becomes a dataset."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cyclorama.cli.outputs import output_folder
from cyclorama.cli.progress import counting

if TYPE_CHECKING:
    from cyclorama.core.sample import Dataset
    from cyclorama.scene import Recipe

SHEET = "contact_sheet.jpg"
# Images that tell whether there is anything to find.
LOOKED_AT = 20
IMAGE_TIMEOUT_S = 1800.0


def generate(
    recipe: str = typer.Argument(help="Recipe file, or the name of a preset."),
    count: int = typer.Option(..., "--count", "-n", min=1, help="Images in the finished dataset."),
    output: Path = typer.Option(..., "--output", "-o", help="Dataset folder; a half-done one is gone on with."),
    seed: int = typer.Option(0, min=0, help="Another seed, another dataset."),
    workers: int = typer.Option(0, min=0, help="Processes; 0 is as many as suit the engine and the cores."),
    engine: str | None = typer.Option(None, help="In place of the recipe's: auto, cycles, raster, mixed, analytic."),
    image_timeout: float = typer.Option(
        IMAGE_TIMEOUT_S, min=1, help="Seconds after which one image is given up as hanging."
    ),
    changes: list[str] = typer.Option([], "--set", help="path=value, e.g. camera.distance_m.uniform=[0.3,0.9]"),
) -> None:
    """Render a labelled dataset. Ctrl-C and the same command again goes on where it stopped.

    Example: `cyclorama generate cup.yaml -n 200 -o data/cup`
    """
    from cyclorama.dataset import read_dataset
    from cyclorama.scene import load_recipe
    from cyclorama.view.sheet import dataset_sheet

    override = [f"render.engine={engine}"] if engine else []
    loaded = load_recipe(recipe, [*changes, *override])
    failed = generate_with_progress(
        loaded, output_folder(output), count=count, seed=seed, workers=workers, image_timeout_s=image_timeout
    )
    dataset = read_dataset(output)
    if len(dataset.samples):
        dataset_sheet(dataset, output / SHEET)
        print(f"look at {output / SHEET}")
        _warn_of_nothing_to_find(dataset)
    print(f"next: cyclorama verify {output}; cyclorama train {output} -o runs/{output.name}")
    if failed:
        raise typer.Exit(1)


def _warn_of_nothing_to_find(dataset: "Dataset") -> None:
    first = [dataset.samples[i] for i in range(min(LOOKED_AT, len(dataset.samples)))]
    objects = [a for sample in first for a in sample.annotations]
    if all(a.ignored for a in objects):
        why = f"all {len(objects)} are flagged, e.g. '{objects[0].ignored}'" if objects else "there is none"
        print(f"in the first {len(first)} images no object counts ({why}): a detector would learn nothing from them")


def generate_with_progress(
    loaded: "Recipe",
    output: Path,
    *,
    count: int,
    seed: int,
    workers: int,
    image_timeout_s: float = IMAGE_TIMEOUT_S,
    is_kept: bool = True,
) -> int:
    """Generate and show how it goes; returns the number of images that could not be made.

    With ``is_kept`` false nothing is said of a folder that the user will not find.
    """
    from cyclorama.dataset.store import FAILURES
    from cyclorama.generate import generate as generate_dataset
    from cyclorama.generate.cores import suitable_workers
    from cyclorama.generate.events import Done, Event, Failed, Preparing, Started, WorkerRestarted

    done, total = 0, count
    with counting(f"rendering {loaded.name}") as show:

        def on_event(event: Event) -> None:
            nonlocal done, total
            match event:
                case Started():
                    done, total = event.already, event.total
                case Preparing():
                    print(event.what, flush=True)
                case Done():
                    done += 1
                case Failed():
                    print(f"image {event.index}: {event.reason}{'' if event.final else ' (tried again)'}")
                case WorkerRestarted():
                    print(f"a worker was started again: {event.reason}")
            show(done, total)

        summary = generate_dataset(
            loaded,
            output,
            count=count,
            seed=seed,
            workers=workers or suitable_workers(loaded.render.engine),
            settings=loaded.render.settings(),
            image_timeout_s=image_timeout_s,
            on_event=on_event,
        )
    if not is_kept:
        return summary.failed
    print(f"{output}: {summary.done} new images, {summary.skipped} there before, {summary.failed} failed")
    if summary.failed:
        print(f"why they failed: {output / FAILURES}; the same command tries them again")
    return summary.failed
