"""Results as tables on the terminal."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
from rich.console import Console
from rich.table import Table

from cyclorama.core.arrays import FloatArray
from cyclorama.core.sample import Annotation
from cyclorama.detect.results import FIGURES, Evaluation
from cyclorama.label.objects.box import Box
from cyclorama.label.objects.visibility import Visibility
from cyclorama.scene.drawn import Drawn

BARS = " ▁▂▃▄▅▆▇█"
BINS = 12
MOST_NAMES = 4
# What an id adds to a name: a digest of its content.
CONTENT = re.compile("-(builtin[0-9]+|[0-9a-f]{8,})$")


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
    Console().print(table)
    if scores.unscored:
        print(f"not scored, because the detector doesn't know them: {', '.join(scores.unscored)}")


def drawn_table(found: Sequence[Drawn]) -> None:
    """Print what a recipe asks for beside what was drawn: first numbers, then names."""
    numbers = _plain_table("drawn by chance", "the recipe says", "least", "median", "most", "how often")
    names = _plain_table("", "how often")
    for one in found:
        if one.counts is None:
            numbers.add_row(one.name, one.asked, *_spread(one.numbers))
        else:
            names.add_row(one.name, _shares(one.counts))
    Console().print(numbers, "", names, "")


def _plain_table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for number, heading in enumerate(headings):
        is_number = heading in ("least", "median", "most")
        table.add_column(heading, justify="right" if is_number else "left", no_wrap=number == 0 or is_number)
    return table


def seen_table(images: Sequence[Sequence[Annotation]], width: int, height: int) -> None:
    """Print how the targets of some images are seen.

    Args:
        images: Annotations of each, with boxes and visibilities.
        width: Of the images, pixels.
        height: Of the images, pixels.
    """
    targets = [a for annotations in images for a in annotations]
    boxes = np.array([a[Box].xyxy for a in targets if Box in a], float).reshape(-1, 4)
    sizes = np.sqrt(np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) / (width * height))
    rows = {
        "targets in an image": [len(annotations) for annotations in images],
        "visible share": [a[Visibility].fraction for a in targets],
        "share beyond the border": [a[Visibility].truncation for a in targets],
        "box, as share of the image's edge": sizes,
        "ignored (hidden or tiny)": [bool(a.ignored) for a in targets],
    }
    table = _plain_table(f"{len(targets)} targets seen in {len(images)} images", "least", "median", "most", "how often")
    for name, values in rows.items():
        table.add_row(name, *_spread(np.asarray(values, float)))
    Console().print(table)


def _spread(values: Sequence[float] | FloatArray) -> tuple[str, str, str, str]:
    """Least, median, most, and a histogram between least and most."""
    if not len(values):
        return "", "", "", ""
    low, middle, high = np.min(values), np.median(values), np.max(values)
    counts, _ = np.histogram(values, bins=BINS, range=(float(low), float(high if high > low else low + 1)))
    bars = "".join(BARS[-(-int(c) * (len(BARS) - 1) // int(counts.max()))] for c in counts)
    return f"{low:.3g}", f"{middle:.3g}", f"{high:.3g}", bars if high > low else ""


def _shares(counts: Mapping[str, int]) -> str:
    total, names = sum(counts.values()), list(counts.items())
    shown = [f"{CONTENT.sub('', name)} {count / total:.0%}" for name, count in names[:MOST_NAMES]]
    more = len(names) - MOST_NAMES
    return ", ".join([*shown, *([f"{more} more"] if more > 0 else [])])
