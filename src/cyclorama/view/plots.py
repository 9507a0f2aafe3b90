"""Plots as PNG."""

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from cyclorama.dataset.files import write_bytes
from cyclorama.detect.results import Scores

DPI = 110
BLUE, ORANGE, GREEN, GREY = "#2563eb", "#ea580c", "#16a34a", "#9ca3af"
# Of a line of metrics.jsonl, as it is labelled and drawn.
AVERAGE_PRECISIONS = {"ap50": ("AP50", ORANGE), "ap": ("AP", BLUE), "ap_keypoints": ("AP of keypoints", GREEN)}


def training_curves(metrics: Path, png: Path) -> None:
    """Loss over epochs, and AP on images that are not trained on where there are any; nothing before one."""
    lines = metrics.read_text("utf-8").splitlines() if metrics.is_file() else []
    plain = [json.loads(line) for line in lines]
    if not plain:
        return
    epochs = [p["epoch"] for p in plain]
    is_measured = "ap" in plain[0]
    figure = Figure(figsize=(8 if is_measured else 4, 3), layout="constrained")
    left, *right = figure.subplots(1, 2 if is_measured else 1, squeeze=False)[0]
    left.plot(epochs, [p["loss"] for p in plain], color=BLUE, marker="o", markersize=3)
    left.set(title="loss while training", xlabel="epoch", ylim=(0, None))
    for axes in right:
        for key, (label, color) in AVERAGE_PRECISIONS.items():
            if key in plain[0]:
                axes.plot(epochs, [p[key] for p in plain], color=color, marker="o", markersize=3, label=label)
        axes.set(title="on images that are not trained on", xlabel="epoch", ylim=(0, 1))
        axes.legend(frameon=False)
    for axes in (left, *right):
        axes.title.set_size("medium")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    tidy(figure)
    write_bytes(png, as_png(figure))


def class_bars(scores: Scores) -> bytes:
    """PNG of AP by category, the worst first, with the mean as a line."""
    ordered = sorted(scores.classes, key=lambda c: c.ap)
    figure = Figure(figsize=(6, 0.6 + 0.32 * max(1, len(ordered))), layout="constrained")
    axes = figure.subplots()
    axes.barh([c.name for c in ordered], [c.ap for c in ordered], color=BLUE)
    for row, c in enumerate(ordered):
        axes.plot(c.interval, (row, row), color="black", linewidth=1)
    axes.axvline(scores.ap, color=ORANGE, linewidth=1.5, label=f"mean {scores.ap:.3f}")
    low, high = scores.intervals["ap"]
    axes.axvspan(low, high, color=ORANGE, alpha=0.15, label="95 % interval")
    axes.set(xlabel="AP", xlim=(0, max(0.05, 1.1 * max([high, *(c.interval[1] for c in ordered)]))))
    axes.legend(frameon=False, loc="lower right", fontsize=8)
    tidy(figure)
    return as_png(figure)


def influence_bars(
    names: Sequence[str], differences: Sequence[float], intervals: Sequence[tuple[float, float]]
) -> bytes:
    """PNG of how much AP is lost or won without each influence, the most harmful loss first.

    Args:
        names: Of the influences.
        differences: AP without it minus AP of the whole recipe.
        intervals: (low, high) of each.
    """
    order = sorted(range(len(names)), key=lambda i: -differences[i])
    figure = Figure(figsize=(6, 0.8 + 0.36 * len(names)), layout="constrained")
    axes = figure.subplots()
    for row, i in enumerate(order):
        low, high = intervals[i]
        color = GREY if low <= 0 <= high else ORANGE if differences[i] < 0 else BLUE
        axes.barh(row, differences[i], color=color, height=0.6)
        axes.plot((low, high), (row, row), color="black", linewidth=1)
    axes.set_yticks(range(len(names)), [f"without {names[i]}" for i in order])
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set(xlabel="AP more than the whole recipe\n95 % interval over images; grey: it holds 0")
    tidy(figure)
    return as_png(figure)


def photograph_curve(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """PNG of AP and AP50 over the number of photographs that were trained on beside renders.

    Args:
        rows: "count" of photographs (None: no renders), "ap", "ap50" and their "intervals".
    """
    mixed = [row for row in rows if row["count"] is not None]
    alone = [row for row in rows if row["count"] is None]
    figure = Figure(figsize=(6, 3.6), layout="constrained")
    axes = figure.subplots()
    places = range(len(mixed))
    for key, color in (("ap50", ORANGE), ("ap", BLUE)):
        axes.plot(places, [row[key] for row in mixed], color=color, marker="o", markersize=4, label=key.upper())
        low, high = zip(*(row["intervals"][key] for row in mixed), strict=True)
        axes.fill_between(places, low, high, color=color, alpha=0.15)
        for row in alone:
            axes.axhline(row[key], color=color, linestyle="--", linewidth=1, label=f"{key.upper()}, no renders")
    axes.set_xticks(places, [str(row["count"]) for row in mixed])
    axes.set(xlabel="photographs trained on beside renders\nband: 95 % interval over images", ylim=(0, 1))
    axes.legend(frameon=False, fontsize=8)
    tidy(figure)
    return as_png(figure)


def tidy(figure: Figure) -> None:
    """No frame above and right, and a faint grid."""
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(color=GREY, alpha=0.25)
        axes.set_axisbelow(True)


def as_png(figure: Figure) -> bytes:
    """The figure's file."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI)
    return buffer.getvalue()
