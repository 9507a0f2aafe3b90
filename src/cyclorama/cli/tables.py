"""Results as tables on the terminal."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from cyclorama.detect.judging.advice import advice
from cyclorama.detect.results import FIGURES, Evaluation
from cyclorama.view.judging_sections import latency_sentence

# Columns of what is no terminal.
WIDTH = 120
# Headings of columns of numbers.
NUMBERS = ("least", "median", "most", "AP", "AP50", "AP75", "AR@100", "AP more", "objects", "effect")


def score_table(evaluation: Evaluation) -> None:
    """Print the scores with their intervals, per class and by size, and what costs most."""
    scores = evaluation.scores
    what = "photographs" if scores.kind == "real" else "RENDERED images: says nothing about photographs"
    table = Table(title=f"{scores.images} {what}, {scores.boxes} boxes")
    for heading in ("", "value", "95 % interval", "AP50", "objects"):
        table.add_column(heading, justify="left" if not heading else "right")
    for key, name in FIGURES.items():
        table.add_row(name, f"{getattr(scores, key):.3f}", _interval(scores.intervals[key]))
    table.add_section()
    for c in scores.classes:
        table.add_row(f"AP {c.name}", f"{c.ap:.3f}", _interval(c.interval), f"{c.ap50:.3f}", str(c.objects))
    table.add_section()
    for s in (*scores.sizes, *scores.visibilities):
        if s.objects:
            table.add_row(f"AP {s.name}", f"{s.ap:.3f}", "", f"{s.ap50:.3f}", str(s.objects))
    console().print(table)
    for sentence in _remarks(evaluation):
        print(sentence)


def _remarks(evaluation: Evaluation) -> Iterator[str]:
    scores = evaluation.scores
    if scores.background:
        yield f"{scores.background} images have no annotation and count as background"
    if scores.unscored:
        yield f"not scored, because the detector doesn't know them: {', '.join(scores.unscored)}"
    if scores.absent:
        yield f"on none of the images, so in no figure: {', '.join(scores.absent)}"
    if evaluation.latency:
        yield latency_sentence(evaluation.latency)
    if scores.classes:
        yield advice(scores.errors)


def _interval(bounds: tuple[float, float]) -> str:
    return f"{bounds[0]:.3f} .. {bounds[1]:.3f}"


def console() -> Console:
    """As wide as the terminal; where it is none, wide enough."""
    return Console(width=None if sys.stdout.isatty() else WIDTH)


def plain_table(*headings: str) -> Table:
    """A table without lines, whose numbers stand right."""
    table = Table(box=None, pad_edge=False)
    for number, heading in enumerate(headings):
        is_number = heading in NUMBERS
        is_last = number == len(headings) - 1
        table.add_column(heading, justify="right" if is_number else "left", no_wrap=not is_last)
    return table


def ablation_table(rows: Sequence[Mapping[str, Any]], *, kind: str, images: int, seeds: int) -> None:
    """Print what is lost without each influence; the first row is the whole recipe."""
    what = "photographs" if kind == "real" else "RENDERED images: says nothing about photographs"
    table = plain_table(f"{images} {what}", "AP", "AP50", "AP more", "95 % interval")
    for row in rows:
        ap, ap50 = (f"{np.mean(row[key]):.3f}" for key in ("ap", "ap50"))
        if "interval" not in row:
            table.add_row("whole recipe", ap, ap50, "", "")
            continue
        low, high = row["interval"]
        sure = "" if low <= 0 <= high else " *"
        table.add_row(
            f"without {row['without']}", ap, ap50, f"{row['difference']:+.3f}", f"{low:+.3f} .. {high:+.3f}{sure}"
        )
    console().print(table)
    print("* the interval, which is over images, does not hold 0")
    if seeds == 1:
        print("each was trained once: training again by other chance may differ by as much; --seeds 3 tells")
