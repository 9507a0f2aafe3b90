"""What labels cost: 40 objects of 600,000 triangles at 512 x 512, in milliseconds of CPU, and how that grows.

    python benchmarks/labels.py
    python benchmarks/labels.py --quick     # fewer repetitions, no large scenes

Prints a table and writes labels.json into the work folder. Hierarchies are built once per model, not per scene, so
they are timed apart. Every object has a category, and so a silhouette; behind them stands a plane that has none.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import trimesh

from cyclorama.assets import builtin
from cyclorama.core.frame import Frame
from cyclorama.core.geometry import intrinsics, random_rotation, rigid
from cyclorama.core.model import Model
from cyclorama.core.plugins import plugins
from cyclorama.core.scene import Camera, Instance, Scene
from cyclorama.dataset.files import as_json, write_json
from cyclorama.dataset.store import Header, Store, annotation_to_plain, encoded_image
from cyclorama.label.annotate import annotate
from cyclorama.render.geometry import Caster

WORK = Path(__file__).parent / "work"
SHAPES = ("mug", "bottle", "box", "die")
MAPS = ("instances", "depth", "normals")
DEPTH_RANGE_M, RADIUS_RANGE = (0.8, 1.6), (0.05, 0.12)
SIZES_PX, COUNTS, SUBDIVISIONS = (256, 512, 1024), (10, 20, 40, 80), (0, 1, 2)


class Shelf:
    """A library of models in memory."""

    def __init__(self, models: Sequence[Model]) -> None:
        self._models = {m.id: m for m in models}

    def model(self, id: str) -> Model:
        """The model with that id."""
        return self._models[id]


def shelf(count: int, subdivisions: int) -> Shelf:
    """``count`` models, each with a hierarchy of its own, and the plane behind them."""
    shapes = [subdivided(builtin.model(name, name), subdivisions) for name in SHAPES]
    square = [[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]
    plane = Model("plane", "plane", np.array(square, float), np.array([[0, 1, 2], [0, 2, 3]]), np.ones((4, 3)))
    return Shelf([*(replace(shapes[i % len(shapes)], id=f"object-{i}") for i in range(count)), plane])


def subdivided(model: Model, times: int) -> Model:
    """Every triangle becomes four, ``times`` times."""
    vertices, faces = model.vertices_m, model.faces
    for _ in range(times):
        vertices, faces = trimesh.remesh.subdivide(vertices, faces)
    normals = trimesh.Trimesh(vertices, faces, process=False).vertex_normals
    return Model(model.id, model.name, vertices, faces, normals)


def scene_of(library: Shelf, count: int, size_px: int) -> Scene:
    """Objects anywhere in the picture, cut by its border too, of 10 to 24 % of its width."""
    rng = np.random.default_rng(0)
    camera = Camera(size_px, size_px, intrinsics(size_px, size_px, 0.9), np.eye(4))
    plane = Instance(count + 1, "plane", rigid(np.eye(3), [0, 0, 2]), layer="ground", scale=(2, 2, 1))
    return Scene(0, 0, camera, (*(_placed(i, library, camera, rng) for i in range(count)), plane))


def _placed(number: int, library: Shelf, camera: Camera, rng: np.random.Generator) -> Instance:
    model = library.model(f"object-{number}")
    depth_m, radius = rng.uniform(*DEPTH_RANGE_M), rng.uniform(*RADIUS_RANGE)
    centre_m = depth_m * np.linalg.inv(camera.k) @ [*rng.uniform(0, camera.width, 2), 1]
    scale = radius * camera.width / camera.k[0, 0] * depth_m / model.radius_m
    turn = random_rotation(rng)
    pose = rigid(turn, centre_m - scale * turn @ model.center_m)
    return Instance(number + 1, model.id, pose, category=model.name, scale=(scale, scale, scale))


def cpu_ms(call: Callable[[], Any], repetitions: int) -> float:
    """Median CPU time of all threads, milliseconds, of a call that has run once before."""
    call()
    return 1e3 * float(np.median([_cpu_s(call) for _ in range(repetitions)]))


def _cpu_s(call: Callable[[], Any]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def header() -> Header:
    """Of a store that holds every kind of label and the usual maps."""
    return Header(
        tuple(SHAPES), "", seed=0, image_format="jpg", labels=tuple(plugins("cyclorama.label.objects")), maps=MAPS
    )


def labelled(frame: Frame) -> tuple[Any, ...]:
    """Annotations of all kinds."""
    return annotate(frame, labels=header().labels, min_visible_fraction=0.1, min_size_px=4)


def figures(count: int, size_px: int, subdivisions: int, repetitions: int) -> dict[str, float]:
    """Milliseconds of CPU of every step from a scene to its labels."""
    library = shelf(count, subdivisions)
    scene = scene_of(library, count, size_px)
    caster = Caster(library)
    build_s = _cpu_s(lambda: caster.cast(scene))
    geometry = caster.cast(scene)
    frame = Frame(scene, picture(size_px), geometry)
    annotations = labelled(frame)
    cast, labels = (cpu_ms(call, repetitions) for call in (lambda: caster.cast(scene), lambda: labelled(frame)))
    return {
        "objects": count,
        "size_px": size_px,
        "triangles": sum(len(library.model(i.model).faces) for i in scene.instances),
        "silhouette_px": sum(int(np.count_nonzero(s.mask)) for s in geometry.silhouettes.values()),
        "build_ms": 1e3 * build_s - cast,
        "cast_ms": cast,
        "annotate_ms": labels,
        "cast_and_annotate_ms": cast + labels,
        "to_json_ms": cpu_ms(lambda: [json.dumps(annotation_to_plain(a)) for a in annotations], repetitions),
    }


def picture(size_px: int) -> Any:
    """(H, W, 3) uint8 that compresses about as a rendered picture does: smooth light and a little noise."""
    rng = np.random.default_rng(1)
    y, x = np.mgrid[:size_px, :size_px] / size_px
    light = np.stack([128 + 100 * np.sin(7 * x + 3 * y + c) * np.cos(5 * y - c) for c in range(3)], -1)
    return np.clip(light + rng.normal(0, 2, light.shape), 0, 255).astype(np.uint8)


def writing(count: int, size_px: int, repetitions: int) -> dict[str, float]:
    """Milliseconds of CPU, and bytes, of encoding and writing one frame."""
    library = shelf(count, 1)
    scene = scene_of(library, count, size_px)
    frame = Frame(scene, picture(size_px), Caster(library).cast(scene))
    annotations, found = labelled(frame), {}
    for name, kind in plugins("cyclorama.label.maps").items():
        found[f"{name}_ms"] = cpu_ms(lambda kind=kind: kind.encode(kind.measure(frame)), repetitions)
        found[f"{name}_bytes"] = len(kind.encode(kind.measure(frame)))
    for format in ("jpg", "png"):
        found[f"{format}_ms"] = cpu_ms(lambda format=format: encoded_image(frame.rgb, format), repetitions)
        found[f"{format}_bytes"] = len(encoded_image(frame.rgb, format))
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder), header())
        found["record_ms"] = cpu_ms(lambda: as_json(store.record(frame, annotations)), repetitions)
        found["record_bytes"] = len(as_json(store.record(frame, annotations)))
        found["write_ms"] = cpu_ms(lambda: store.write(frame, annotations), repetitions)
    return found


def table(rows: Sequence[dict[str, float]]) -> str:
    """Rows of figures under their names."""
    names = list(rows[0])
    widths = [max(len(n), 9) for n in names]
    lines = ["  ".join(n.rjust(w) for n, w in zip(names, widths, strict=True))]
    lines += ["  ".join(f"{r[n]:,.4g}".rjust(w) if abs(r[n]) < 1e3 else f"{r[n]:,.0f}".rjust(w)
                        for n, w in zip(names, widths, strict=True)) for r in rows]  # fmt: skip
    return "\n".join(lines)


def main() -> None:
    """Measures, prints, writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, no large scenes")
    quick = parser.parse_args().quick
    repetitions = 5 if quick else 15
    cases = [(40, 512, 1)]
    if not quick:
        cases += [(40, size, 1) for size in SIZES_PX if size != 512]
        cases += [(count, 512, 1) for count in COUNTS if count != 40]
        cases += [(40, 512, times) for times in SUBDIVISIONS if times != 1]
    rows = []
    for case in cases:
        rows.append(figures(*case, repetitions))
        print(table(rows[-1:]), flush=True)
    print(table(rows))
    written = writing(40, 512, repetitions)
    print("\n".join(f"{name:>20} {value:>12,.1f}" for name, value in written.items()))
    WORK.mkdir(exist_ok=True)
    write_json(WORK / "labels.json", {"scenes": rows, "writing": written})


if __name__ == "__main__":
    main()
