"""Where the CPU seconds of a new picture go in the cycles engine: 20 new things, new textures and a new map each time.

    python benchmarks/cycles_profile.py
    python benchmarks/cycles_profile.py --quick    # 2 scenes instead of 10, at 128 x 128

Prints a table and writes cycles_profile.json into the work folder. What Blender does before the first path is measured
by a picture of 8 x 8 pixels cut from the middle of the same view, denoising by the difference that it makes.
Reading files is not in it: the library has them in memory.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import wraps
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from cyclorama.core.render import RenderSettings
from cyclorama.core.scene import Camera, Scene
from cyclorama.dataset.files import write_json
from cyclorama.render.engines.cycles import Cycles, engine, textures
from new_scenes import DATA, ROOT, Fresh, crowded, fresh

SAMPLES, EDGE_PX, TINY_PX = 8, 512, 8
# Functions of which each part of the work is made.
PARTS: dict[str, list[tuple[Any, str]]] = {
    "our meshes": [(engine, "new_mesh")],
    "our textures": [
        (textures, "edges_per_m"),
        (textures, "spare_halvings"),
        (textures, "halved"),
        (textures.ImageMaker, "of_bytes"),
    ],
    "our materials": [(engine, "new_material")],
    "our environment": [(textures, "_lighting_copy"), (textures.ImageMaker, "of_light"), (engine.World, "show")],
    "our objects, lamps, camera": [(Cycles, "_build")],
    "clearing": [(Cycles, "_clear")],
}


class Clock:
    """CPU seconds of this process, by part; what a part calls of another part counts there only."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._inner: list[float] = []

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, its time counted."""

        @wraps(function)
        def counted(*args: Any, **kwargs: Any) -> Any:
            start = time.process_time()
            self._inner.append(0.0)
            try:
                return function(*args, **kwargs)
            finally:
                spent = time.process_time() - start
                self.seconds[part] += spent - self._inner.pop()
                if self._inner:
                    self._inner[-1] += spent

        return counted


@contextmanager
def clocked() -> Iterator[Clock]:
    """Within the block the engine's parts are timed."""
    clock, kept = Clock(), []
    for part, functions in PARTS.items():
        for owner, name in functions:
            kept.append((owner, name, getattr(owner, name)))
            setattr(owner, name, clock.timed(part, getattr(owner, name)))
    try:
        yield clock
    finally:
        for owner, name, function in kept:
            setattr(owner, name, function)


def middle_of(scene: Scene) -> Scene:
    """A few pixels from the middle of the same view."""
    camera, half = scene.camera, TINY_PX / 2
    k = camera.k.copy()
    k[:2, 2] -= [camera.width / 2 - half, camera.height / 2 - half]
    return replace(scene, camera=Camera(TINY_PX, TINY_PX, k, camera.world_from_camera))


def rendered(cycles: Cycles, scene: Scene, *, samples: int, denoised: bool) -> dict[str, float]:
    """CPU seconds by part of one picture; "Blender" is what its own function took."""
    import bpy

    bpy.context.scene.cycles.samples = samples
    bpy.context.scene.cycles.use_denoising = denoised
    with clocked() as clock:
        start = time.process_time()
        cycles.render(scene)
        total = time.process_time() - start
    return {**clock.seconds, "Blender": total - sum(clock.seconds.values()), "total": total}


def profiled(cycles: Cycles, scene: Scene) -> dict[str, float]:
    """CPU seconds by part of one new picture."""
    before = rendered(cycles, fresh_again(middle_of(scene), "tiny"), samples=1, denoised=False)["Blender"]
    raw = rendered(cycles, fresh_again(scene, "raw"), samples=SAMPLES, denoised=False)["Blender"]
    parts = rendered(cycles, fresh_again(scene, "denoised"), samples=SAMPLES, denoised=True)
    whole, total = parts.pop("Blender"), parts.pop("total")
    return {
        **parts,
        "Blender: copying, BVH, lights, shaders": before,
        "denoising": whole - raw,
        f"path tracing, {SAMPLES} samples": raw - before,
        "total": total,
    }


def fresh_again(scene: Scene, name: str) -> Scene:
    """The scene under yet other names: nothing of the last picture may be left in Blender."""
    return fresh(scene, f"{name}/{scene.index}")


def preload(library: Fresh, scene: Scene) -> None:
    """Read what the scene names from files."""
    for instance in scene.instances:
        library.model(instance.model)
        if instance.surface.texture:
            library.image(instance.surface.texture)
    library.environment(scene.environment.map)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="2 scenes at 128 x 128 instead of 10 at 512 x 512")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--work", type=Path, default=ROOT / "benchmarks" / "work")
    options = parser.parse_args()
    edge, count = (128, 2) if options.quick else (EDGE_PX, 10)
    library, scenes = crowded(options.data, edge, edge, count + 1)
    cycles = Cycles(library, RenderSettings("cycles", "draft", device="cpu", threads=2))
    for scene in scenes:
        preload(library, scene)
    cycles.render(middle_of(scenes[0]))  # Blender's first picture takes longer.
    found = [profiled(cycles, scene) for scene in scenes[1:]]
    table = {part: median(f[part] for f in found) for part in found[0]}
    triangles = np.median([sum(len(library.model(i.model).faces) for i in s.instances) for s in scenes[1:]])
    print(f"medians of {count} pictures of {edge} x {edge}; {triangles:,.0f} triangles\n")
    print("| part | CPU s | share |\n|---|---|---|")
    for part, seconds in table.items():
        print(f"| {part} | {seconds:.3f} | {seconds / table['total']:.1%} |")
    write_json(options.work / "cycles_profile.json", {"edge_px": edge, "pictures": count, "cpu_s": table})


if __name__ == "__main__":
    main()
