"""cyclorama generate: a recipe becomes a dataset."""

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cyclorama.cli.engines import engine_change
from cyclorama.cli.outputs import output_folder
from cyclorama.cli.progress import counting

if TYPE_CHECKING:
    from cyclorama.core.sample import Dataset
    from cyclorama.generate import Summary
    from cyclorama.scene import Recipe

SHEET = "contact_sheet.jpg"
# Images that tell whether there is anything to find.
LOOKED_AT = 20
# Of the targets asked for.
FEW_PLACED = 0.5
# Images that fail for one reason, of which each is told.
TOLD = 3
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

    override = [] if engine is None else [engine_change(engine)]
    loaded = load_recipe(recipe, [*changes, *override])
    failed = generate_with_progress(
        loaded, output_folder(output), count=count, seed=seed, workers=workers, image_timeout_s=image_timeout
    )
    dataset = read_dataset(output)
    if len(dataset.samples):
        dataset_sheet(dataset, output / SHEET)
        print(f"look at {output / SHEET}")
        warn_of_little_to_find(dataset)
        print(f"next: cyclorama verify {output}; cyclorama train {output} -o runs/{output.name}")
    if failed:
        raise typer.Exit(1)


def warn_of_little_to_find(dataset: "Dataset") -> None:
    """Tell if in the first images no object counts, or most that were asked for found no place."""
    first = [dataset.samples[i] for i in range(min(LOOKED_AT, len(dataset.samples)))]
    draws = [sample.load_scene().draws for sample in first if sample.load_scene]
    asked, placed = (sum(d.get(f"layout.{what}", 0) for d in draws) for what in ("asked", "placed"))
    if placed < FEW_PLACED * asked:
        print(
            f"of {asked} targets asked for in the first {len(first)} images {placed} found a place: raise "
            "layout.max_overlap or layout.max_crop, move the camera away, or lower layout.count"
        )
    objects = [a for sample in first for a in sample.annotations]
    if all(a.ignored for a in objects):
        why = f"all {len(objects)} are flagged, e.g. '{objects[0].ignored}'" if objects else "there is none"
        print(f"in the first {len(first)} images no object counts ({why}): a detector would learn nothing from them")


class _Failures:
    """Tells why images fail, but not the same of all."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def tell(self, index: int, reason: str, *, is_final: bool) -> None:
        """One line for each of the first few images that fail so."""
        kind = re.sub(r"\d+", "N", reason)
        self._counts[kind] += 1
        if self._counts[kind] <= TOLD:
            print(f"image {index}: {reason}{'' if is_final else ' (tried again)'}")

    def tell_rest(self) -> None:
        """How many more there were."""
        more = sum(max(0, count - TOLD) for count in self._counts.values())
        if more:
            print(f"... and {more} times more so")


def generate_with_progress(
    loaded: "Recipe",
    output: Path,
    *,
    count: int,
    seed: int,
    workers: int,
    image_timeout_s: float = IMAGE_TIMEOUT_S,
) -> int:
    """Generate, show how it goes and tell what is there; returns the number of images that could not be made."""
    from cyclorama.dataset.store import FAILURES

    summary = shown_generating(loaded, output, count=count, seed=seed, workers=workers, image_timeout_s=image_timeout_s)
    print(f"{output}: {summary.done} new images, {summary.skipped} there before, {summary.failed} failed")
    if summary.beyond:
        there = summary.done + summary.skipped + summary.beyond
        print(f"{output}: holds {there} images, more than the {count} asked for; none is removed")
    if summary.failed:
        print(f"why they failed: {output / FAILURES}; the same command tries them again")
    return summary.failed


def shown_generating(
    loaded: "Recipe",
    output: Path,
    *,
    count: int,
    seed: int,
    workers: int,
    image_timeout_s: float = IMAGE_TIMEOUT_S,
) -> "Summary":
    """Generate and show how it goes."""
    from cyclorama.generate import generate as generate_dataset
    from cyclorama.generate.cores import suitable_workers
    from cyclorama.generate.events import Done, Event, Failed, Preparing, Started, WorkerRestarted

    done, total, failures = 0, count, _Failures()
    with counting(f"rendering {loaded.name}") as show:

        def on_event(event: Event) -> None:
            nonlocal done, total
            match event:
                case Started():
                    done, total = event.already, event.total
                case Preparing():
                    print(event.what, flush=True)
                    return  # The time that it takes says nothing of the images.
                case Done():
                    done += 1
                case Failed():
                    failures.tell(event.index, event.reason, is_final=event.final)
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
    failures.tell_rest()
    return summary
