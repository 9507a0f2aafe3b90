"""What a preview tells of scenes, as tables on the terminal."""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from cyclorama.cli.tables import console, plain_table
from cyclorama.core.arrays import FloatArray
from cyclorama.core.sample import Annotation
from cyclorama.core.words import counted
from cyclorama.label.objects.box import Box
from cyclorama.label.objects.keypoints import VISIBLE, Keypoints
from cyclorama.label.objects.visibility import Visibility
from cyclorama.scene.drawn import Drawn

BARS = " ▁▂▃▄▅▆▇█"
BINS = 12
MOST_NAMES = 4
# What an id adds to a name: a digest of its content.
CONTENT = re.compile("-(builtin[0-9]+|[0-9a-f]{8,})$")


def drawn_table(found: Sequence[Drawn]) -> None:
    """Print what a recipe asks for beside what was drawn: first numbers, then names."""
    numbers = plain_table("drawn by chance", "the recipe says", "least", "median", "most", "how often")
    names = plain_table("", "how often")
    for one in found:
        if one.counts is None and len(set(one.numbers)) == 1 and one.asked == f"{one.numbers[0]:g}":
            continue  # Always this, as the recipe says.
        if one.counts is None:
            numbers.add_row(one.name, one.asked, *_spread(one.numbers))
        else:
            names.add_row(one.name, _shares(one.counts))
    console().print(numbers, "", names, "")


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
    marked = [a[Keypoints].visibility == VISIBLE for a in targets if Keypoints in a]
    rows |= {"visible share of keypoints": [share.mean() for share in marked]} if marked else {}
    what = f"{counted(len(targets), 'target')} seen in {counted(len(images), 'image')}"
    table = plain_table(what, "least", "median", "most", "how often")
    for name, values in rows.items():
        table.add_row(name, *_spread(np.asarray(values, float)))
    console().print(table)


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
