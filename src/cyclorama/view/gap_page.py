"""The page of the gap between renders and photographs: scores, what differs, and photographs far from any render."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from cyclorama.core.arrays import ByteArray, FloatArray
from cyclorama.core.words import counted
from cyclorama.dataset.pictures import load_picture
from cyclorama.detect.judging.gap.advice import STATISTICS, sentence
from cyclorama.detect.judging.gap.distance import FeatureDistance
from cyclorama.detect.judging.gap.effects import Effect
from cyclorama.detect.judging.gap.report import Gap
from cyclorama.detect.results import FIGURES, ImageResult
from cyclorama.view.colors import color_of
from cyclorama.view.comparison_page import GAP_PX, HEIGHT_PX, with_interval
from cyclorama.view.draw import draw_boxes
from cyclorama.view.judging_plots import histogram_pairs
from cyclorama.view.page import Picture, Section, data_url, picture, write_page

SENTENCES, FARTHEST = 6, 8
NAMES = ("photographs", "renders")


def gap_page(gap: Gap, path: Path, *, note: str = "") -> None:
    """Write the page as one HTML file.

    Args:
        gap: What was measured.
        path: index.html.
        note: What must not be overlooked, e.g. that the renders are those that the detector was trained on.
    """
    write_page(path, f"The gap: {gap.photographs.title}", list(_sections(gap, note)))


def _sections(gap: Gap, note: str) -> Iterator[Section]:
    yield _scores(gap, note)
    if gap.more_ap:
        yield Section(
            "AP by category",
            heads=("", *NAMES, "photographs less renders"),
            rows=list(_class_rows(gap)),
        )
    yield _statistics(gap)
    pairs = dict(_distributions(effect) for effect in gap.effects)
    yield Section("How they are distributed", plot=data_url(histogram_pairs(pairs, NAMES), "png"))
    if gap.features is None:
        text = "The detector has no backbone whose features could be looked at, or there are under 8 images of a kind."
        yield Section("In the detector's eyes", [text])
    else:
        yield _features(gap, gap.features)


def _scores(gap: Gap, note: str) -> Section:
    mine, theirs = gap.photographs.scores, gap.renders.scores
    photographs, renders = counted(mine.images, "photograph"), counted(theirs.images, "render")
    text = f"{photographs} with {counted(mine.boxes, 'object')}, {renders} with {theirs.boxes}."
    background = f"{mine.background} photographs have no annotation and count as background."
    return Section(
        "Scores",
        [text, *([background] if mine.background else []), *filter(None, [shared_sentence(gap)])],
        note=note,
        heads=("", *NAMES, "photographs less renders"),
        rows=[
            (
                name,
                f"{getattr(mine, key):.3f}",
                f"{getattr(theirs, key):.3f}",
                with_interval(gap.more[key]) if gap.more else "",
            )
            for key, name in FIGURES.items()
        ],
    )


def shared_sentence(gap: Gap) -> str:
    """What the differences are over, where not every category is on both; else empty."""
    if not gap.more:
        return "No category is on both, so that scores can't be compared."
    if all(len(e.scores.classes) == len(gap.more_ap) for e in (gap.photographs, gap.renders)):
        return ""
    return f"The differences are over the categories that are on both: {', '.join(gap.more_ap)}."


def _class_rows(gap: Gap) -> Iterator[tuple[str, ...]]:
    mine, theirs = ({c.name: c.ap for c in e.scores.classes} for e in (gap.photographs, gap.renders))
    for name, more in sorted(gap.more_ap.items(), key=lambda item: item[1][0]):
        yield name, f"{mine[name]:.3f}", f"{theirs[name]:.3f}", with_interval(more)


def _statistics(gap: Gap) -> Section:
    return Section(
        "What differs most",
        [
            *(sentence(effect) for effect in gap.effects[:SENTENCES]),
            "Effect: largest distance of the two cumulative distributions (Kolmogorov and Smirnov), 0 to 1, with its "
            "95 % interval over images. Shift: how much more often photographs have more than renders, than "
            "less. Spread: of photographs over renders. Pixels are looked at in the size that the detector sees.",
        ],
        heads=("", *(f"{name}, median" for name in NAMES), "effect", "95 % interval", "shift", "spread"),
        rows=[
            (STATISTICS[e.name].title, *map(STATISTICS[e.name].written_median, (e.photographs, e.renders)),
             f"{e.distance:.2f}", f"{e.interval[0]:.2f} .. {e.interval[1]:.2f}", f"{e.shift:+.2f}", f"{e.spread:.2f}")
            for e in gap.effects
        ],
    )  # fmt: skip


def _distributions(effect: Effect) -> tuple[str, tuple[FloatArray, FloatArray]]:
    known = STATISTICS[effect.name]
    return f"{known.name}\n({known.measure})", (known.told(effect.photographs), known.told(effect.renders))


def _features(gap: Gap, features: FeatureDistance) -> Section:
    order = np.argsort(-features.farness)[:FARTHEST]
    usual = features.usual_farness[np.isfinite(features.usual_farness)]
    far = float((features.farness > np.percentile(usual, 95)).mean())
    pairs = {"distance to the nearest render": (features.farness, usual)}
    return Section(
        "In the detector's eyes",
        [
            f"Frechet distance of its features, sets of {features.images} images in {features.dimensions} dimensions: "
            f"photographs and renders {features.between:.1f}; photographs among themselves "
            f"{features.within_photographs:.1f}, renders {features.within_renders:.1f}.",
            f"{far:.0%} of the photographs are farther from their nearest render than 95 % of renders are from theirs. "
            "Below, those farthest from anything rendered, each with its nearest render at the right; distances are in "
            "the usual one of a render to its nearest other.",
        ],
        plot=data_url(histogram_pairs(pairs, NAMES), "png"),
        pictures=[_pair(gap, features, int(i)) for i in order],
    )


def _pair(gap: Gap, features: FeatureDistance, number: int) -> Picture:
    photograph = gap.photographs.results[number]
    render = gap.renders.results[int(features.nearest[number])]
    gap_between = np.full((HEIGHT_PX, GAP_PX, 3), 255, np.uint8)
    row = np.concatenate([_shown(photograph), gap_between, _shown(render)], axis=1)
    return picture(row, f"{photograph.id} and render {render.id}: {features.farness[number]:.1f}")


def _shown(result: ImageResult) -> ByteArray:
    """With what is to be found on it."""
    image = load_picture(result.image, size=(result.width, result.height))
    colors = [color_of(int(c)) for c in result.truth_classes]
    drawn = draw_boxes(image, result.truth_boxes, [""] * len(colors), colors)
    width = max(1, round(drawn.shape[1] * HEIGHT_PX / drawn.shape[0]))
    return np.asarray(Image.fromarray(drawn).resize((width, HEIGHT_PX), Image.Resampling.LANCZOS))
