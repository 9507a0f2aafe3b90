"""Plots of what stands behind a score, as PNG."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cyclorama.core.arrays import FloatArray
from cyclorama.detect.results import Calibration, Curves, Errors, Scores
from cyclorama.view.plots import BLUE, GREY, ORANGE, as_png, tidy

# Curves that are named; more of them would be told apart by nobody.
MOST_NAMED = 10
# Categories whose counts are written into the squares.
MOST_WRITTEN = 20


def precision_recall(scores: Scores) -> bytes:
    """Precision over recall at IoU .5, of each category and the mean."""
    figure = Figure(figsize=(5, 3.6), layout="constrained")
    axes = figure.subplots()
    every = scores.curves.precision_at
    recalls = np.linspace(0, 1, 101)
    for name, precision in every.items():
        axes.plot(recalls, precision, linewidth=1, alpha=0.8, label=name if len(every) <= MOST_NAMED else None)
    axes.plot(recalls, np.mean(list(every.values()), axis=0), color="black", linewidth=2, label="mean")
    axes.set(xlabel="recall", ylabel="precision at IoU .5", xlim=(0, 1), ylim=(0, 1.02))
    _legend(axes)
    return _finished(figure)


def over_confidence(scores: Scores) -> bytes:
    """Precision, recall and F1 over confidence, with the best one; precision ends where nothing is detected."""
    figure = Figure(figsize=(5, 3.6), layout="constrained")
    axes, curves = figure.subplots(), scores.curves
    named = {
        "precision": (drawn_precision(curves), BLUE),
        "recall": (np.array(curves.recall), ORANGE),
        "F1": (np.array(curves.f1), "black"),
    }
    for name, (values, color) in named.items():
        axes.plot(curves.confidences, values, color=color, label=name)
    axes.axvline(scores.confidence, color=GREY, linestyle="--", label=f"best F1 at {scores.confidence:.2f}")
    axes.set(xlabel="confidence", ylabel="at IoU .5", xlim=(0, 1), ylim=(0, 1.02))
    _legend(axes)
    return _finished(figure)


def drawn_precision(curves: Curves) -> FloatArray:
    """(99,) precision over confidence, NaN, which no line is drawn to, where nothing is detected."""
    precision, recall = np.array(curves.precision), np.array(curves.recall)
    # Precision 1 with nothing found is that of no detections: with any, it were 0.
    return np.where((precision == 1) & (recall == 0), np.nan, precision)


def confusion_matrix(scores: Scores, categories: Sequence[str]) -> bytes:
    """Counts as squares, darker for a larger share of the row."""
    counts = np.array(scores.confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    size = 1.8 + 0.42 * len(counts)
    figure = Figure(figsize=(size, size), layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    places = range(len(counts))
    axes.set_xticks(places, [*categories, "nothing"], rotation=90)
    axes.set_yticks(places, [*categories, "background"])
    axes.set(xlabel="detected as", ylabel="is")
    if len(counts) <= MOST_WRITTEN:
        for row, column in zip(*np.nonzero(counts), strict=True):
            color = "white" if shares[row, column] > 0.6 else "black"
            axes.text(column, row, str(counts[row, column]), ha="center", va="center", color=color, fontsize=8)
    return as_png(figure)


def reliability(calibration: Calibration) -> bytes:
    """Share that is right over score, and how many detections there are."""
    figure = Figure(figsize=(5, 4), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    edges = np.array(calibration.edges)
    middle, width = (edges[1:] + edges[:-1]) / 2, 0.9 * np.diff(edges)
    above.bar(middle, calibration.right, width, color=BLUE, label="share that is right")
    above.plot((0, 1), (0, 1), color=GREY, linestyle="--", label="as scores say")
    above.set(ylabel="right at IoU .5", xlim=(0, 1), ylim=(0, 1))
    _legend(above)
    below.bar(middle, calibration.counts, width, color=GREY)
    below.set(xlabel="score", ylabel="detections")
    return _finished(figure)


def error_bars(errors: Errors) -> bytes:
    """AP50 that each kind of error costs, the dearest above."""
    order = sorted(errors.lost, key=lambda kind: errors.lost[kind])
    figure = Figure(figsize=(5, 2.6), layout="constrained")
    axes = figure.subplots()
    bars = axes.barh(order, [errors.lost[kind] for kind in order], color=ORANGE)
    axes.bar_label(bars, [f"{errors.counts[kind]}x" for kind in order], padding=3, fontsize=8)
    axes.set(xlabel="AP50 that mending it would win")
    axes.margins(x=0.15)
    return _finished(figure)


def histogram_pairs(pairs: Mapping[str, tuple[FloatArray, FloatArray]], names: tuple[str, str]) -> bytes:
    """Two distributions for each title, over each other.

    Args:
        pairs: Title -> values of the first and of the second.
        names: Of the first and the second.
    """
    columns = 3
    rows = -(-len(pairs) // columns)
    figure = Figure(figsize=(10, 2.1 * rows + 0.3), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, (title, both) in zip(grid, pairs.items(), strict=False):
        low, high = np.percentile(np.concatenate(both), [0.5, 99.5])
        bins = np.linspace(low, max(high, low + 1e-6), 25)
        for values, color, name in zip(both, (ORANGE, BLUE), names, strict=True):
            shares = np.full(len(values), 1 / len(values))
            axes.hist(np.clip(values, low, high), bins, weights=shares, color=color, alpha=0.55, label=name)
        axes.set_title(title, fontsize=9)
        axes.set_yticks([])
    for axes in grid[len(pairs) :]:
        axes.set_axis_off()
    _legend(grid[0])
    return _finished(figure)


def _legend(axes: Axes) -> None:
    axes.legend(frameon=False, fontsize=8)


def _finished(figure: Figure) -> bytes:
    tidy(figure)
    return as_png(figure)
