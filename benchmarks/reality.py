"""From 3D models to a score on photographs: playing cards and LM-O, every step timed in CPU seconds.

    python benchmarks/reality.py                  # both cases; about two hours on 2 slow cores, resumable
    python benchmarks/reality.py --case cards     # one of them
    python benchmarks/reality.py --quick          # minutes: checks that the way is whole, its scores mean nothing

Prints a table, and writes reality.json into the work folder.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"
FOLDS = 3


@dataclass(frozen=True)
class Case:
    """One kind of object.

    Attributes:
        recipe: Path in examples/.
        photographs: Path in the data folder.
        changes: Overrides of the recipe.
        images: Renders.
        unseen: Further renders, on which the detector is measured too.
        image_size: Shorter side in pixels for the detector.
        steps: Training steps of four images.
        real_steps: Training steps of each fold on photographs only; 0 leaves that out.
    """

    recipe: str
    photographs: str
    changes: tuple[str, ...]
    images: int
    unseen: int
    image_size: int
    steps: int
    real_steps: int


CASES = {
    "cards": Case("playing_cards/cards_shared.yaml", "real/playing_cards/photos", (), 800, 80, 320, 800, 300),
    "lmo": Case("lmo/lmo.yaml", "real/lmo", ("image.width=512", "image.height=384"), 400, 40, 384, 450, 0),
}


def cpu_s() -> float:
    """CPU seconds of this process and of its children that have ended."""
    return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


class Ledger:
    """CPU seconds of each step, summed over interruptions."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.seconds: dict[str, float] = json.loads(path.read_text()) if path.is_file() else {}

    def timed(self, name: str, step: Callable[[], Any]) -> Any:
        """The step's result; its time is added to what it took before."""
        begun = cpu_s()
        try:
            return step()
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + cpu_s() - begun
            self._path.write_text(json.dumps(self.seconds, indent=1))


def make_cards(data: Path) -> None:
    """The cards' models, drawn from the two decks, unless they are there."""
    folder = ROOT / "examples" / "playing_cards"
    if not (folder / "models" / "decks.yaml").is_file():
        decks = sorted(p for p in (data / "real/playing_cards/models").iterdir() if p.is_dir())
        subprocess.run([sys.executable, folder / "make_models.py", *decks], check=True)


def render(case: Case, folder: Path, count: int, *, seed: int, workers: int) -> None:
    """Renders of a case."""
    from cyclorama.cli.verbs.generate import generate_with_progress
    from cyclorama.scene import load_recipe

    recipe = load_recipe(str(ROOT / "examples" / case.recipe), list(case.changes))
    generate_with_progress(recipe, folder, count=count, seed=seed, workers=workers)
