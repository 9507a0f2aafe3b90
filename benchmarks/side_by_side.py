"""The same scenes by both engines, for a person to compare: a picture, one row for each engine.

Writes docs/images/engines.jpg, in about five minutes on 2 slow cores; `--quick` only small pictures in the work folder.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from cyclorama.cli.verbs.generate import generate_with_progress
from cyclorama.core.arrays import ByteArray
from cyclorama.dataset import read_dataset
from cyclorama.scene import load_recipe

ROOT = Path(__file__).resolve().parents[1]
# Engine, and the overrides under which it shows what it can.
ENGINES = {"cycles": ["render.samples=64"], "raster": ["render.quality=good"]}
TABLETOP = ["camera.distance_m.uniform=[0.45,0.7]", "camera.elevation_deg.uniform=[15,50]"]
RECIPES = {
    "tabletop": TABLETOP,
    "floating": ["layout.kind=floating", "layout.count=6", "backdrop.photo=0", "backdrop.color=0"],
}
SEED = 4
CAPTION_PX = 26


def pictures(name: str, changes: list[str], engine: str, work: Path, *, count: int, size_px: int) -> list[ByteArray]:
    """(size, size, 3) sRGB pictures of the first scenes of a recipe."""
    edges = [f"image.width={size_px}", f"image.height={size_px}", "sensor.noise_sigma=0", "sensor.blur_sigma_px=0"]
    recipe = load_recipe("demo", [*changes, *edges, f"render.engine={engine}", *ENGINES[engine]])
    folder = work / f"{name}_{engine}_{size_px}"
    if generate_with_progress(recipe, folder, count=count, seed=SEED, workers=1):
        raise SystemExit(f"{folder}: some images could not be rendered")
    return [sample.load_image() for sample in read_dataset(folder).samples]


def captioned(picture: ByteArray, text: str) -> ByteArray:
    """The picture under a line of text."""
    line = np.full((CAPTION_PX, picture.shape[1], 3), 255, np.uint8)
    cv2.putText(line, text, (6, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.55, (40, 40, 40), 1, cv2.LINE_AA)
    return np.vstack([line, picture])


def main() -> None:
    """Render and put together."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one small scene of each recipe")
    parser.add_argument("--work", type=Path, default=ROOT / "benchmarks" / "work" / "side_by_side")
    options = parser.parse_args()
    count, size_px = (1, 96) if options.quick else (2, 384)
    rows = []
    for engine in ENGINES:
        shots = [
            shot
            for name, changes in RECIPES.items()
            for shot in pictures(name, changes, engine, options.work, count=count, size_px=size_px)
        ]
        rows.append(captioned(np.hstack(shots), engine))
    out = options.work / "quick.jpg" if options.quick else ROOT / "docs" / "images" / "engines.jpg"
    cv2.imwrite(str(out), np.vstack(rows)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])
    print(f"look at {out}")


if __name__ == "__main__":
    main()
