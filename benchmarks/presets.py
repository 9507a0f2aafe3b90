"""What each preset's scenes cost and how their targets are seen, beside what the preset asks for.

    python benchmarks/presets.py
    python benchmarks/presets.py --quick          # fewer scenes
    python benchmarks/presets.py bin shelf        # these

The demo's models are the targets. Per preset: milliseconds of CPU to sample a scene, layouts that were drawn for each
scene that came of them, targets placed of those asked for (shelf and stack make several of each), and, by the ray
caster, how much of each target is beyond the border and how much of the rest is visible. The first scene, which loads
models and takes them apart, does not count. Prints a table; writes presets.json into the work folder.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from cyclorama.core.frame import Frame
from cyclorama.core.plugins import plugin
from cyclorama.core.scene import Scene
from cyclorama.dataset.files import write_json
from cyclorama.label.objects.visibility import Visibility
from cyclorama.render.geometry import Caster
from cyclorama.scene import Assets, gather, load_recipe, preset_names, sample_scene
from cyclorama.scene.layout import LAYOUTS

WORK = Path(__file__).parent / "work"
HEADS = (
    "preset",
    "CPU ms",
    "drawn",
    "targets",
    "max_crop",
    "beyond the border: median, tenth, most",
    "visible: median, least tenth",
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


def figures(name: str, count: int) -> dict[str, Any]:
    """One preset's row."""
    recipe = load_recipe(name, ["views_per_scene=1"], targets=load_recipe("demo").targets)
    assets = gather(recipe)
    sample_scene(recipe, assets, seed=1, index=0)
    with counted(plugin(LAYOUTS, recipe.layout.kind)) as calls:
        start = time.process_time()
        scenes = [sample_scene(recipe, assets, seed=0, index=index) for index in range(count)]
        seconds = time.process_time() - start
        drawn = calls() / count
    placed, asked = (sum(scene.draws[f"layout.{key}"] for scene in scenes) for key in ("placed", "asked"))
    seen = seen_targets(scenes, assets)
    return {
        "preset": name,
        "cpu_ms": 1e3 * seconds / count,
        "drawn": drawn,
        "placed": placed,
        "asked": asked,
        "max_crop": recipe.layout.max_crop,
        "truncation": quantiles([v.truncation for v in seen], (0.5, 0.9, 1.0)),
        "visible": quantiles([v.fraction for v in seen if v.amodal_px], (0.5, 0.1)),
    }


def seen_targets(scenes: list[Scene], assets: Assets) -> list[Visibility]:
    """How each target of some scenes is seen."""
    caster = Caster(assets.library)
    blank = np.zeros((scenes[0].camera.height, scenes[0].camera.width, 3), np.uint8)
    frames = (Frame(scene, blank, caster.cast(scene)) for scene in scenes)
    return [Visibility.measure(frame, instance) for frame in frames for instance in frame.scene.labelled]


def quantiles(values: list[float], at: tuple[float, ...]) -> list[float]:
    """Of the values; nothing of none."""
    return [float(q) for q in np.quantile(values, at)] if values else []


def line(row: dict[str, Any]) -> str:
    """A row of the table."""
    truncation, visible = (", ".join(f"{v:.2f}" for v in row[key]) for key in ("truncation", "visible"))
    targets = f"{row['placed']} of {row['asked']}"
    cells = (
        row["preset"],
        f"{row['cpu_ms']:.0f}",
        f"{row['drawn']:.2f}",
        targets,
        row["max_crop"],
        truncation,
        visible,
    )
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="of presets; by default all")
    parser.add_argument("--quick", action="store_true", help="fewer scenes")
    options = parser.parse_args()
    scenes = 5 if options.quick else 40
    rows = []
    print(f"| {' | '.join(HEADS)} |\n|{'---|' * len(HEADS)}")
    for name in options.names or preset_names():
        rows.append(figures(name, scenes))
        print(line(rows[-1]), flush=True)
    WORK.mkdir(exist_ok=True)
    write_json(WORK / "presets.json", {"scenes": scenes, "presets": rows})


if __name__ == "__main__":
    main()
