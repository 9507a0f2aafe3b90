"""Results as tables on the terminal."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from cyclorama.core.words import counted
from cyclorama.detect.judging.advice import advice
from cyclorama.detect.judging.comparison import Comparison, is_sure
from cyclorama.detect.judging.gap.advice import sentence
from cyclorama.detect.judging.gap.report import Gap
from cyclorama.detect.results import FIGURES, Evaluation
from cyclorama.view.comparison_page import seen_sentences
from cyclorama.view.gap_page import shared_sentence
from cyclorama.view.judging_sections import (
    NOTHING_TO_FIND,
    figure_rows,
    latency_sentence,
    mask_cells,
    mask_heads,
    seen_sentence,
)

# Columns of what is no terminal.
WIDTH = 120
# Differences between photographs and renders that are told.
MOST_EFFECTS = 5
# Headings of columns of numbers.
NUMBERS = ("least", "median", "most", "AP", "AP50", "AP75", "AR@100", "AP more", "photographs", "renders")


def score_table(evaluation: Evaluation) -> None:
    """Print the scores with their intervals, per class and by size, and what costs most."""
    scores = evaluation.scores
    is_real = scores.kind == "real"
    what, caution = ("photograph", "") if is_real else ("RENDERED image", ": says nothing about photographs")
    table = Table(title=f"{counted(scores.images, what)}, {counted(scores.boxes, 'object')}{caution}")
    for heading in ("", "value", "95 % interval", "AP50", "objects", *mask_heads(scores.classes)):
        table.add_column(heading, justify="left" if not heading else "right")
    for row in figure_rows(scores):
        table.add_row(*row)
    table.add_section()
    for c in scores.classes:
        cells = f"{c.ap:.3f}", _interval(c.interval), f"{c.ap50:.3f}", str(c.objects), *mask_cells(c)
        table.add_row(f"AP {c.name}", *cells)
    table.add_section()
    for p in scores.keypoints.points if scores.keypoints else ():
        table.add_row(f"{p.category}: {p.name} off by", f"{p.mean_px:.1f} px", "", "", str(p.count))
    table.add_section()
    for s in (*scores.sizes, *scores.visibilities):
        if s.objects:
            table.add_row(f"AP {s.name}", f"{s.ap:.3f}", "", f"{s.ap50:.3f}", str(s.objects), *mask_cells(s))
    console().print(table)
    for remark in _remarks(evaluation):
        print(remark)


def _remarks(evaluation: Evaluation) -> Iterator[str]:
    scores = evaluation.scores
    if told := seen_sentence(evaluation):
        yield told
    if not scores.boxes:
        yield NOTHING_TO_FIND
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


def comparison_table(comparison: Comparison) -> None:
    """Print the figures of each, and how much more than the first the others have."""
    scores = comparison.evaluations[0].scores
    what = "photographs" if scores.kind == "real" else "RENDERED images: says nothing about photographs"
    table = plain_table(f"{scores.images} {what}", *FIGURES.values())
    for name, evaluation in zip(comparison.names, comparison.evaluations, strict=True):
        table.add_row(name, *(f"{getattr(evaluation.scores, key):.3f}" for key in FIGURES))
        table.add_row("", *("[{:.3f}, {:.3f}]".format(*evaluation.scores.intervals[key]) for key in FIGURES))
    for name, more in zip(comparison.names[1:], comparison.more, strict=True):
        table.add_row(f"{name}, more", *(f"{more[key][0]:+.3f}{' *' if is_sure(more[key]) else ''}" for key in FIGURES))
        table.add_row("", *("[{:+.3f}, {:+.3f}]".format(*more[key][1]) for key in FIGURES))
    console().print(table)
    print(f"more than {comparison.names[0]}: paired over the same images; * the interval does not hold 0")
    for told in seen_sentences(comparison):
        print(told)


def gap_table(gap: Gap) -> None:
    """Print the scores on photographs and renders, and what differs most."""
    table = plain_table("", "photographs", "renders", "photographs less renders")
    for key, name in FIGURES.items():
        mine, theirs = (f"{getattr(e.scores, key):.3f}" for e in (gap.photographs, gap.renders))
        low, high = gap.more[key][1] if gap.more else (0.0, 0.0)
        table.add_row(name, mine, theirs, f"{gap.more[key][0]:+.3f} [{low:+.3f}, {high:+.3f}]" if gap.more else "")
    console().print(table)
    if told := shared_sentence(gap):
        print(told)
    if gap.photographs.scores.background:
        print(f"{gap.photographs.scores.background} photographs have no annotation and count as background")
    print("what differs most, by effect (0 to 1):")
    for effect in gap.effects[:MOST_EFFECTS]:
        print(f"  {effect.distance:.2f} {sentence(effect)}")


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


def curve_table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print what photographs beside renders are worth."""
    table = plain_table("photographs trained on", "AP", "AP50", "95 % interval of AP")
    for row in rows:
        low, high = row["intervals"]["ap"]
        table.add_row(row["photographs"], f"{row['ap']:.3f}", f"{row['ap50']:.3f}", f"[{low:.3f}, {high:.3f}]")
    console().print(table)
    print(f"measured on {rows[0]['images']} photographs, each by a detector that was not trained on it")
