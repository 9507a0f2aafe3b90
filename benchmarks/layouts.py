"""What layouts cost: milliseconds of CPU to sample a scene, scenes that are drawn again, things that find a place.

    python benchmarks/layouts.py
    python benchmarks/layouts.py --quick     # fewer scenes

Prints a table and writes layouts.json into the work folder. Every layout is there that is found, with its defaults,
and the tabletop with physics too. Ten targets and ten distractors are asked for; shelf and stack make several of each.
The first scene, which loads models and takes them apart, does not count.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cyclorama.assets import builtin
from cyclorama.core.errors import InputError
from cyclorama.core.plugins import plugins
from cyclorama.dataset.files import write_json
from cyclorama.scene import Recipe, gather, sample_scene
from cyclorama.scene.layout import LAYOUTS

WORK = Path(__file__).parent / "work"


def recipe(layout: dict[str, Any]) -> Recipe:
    """Ten built-in things among ten others, from above."""
    return Recipe.model_validate(
        {
            "name": layout["kind"],
            "targets": [{"model": f"builtin:{name}"} for name in builtin.MODELS],
            "empty_share": 0,
            "layout": {"count": 10, **layout},
            "camera": {"distance_m": {"uniform": [1.0, 1.5]}, "elevation_deg": {"uniform": [35, 80]}},
            "distractors": {"count": 10},
        }
    )


@contextmanager
def counted(layout: Any) -> Iterator[Callable[[], int]]:
    """Gives how often the layout was asked for places."""
    place, calls = layout.place, []

    def counting(*arguments: Any) -> Any:
        calls.append(1)
        return place(*arguments)

    layout.place = staticmethod(counting)
    try:
        yield lambda: len(calls)
    finally:
        layout.place = staticmethod(place)


def figures(name: str, options: dict[str, Any], scenes: int) -> dict[str, Any]:
    """One layout's row."""
    asked = recipe(options)
    assets = gather(asked)
    draws, failed = [], 0
    sample_scene(asked, assets, seed=1, index=0)
    with counted(plugins(LAYOUTS)[options["kind"]]) as calls:
        start = time.process_time()
        for index in range(scenes):
            try:
                draws.append(sample_scene(asked, assets, seed=0, index=index).draws)
            except InputError:
                failed += 1
        seconds = time.process_time() - start
        redrawn = 1 - (scenes - failed) / calls()
    placed, wanted = (sum(d[f"layout.{key}"] for d in draws) for key in ("placed", "asked"))
    return {
        "layout": name,
        "cpu_ms": 1e3 * seconds / scenes,
        "redrawn": redrawn,
        "failed": failed,
        "placed": placed,
        "asked": wanted,
    }


def cases() -> dict[str, dict[str, Any]]:
    """Layouts by name, each with its keys."""
    return {kind: {"kind": kind} for kind in plugins(LAYOUTS)} | {
        "tabletop, physics": {"kind": "tabletop", "physics": True}
    }


def line(row: dict[str, Any]) -> str:
    """A row as text."""
    numbers = f"{row['failed']:7} {row['placed']:7} {row['asked']:6}"
    return f"{row['layout']:>20} {row['cpu_ms']:8.0f} {row['redrawn']:8.0%} {numbers}"


def main() -> None:
    """Measures, prints, writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer scenes")
    scenes = 5 if parser.parse_args().quick else 40
    rows = []
    print(f"{'layout':>20} {'CPU ms':>8} {'redrawn':>8} {'failed':>7} {'placed':>7} {'asked':>6}")
    for name, options in cases().items():
        row = figures(name, options, scenes)
        rows.append(row)
        print(line(row), flush=True)
    WORK.mkdir(exist_ok=True)
    write_json(WORK / "layouts.json", {"scenes": scenes, "layouts": rows})


if __name__ == "__main__":
    main()
