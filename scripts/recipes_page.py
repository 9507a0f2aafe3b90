"""Writes docs/recipes.md: what recipes are, each preset with its picture, and all keys.

python scripts/recipes_page.py               # the text
python scripts/recipes_page.py --pictures    # the presets' pictures too; a few minutes
python scripts/recipes_page.py --pictures bin shelf
"""

import argparse
import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import numpy as np
from PIL import Image

from cyclorama.core.arrays import ByteArray
from cyclorama.scene import preset_names
from cyclorama.scene.influences import INFLUENCES
from cyclorama.scene.reference import reference
from cyclorama.view.sheet import contact_sheet

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE, PICTURES = DOCS / "recipes.md", DOCS / "images" / "presets"
WIDTH_PX, TILES = 1000, 8
# Size and distance of the images in a picture, and which of them, column and row, stands for all.
TILE_PX, STEP_PX = (246, 184), (252, 188)
SHOWN, ALSO_SHOWN = (2, 0), {"bin": (3, 1), "room": (1, 1), "layered": (1, 1)}
# As a reader meets them; what is not named comes last.
ORDER = (
    "floating", "tabletop", "bin", "stack", "shelf", "conveyor", "layered", "synthdet", "room", "photo", "hdri", "bop",
    "cup-baseline", "cup-room", "cup-pose", "cup-textures", "cup-clutter", "cup-scene",
)  # fmt: skip
# The demo's is tabletop with names of models.
LEFT_OUT = ("demo",)
# The article's is one cup.
CUP = "targets=[{model: 'builtin:mug', category: cup}]"
HEAD = """\
# Recipes

A recipe is a YAML file that says what may vary. Any number may be drawn by chance:

| | a number is | |
|---|---|---|
| `0.4` | always this | |
| `{uniform: [0.4, 1.2]}` | anything between | all alike |
| `{loguniform: [0.1, 10]}` | anything between | as often in .1 .. 1 as in 1 .. 10: for distances and sizes |
| `{normal: [0, 0.4]}` | around the first | the second is the standard deviation; draws are clipped to the range |
| `{area: [10, 80]}` | an elevation in degrees | all places of a shell alike: seldom from straight above |
| `{choice: [1, 2, 5]}` | one of these | |
| `{randint: [1, 4]}` | a whole number | both ends included |

Image *i* depends on the recipe, the models, the seed and *i* alone, and every number that was drawn stands in its
record. A part has its own stream of chance: changing one key moves no other. That is what makes an influence
measurable by itself:

```bash
cyclorama preview cup.yaml -n 16                  # a contact sheet in seconds, and a table of what was drawn
cyclorama preview cup.yaml --set lamps.count=3    # any key, without editing
cyclorama ablate cup.yaml --without light.color --without sensor.blur -p photos/ -o ablation
```

`ablate` renders and trains the whole recipe and each variant, measures all on the same photographs, and prints the
differences with paired intervals. An influence is one of those below, or any key of the recipe that is a number, which
is fixed at its median, or may be left out.

| influence | without it |
|---|---|
INFLUENCES

## Presets

A recipe that says `extends: NAME` starts from one of these and changes what it names; a layout of another kind keeps
the keys that it has too. Each picture is what `cyclorama preview NAME -n 8 --no-labels` draws, with the built-in
models as targets.
"""
KEYS = """
## All keys

What a preset or a recipe does not say is as below. `cyclorama schema` gives the same as a JSON schema, with which an
editor completes and checks recipes; an unknown key is an error that names the nearest one.

"""


def page() -> str:
    """The whole page."""
    influences = "\n".join(_influence(name) for name in INFLUENCES)
    shown = "\n\n".join(_preset(name) for name in presets())
    return f"{HEAD.replace('INFLUENCES', influences)}\n{shown}\n{KEYS}{reference()}"


def _influence(name: str) -> str:
    keys = ", ".join(f"`{key}: {json.dumps(value)}`" for key, value in INFLUENCES[name].items())
    return f"| `{name}` | {keys} |"


def presets() -> list[str]:
    """Names in the page's order."""
    names = [name for name in preset_names() if name not in LEFT_OUT]
    return sorted(names, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))


def _preset(name: str) -> str:
    lines = files("cyclorama.scene").joinpath("presets", f"{name}.yaml").read_text("utf-8").splitlines()
    said = " ".join(line[1:].strip() for line in lines if line.startswith("#"))
    keys = "\n".join(line for line in lines if not line.startswith("#"))
    return f"### {name}\n\n{said}\n\n![{name}](images/presets/{name}.jpg)\n\n```yaml\n{keys}\n```"


def draw(name: str) -> None:
    """A preset's picture, as a reader can draw it."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    path = PICTURES / f"{name}.jpg"
    command = [sys.executable, "-m", "cyclorama", "preview", name, "-n", str(TILES), "--no-labels", "-o", str(path)]
    changes = [CUP] if name.startswith("cup-") else []
    subprocess.run([*command, *(f"--set={change}" for change in changes)], check=True)
    sheet = Image.open(path)
    sheet.resize((WIDTH_PX, sheet.height * WIDTH_PX // sheet.width), Image.Resampling.LANCZOS).save(path, quality=82)


def draw_overview() -> None:
    """One image of each preset but the cup's, from their pictures, for the README."""
    shown = [name for name in presets() if not name.startswith("cup-")]
    sheet = contact_sheet([_tile(name) for name in shown], columns=4, width=WIDTH_PX)
    Image.fromarray(sheet).save(PICTURES.with_suffix(".jpg"), quality=82)


def _tile(name: str) -> ByteArray:
    column, row = ALSO_SHOWN.get(name, SHOWN)
    x, y = column * STEP_PX[0], row * STEP_PX[1]
    return np.asarray(Image.open(PICTURES / f"{name}.jpg").crop((x, y, x + TILE_PX[0], y + TILE_PX[1])))


def main() -> None:
    """Write, and draw if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", nargs="*", metavar="NAME", help="draw all presets, or these")
    options = parser.parse_args()
    for name in [] if options.pictures is None else options.pictures or presets():
        draw(name)
    if options.pictures is not None:
        draw_overview()
    PAGE.write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
