"""Results as tables on the terminal."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from cyclorama.detect.results import FIGURES, Evaluation

# Columns of what is no terminal.
WIDTH = 120
# Headings of columns of numbers.
NUMBERS = ("least", "median", "most", "AP", "AP50", "AP more")


def score_table(evaluation: Evaluation) -> None:
    """Print the scores with their intervals, and AP per class."""
    scores = evaluation.scores
    what = "photographs" if scores.kind == "real" else "RENDERED images: says nothing about photographs"
    table = Table(title=f"{scores.images} {what}, {scores.boxes} boxes")
    for heading in ("", "value", "95 % interval"):
        table.add_column(heading, justify="left" if not heading else "right")
    for key, name in FIGURES.items():
        low, high = scores.intervals[key]
        table.add_row(name, f"{getattr(scores, key):.3f}", f"{low:.3f} .. {high:.3f}")
    table.add_section()
    for category, ap in scores.per_class.items():
        table.add_row(f"AP {category}", f"{ap:.3f}", "")
    console().print(table)
    if scores.unscored:
        print(f"not scored, because the detector doesn't know them: {', '.join(scores.unscored)}")


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
