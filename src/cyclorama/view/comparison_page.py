"""The page of a comparison: one table, and the photographs on which the detectors differ most, side by side."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from cyclorama.core.arrays import ByteArray
from cyclorama.core.errors import InputError
from cyclorama.detect.judging.comparison import Comparison, Difference, is_sure
from cyclorama.detect.results import FIGURES
from cyclorama.view.evaluation_page import LEGEND, Judged, draw_verdict, judge
from cyclorama.view.judging_sections import seen_sentence
from cyclorama.view.page import Picture, Section, picture, write_page

SHOWN = 8
# Of each picture in a row.
HEIGHT_PX = 420
GAP_PX = 8


def comparison_page(comparison: Comparison, path: Path) -> None:
    """Write the page as one HTML file."""
    write_page(path, "Compared: " + ", ".join(comparison.names), list(_sections(comparison)))


def with_interval(difference: Difference) -> str:
    """The difference, its interval, and a star where that doesn't hold 0."""
    figure, (low, high) = difference
    return f"{figure:+.3f} [{low:+.3f}, {high:+.3f}]{' *' if is_sure(difference) else ''}"


def seen_sentences(comparison: Comparison) -> list[str]:
    """Which of the detectors training has shown some of the images."""
    pairs = zip(comparison.names, comparison.evaluations, strict=True)
    return [f"{name}: {told}" for name, evaluation in pairs if (told := seen_sentence(evaluation))]


def _sections(comparison: Comparison) -> Iterator[Section]:
    first = comparison.evaluations[0].scores
    what = "photographs" if first.kind == "real" else "renders"
    renders = [] if first.kind == "real" else ["These images are renders. The scores say nothing about photographs."]
    yield Section(
        "Scores",
        [
            f"All on the same {first.images} {what}, {first.boxes} objects, with 95 % intervals over images.",
            f"Below: more than {comparison.names[0]}, by the same resamplings of the same images; * where the interval "
            "doesn't hold 0. How much training again by other chance would differ is not in it.",
        ],
        note=" ".join([*renders, *seen_sentences(comparison)]),
        heads=("", *FIGURES.values()),
        rows=[*_score_rows(comparison), *_difference_rows(comparison)],
    )
    yield Section(
        "AP by category",
        heads=("", comparison.names[0], *(f"{name}, more" for name in comparison.names[1:])),
        rows=[
            (c.name, f"{c.ap:.3f}", *(with_interval(more[c.name]) for more in comparison.more_ap))
            for c in first.classes
        ],
    )
    pictures, lost = _pictures(comparison)
    texts = [
        "From left to right: " + ", ".join(
            f"{name} (score {e.scores.confidence:.2f} and more)"
            for name, e in zip(comparison.names, comparison.evaluations, strict=True)
        )
        + "."
    ]  # fmt: skip
    texts += [f"{lost} of them can't be read any more where they were, and aren't shown."] if lost else []
    yield Section("Where they differ most", texts, legend=LEGEND, pictures=pictures)


def _score_rows(comparison: Comparison) -> Iterator[tuple[str, ...]]:
    for name, evaluation in zip(comparison.names, comparison.evaluations, strict=True):
        scores = evaluation.scores
        cells = ((getattr(scores, key), *scores.intervals[key]) for key in FIGURES)
        yield name, *(f"{value:.3f} [{low:.3f}, {high:.3f}]" for value, low, high in cells)


def _difference_rows(comparison: Comparison) -> Iterator[tuple[str, ...]]:
    for name, more in zip(comparison.names[1:], comparison.more, strict=True):
        yield f"{name}, more", *(with_interval(more[key]) for key in FIGURES)


def _pictures(comparison: Comparison) -> tuple[list[Picture], int]:
    """Rows of the same photograph, those first where F1 differs most; and how many can't be read."""
    judged = [[judge(r, e.scores.confidence) for r in e.results] for e in comparison.evaluations]
    f1 = np.array([[verdict.f1 for verdict in run] for run in judged])
    mistakes = np.array([[verdict.mistakes for verdict in run] for run in judged])
    apart, more = np.ptp(f1, axis=0), np.ptp(mistakes, axis=0)
    order = np.lexsort((-more, -apart))
    shown: list[Picture] = []
    lost = 0
    for i in order[(apart + more)[order] > 0]:
        if len(shown) == SHOWN:
            break
        try:
            shown.append(_row(comparison, [run[i] for run in judged], int(i)))
        except InputError:
            lost += 1
    return shown, lost


def _row(comparison: Comparison, verdicts: list[Judged], number: int) -> Picture:
    every = [
        _scaled(draw_verdict(verdict, e.results[number], e.categories, e.scores.confidence, e.skeletons))
        for verdict, e in zip(verdicts, comparison.evaluations, strict=True)
    ]
    gap = np.full((HEIGHT_PX, GAP_PX, 3), 255, np.uint8)
    row = np.concatenate([part for image in every for part in (image, gap)][:-1], axis=1)
    counted = "; ".join(f"{int(v.is_right.sum())} right, {v.mistakes} mistakes" for v in verdicts)
    return picture(row, f"{comparison.evaluations[0].results[number].id}: {counted}")


def _scaled(image: ByteArray) -> ByteArray:
    width = max(1, round(image.shape[1] * HEIGHT_PX / image.shape[0]))
    return np.asarray(Image.fromarray(image).resize((width, HEIGHT_PX), Image.Resampling.LANCZOS))
