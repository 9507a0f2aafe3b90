"""Which renders teach most: presets against each other, and engines, with as many images and training steps of each.

    python benchmarks/reality.py                 # first: gives the renders of both engines
    python benchmarks/renders.py                 # 300 images and 300 steps each; goes on where it stopped
    python benchmarks/renders.py --only presets  # or engines
    python benchmarks/renders.py --quick         # after reality.py --quick; its scores mean nothing

Presets: LM-O's objects, the same models of distractors, environments, photographs and camera's angle of view; all else,
distance and clutter among it, is the preset's. Beside them the recipe that was written for these photographs. Engines:
the first images of each engine's case, which show the same scenes. Prints tables and writes renders.json into the work
folder.
"""

import argparse
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import yaml

from cyclorama.cli.verbs.generate import generate_with_progress
from cyclorama.core.progress import silent
from cyclorama.dataset import read_dataset
from cyclorama.dataset.files import write_json
from cyclorama.dataset.formats.coco import Coco
from cyclorama.detect.settings import TrainSettings
from cyclorama.generate.cores import suitable_workers
from cyclorama.scene import load_recipe
from reality import CASES, DATA, ROOT, WEIGHTS
from variants import Measured, Variant, measure

DETECTOR = "yolox_nano"
RECIPE = ROOT / "examples" / "lmo" / "lmo.yaml"
PRESETS = ("tabletop", "floating", "layered", "synthdet", "room")
ENGINES = {"cards": ("cards_raster", "cards"), "lmo": ("lmo_raster", "lmo")}


def presets(images: int, unseen: int, settings: TrainSettings, data: Path, work: Path) -> Measured:
    """Of LM-O's objects in each preset's scenes, and in those of the recipe that was written for them."""
    variants = {}
    for name in ("own recipe", *PRESETS):
        folder = work / name.replace(" ", "_")
        path = RECIPE if name == "own recipe" else preset(name, data, folder, images)
        for part, count, seed in (("renders", images, 0), ("unseen_renders", unseen, 1)):
            render(path, folder / part, count, seed)
        variants[name] = Variant(folder / "renders", folder / "unseen_renders", settings)
    return measure(variants, read_dataset(data / CASES["lmo"].photographs), work)


def preset(name: str, data: Path, folder: Path, images: int) -> Path:
    """A recipe of LM-O's objects and camera in a preset's scenes."""
    own = yaml.safe_load(RECIPE.read_text())
    targets = [target | {"model": str((RECIPE.parent / target["model"]).resolve())} for target in own["targets"]]
    recipe = {
        "extends": name,
        "name": name,
        "targets": targets,
        "camera": {"fov_deg": own["camera"]["fov_deg"]},
        "environment": {"maps": ["builtin", str(data / "hdri")]},
        "distractors": {"models": ["builtin", str(data / "distractors")]},
        "ground": {"photos": [str(data / "backgrounds")]},
        "backdrop": {"photos": ["builtin", str(data / "backgrounds")]},
    }
    if name == "layered":
        recipe["layout"] = {"kind": "layered", "curriculum_scenes": images}
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(recipe, sort_keys=False))
    return path


def render(path: Path, folder: Path, count: int, seed: int) -> None:
    """Images of a recipe, in the size and quality of the rasterized case."""
    recipe = load_recipe(path, [*CASES["lmo_raster"].changes, "image.format=jpg"])
    if generate_with_progress(recipe, folder, count=count, seed=seed, workers=suitable_workers(recipe.render.engine)):
        raise SystemExit(f"{folder}: some images could not be rendered; the same command tries them again")


def engines(case: str, images: int, settings: TrainSettings, data: Path, base: Path, work: Path) -> Measured:
    """Of one recipe, rasterized and path-traced: the same scenes."""
    variants = {
        name: Variant(first_images(base / taken, images, work / name / "renders"), base / taken / "unseen", settings)
        for name, taken in zip(("rasterized", "path-traced"), ENGINES[case], strict=True)
    }
    return measure(variants, read_dataset(data / CASES[case].photographs), work)


def first_images(case: Path, count: int, folder: Path) -> Path:
    """A dataset of a case's first images."""
    if not folder.is_dir():
        if not (case / "unseen").is_dir():
            raise SystemExit(f"{case}: no renders; run first: python benchmarks/reality.py --case {case.name}")
        dataset = read_dataset(case / "renders")
        unfinished = folder.with_name(f"{folder.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        some = replace(dataset, samples=[dataset.samples[i] for i in range(count)], splits={})
        Coco.write(some, unfinished, progress=silent)
        unfinished.rename(folder)
    return folder


def main() -> None:
    """Measure both, or one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("presets", "engines"))
    parser.add_argument("--quick", action="store_true", help="minutes; the scores mean nothing")
    parser.add_argument("--data", type=Path, default=DATA, help="folder with real/, models/ and weights/")
    parser.add_argument("--work", type=Path, default=ROOT / "benchmarks" / "work", help="where everything goes")
    options = parser.parse_args()
    base = options.work / "quick" if options.quick else options.work
    data, work = options.data.resolve(), base / "renders"
    images, unseen, steps = (20, 4, 4) if options.quick else (300, 40, 300)
    settings = TrainSettings(detector=DETECTOR, weights=str(data / WEIGHTS[DETECTOR]), steps=steps, image_size=320)
    tables: dict[str, Callable[[], Measured]] = {}
    if options.only != "engines":
        tables["presets"] = lambda: presets(images, unseen, settings, data, work / "presets")
    if options.only != "presets":
        for case in ENGINES:
            tables[f"engines, {case}"] = lambda case=case: engines(
                case, images, settings, data, base, work / f"engines_{case}"
            )
    results = base / "renders.json"
    found = json.loads(results.read_text())["tables"] if results.is_file() else {}
    for title, table in tables.items():
        measured = table()
        found[title] = asdict(measured)
        print(f"\n{title}\n\n{measured.table()}\n")
    write_json(results, {"images": images, "steps": steps, "detector": DETECTOR, "tables": found})
    print(f"wrote {results}")


if __name__ == "__main__":
    main()
