"""Trainings that differ in one thing, held against the first: what the benchmarks of detectors share."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cyclorama.cli.training import train_with_progress
from cyclorama.core.sample import Dataset
from cyclorama.dataset import read_dataset
from cyclorama.detect.judging.comparison import Difference, compare
from cyclorama.detect.judging.folder import read_evaluation
from cyclorama.detect.run import Run
from cyclorama.detect.settings import TrainSettings
from reality import Ledger, interval, judge, markdown

HEADS = ("", "AP [95 %] on photographs", "AP50", "AP more [95 %]", "AP on unseen renders", "CPU s")


@dataclass(frozen=True)
class Variant:
    """One training.

    Attributes:
        renders: Dataset that is trained on.
        unseen: Other renders of its kind.
    """

    renders: Path
    unseen: Path
    settings: TrainSettings


@dataclass(frozen=True)
class Measured:
    """Variants' scores.

    Attributes:
        found: Name -> scores on "photographs" and "unseen" renders, folder and CPU seconds.
        more: Name -> how much more AP on photographs than the first has, paired; not of the first.
    """

    found: Mapping[str, Mapping[str, Any]]
    more: Mapping[str, Difference]

    def table(self) -> str:
        """Markdown."""
        return markdown(HEADS, [self._row(name) for name in self.found])

    def _row(self, name: str) -> tuple[object, ...]:
        scores = self.found[name]
        more, bounds = self.more.get(name, (None, None))
        return (
            name,
            interval(scores["photographs"], "ap"),
            f"{scores['photographs']['ap50']:.3f}",
            "" if bounds is None else f"{more:+.3f} [{bounds[0]:+.3f}, {bounds[1]:+.3f}]",
            f"{scores['unseen']['ap']:.3f}",
            f"{scores['train_s']:.0f}",
        )


def measure(variants: Mapping[str, Variant], photographs: Dataset, work: Path) -> Measured:
    """Train and judge each variant that is not done; the first is what the others are held against."""
    found = {name: _measured(name, variant, photographs, work) for name, variant in variants.items()}
    comparison = compare({name: read_evaluation(Path(f["folder"]) / "photographs") for name, f in found.items()})
    return Measured(found, dict(zip(comparison.names[1:], (m["ap"] for m in comparison.more), strict=True)))


def _measured(name: str, variant: Variant, photographs: Dataset, work: Path) -> dict[str, Any]:
    folder = work / name.replace(" ", "_").replace(",", "")
    ledger = Ledger(folder / "steps.json")
    print(f"-- {name}")
    ledger.step("train", lambda: train_with_progress(variant.renders, folder / "run", variant.settings))
    changed, own, theirs = variant.settings.resolved().first_change(Run.read(folder / "run").settings)
    if changed:
        raise SystemExit(
            f"{folder}: was trained with {changed} {theirs}, not {own}; remove the folder to train it anew"
        )
    ledger.step("photographs", lambda: judge(folder / "run", photographs, folder / "photographs"))
    ledger.step("unseen", lambda: judge(folder / "run", read_dataset(variant.unseen), folder / "unseen"))
    scores = {what: json.loads((folder / what / "scores.json").read_text()) for what in ("photographs", "unseen")}
    return {**scores, "folder": str(folder), "train_s": ledger.cpu_s["train"]}
