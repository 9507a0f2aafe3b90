"""Cost of an image against resolution, number of objects, triangles and workers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import trimesh

from cyclorama.scene import Recipe
from throughput_runs import Bench, Ledger, Side, cost
from throughput_scenes import bench_recipe, scenes_of

matplotlib.use("Agg")

SIZES_PX, OBJECTS, SUBDIVISIONS, WORKERS = (128, 256, 512, 1024), (1, 5, 20, 80), (3, 5, 7), (1, 2)
IMAGES = 2
# Of the side that takes so little time that few images would tell nothing.
FAST, FAST_IMAGES = "raster", 9
# BlenderProc's largest pictures would take half an hour.
BLENDERPROC_MOST_PX = 512


def curves(sides: Sequence[Side], bench: Bench, ledger: Ledger, *, quick: bool) -> str:
    """Measure, plot into the folder above the bench's, and give the figures as text."""
    points = list(_points(bench.work / "spheres", quick=quick))
    found: dict[str, dict[str, dict[float, float]]] = {}
    for side in sides:
        for name, x, recipe, workers in points:
            if side.is_blenderproc and (workers > 1 or recipe.image.width > BLENDERPROC_MOST_PX):
                continue
            measured = ledger.measure(
                # The same under whatever curve: one point is on several.
                f"curves/{recipe.fingerprint([])[:8]}/{workers}/{side.name}",
                lambda s=side, r=recipe, w=workers: cost(bench.images(s, r, _count(s) * w, workers=w), workers=w),
            )
            found.setdefault(name, {}).setdefault(side.name, {})[x] = measured["cpu_s"]
    path = bench.work.with_name(f"{bench.work.name}_curves.png")
    plot(found, path)
    return "\n".join([*_lines(found), f"wrote {path}"])


def _points(spheres: Path, *, quick: bool) -> Any:
    """(curve, place on the x axis, recipe, workers) of each measurement."""
    take = slice(0, 2) if quick else slice(None)
    for size in SIZES_PX[take]:
        yield "resolution", size**2, bench_recipe(size_px=size), 1
    for count in OBJECTS[take]:
        recipe = bench_recipe(objects=count)
        yield "objects", _mean_objects(recipe), recipe, 1
    for level in SUBDIVISIONS[take]:
        recipe = bench_recipe(models=(str(_sphere(spheres, level)),))
        yield "triangles", 5 * 20 * 4**level, recipe, 1
    for workers in WORKERS[take]:
        yield "workers", workers, bench_recipe(), workers


def _count(side: Side) -> int:
    return FAST_IMAGES if side.name == FAST else IMAGES


def _mean_objects(recipe: Recipe) -> float:
    return float(np.mean([len(s.instances) - 1 for s in scenes_of(recipe, IMAGES)[1]]))


def _sphere(folder: Path, level: int) -> Path:
    """A sphere of 20 * 4^level triangles, 8 cm wide."""
    path = folder / f"sphere_{level}.ply"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        trimesh.creation.icosphere(subdivisions=level, radius=0.04).export(path)
    return path


def plot(found: dict[str, dict[str, dict[float, float]]], path: Path) -> None:
    """One panel for each curve, both axes logarithmic, the seconds shared."""
    from matplotlib import pyplot
    from matplotlib.ticker import FuncFormatter, NullFormatter

    figure, panels = pyplot.subplots(1, len(found), figsize=(3.2 * len(found), 3.2), squeeze=False, sharey=True)
    labels = {"resolution": "pixels", "objects": "objects", "triangles": "triangles", "workers": "workers"}
    for panel, (name, by_side) in zip(panels[0], found.items(), strict=True):
        for side, points in by_side.items():
            panel.loglog(list(points), list(points.values()), marker="o", label=side)
        places = sorted({x for points in by_side.values() for x in points})
        panel.set_xticks(places)
        panel.set_xlabel(labels[name])
        panel.xaxis.set_major_formatter(FuncFormatter(lambda x, _: _short(x)))
        panel.xaxis.set_minor_formatter(NullFormatter())
        panel.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
        panel.grid(visible=True, which="both", alpha=0.3)
    panels[0][0].set_ylabel("CPU seconds an image")
    panels[0][0].legend()
    figure.tight_layout()
    figure.savefig(path, dpi=100)


def _short(number: float) -> str:
    """With k and M for thousands and millions."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.2g}{letter}" if number < 10 * size else f"{number / size:.0f}{letter}"
    return f"{number:.0f}"


def _lines(found: dict[str, dict[str, dict[float, float]]]) -> list[str]:
    return [
        f"{name}, {side}: " + ", ".join(f"{x:,.0f}: {seconds:.2f} s" for x, seconds in points.items())
        for name, by_side in found.items()
        for side, points in by_side.items()
    ]
