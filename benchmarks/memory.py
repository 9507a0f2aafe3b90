"""Memory of a process that makes image after image, of which each has new models, materials and a new map.

    python benchmarks/memory.py --engine cycles --images 200
    python benchmarks/memory.py --engine raster --images 1000

Pictures are tiny and, where an engine counts them, of one sample: what stays behind does not depend on that. Prints a
table; writes memory_ENGINE.json and the curve, memory_ENGINE.png, into the work folder.
"""

import argparse
import os
from pathlib import Path

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.plugins import plugin
from cyclorama.core.render import ENGINES, RenderSettings
from cyclorama.dataset.files import write_json
from cyclorama.generate.memory import IMAGES_BETWEEN, give_memory_back
from cyclorama.render.frame import render_frame
from cyclorama.render.geometry import Caster
from cyclorama.scene import gather, sample_scene
from new_scenes import DATA, ROOT, Fresh, crowded_recipe, fresh

EDGE_PX = 64


def resident_mb() -> float:
    """What this process has in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def measured(engine: str, images: int, data: Path) -> FloatArray:
    """(images,) MB in memory after each image."""
    recipe = crowded_recipe(data, EDGE_PX, EDGE_PX)
    assets = gather(recipe)
    library = Fresh(assets.library)
    renderer = plugin(ENGINES, engine)(library, RenderSettings(engine, "draft", samples=1, device="cpu"))
    caster = Caster(library)
    curve = []
    for index in range(images):
        scene = sample_scene(recipe, assets, seed=0, index=index)
        render_frame(fresh(scene, str(index)), renderer, caster, library)
        if index % IMAGES_BETWEEN == 0:
            give_memory_back()
        curve.append(resident_mb())
    return np.array(curve)


def slope_mb(curve: FloatArray) -> float:
    """MB more for each thousand images, fitted to the second half: by then all caches are full."""
    later = curve[len(curve) // 2 :]
    return float(np.polyfit(np.arange(len(later)), later, 1)[0] * 1000)


def draw(curve: FloatArray, engine: str, path: Path) -> None:
    """The curve as a picture."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(np.arange(1, len(curve) + 1), curve, linewidth=1)
    axes.set(xlabel="images", ylabel="resident memory, MB", title=engine, ylim=(0, None), xlim=(0, len(curve)))
    figure.savefig(path, dpi=120)


def main() -> None:
    """Measure, print, write, draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", default="cycles")
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--quick", action="store_true", help="20 images")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--work", type=Path, default=ROOT / "benchmarks" / "work")
    options = parser.parse_args()
    curve = measured(options.engine, 20 if options.quick else options.images, options.data)
    options.work.mkdir(parents=True, exist_ok=True)
    print("| after images | MB |\n|---|---|")
    for image in sorted({1, *np.linspace(0, len(curve), 6, dtype=int)[1:].tolist()}):
        print(f"| {image} | {curve[image - 1]:.0f} |")
    print(f"\nsecond half: {slope_mb(curve):+.0f} MB for each thousand images; most: {curve.max():.0f} MB")
    name = f"memory_{options.engine}"
    write_json(options.work / f"{name}.json", {"mb": curve.tolist(), "slope_mb_per_1000": slope_mb(curve)})
    draw(curve, options.engine, options.work / f"{name}.png")


if __name__ == "__main__":
    main()
