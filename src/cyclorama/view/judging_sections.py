"""Parts of the page of an evaluation: the score, and what stands behind it."""

from collections.abc import Iterator, Sequence

from cyclorama.core.words import counted
from cyclorama.detect.judging.advice import advice
from cyclorama.detect.results import FIGURES, ClassScores, Evaluation, Latency, Scores, SubsetScores
from cyclorama.detect.shape_scores import KEYPOINT_FIGURES, KeypointScores, MaskScores
from cyclorama.view.judging_plots import confusion_matrix, error_bars, over_confidence, precision_recall, reliability
from cyclorama.view.page import Section, data_url
from cyclorama.view.plots import class_bars

NOTHING_TO_FIND = "Nothing on these images is to be found, so there is no score: its figures of 0 say nothing."


def score_section(evaluation: Evaluation) -> Section:
    """What was measured on what, and the figures."""
    scores = evaluation.scores
    renders = "" if scores.kind == "real" else "These images are renders. The score says nothing about photographs."
    return Section(
        "Scores",
        list(_counted(evaluation)),
        note=" ".join(filter(None, (renders, seen_sentence(evaluation)))),
        heads=("", "value", "95 % interval"),
        rows=figure_rows(scores),
        plot=data_url(class_bars(scores), "png") if scores.classes else "",
    )


def seen_sentence(evaluation: Evaluation) -> str:
    """That training has seen images that the detector is judged on; empty where it has seen none."""
    seen, images = evaluation.seen, evaluation.scores.images
    if seen is None:
        return "It isn't known whether the detector was trained on these images: its run is of an earlier version."
    parts = [("trained on", seen.trained_on), ("chosen by", seen.chosen_by)]
    told = [f"{how} {'these' if n == images else f'{n} of these {images}'} images" for how, n in parts if n]
    if not told:
        return ""
    return (
        f"The detector was {' and '.join(told)}, which flatters it: judge it by others "
        "('cyclorama split' before training, and --split test for evaluate)."
    )


def figure_rows(scores: Scores) -> list[tuple[str, str, str]]:
    """Name, value and interval of COCO's figures, those of masks and keypoints last, where there are some."""
    rows = [_figure_row(key, name, scores) for key, name in FIGURES.items()]
    if scores.masks:
        rows += [_figure_row(key, f"{name} of masks", scores.masks) for key, name in FIGURES.items()]
    if scores.keypoints:
        rows += [_figure_row(key, f"{name} of keypoints", scores.keypoints) for key, name in KEYPOINT_FIGURES.items()]
    return rows


def _figure_row(key: str, name: str, scores: Scores | MaskScores | KeypointScores) -> tuple[str, str, str]:
    return name, f"{getattr(scores, key):.3f}", _interval(scores.intervals[key])


def behind_the_score(evaluation: Evaluation) -> list[Section]:
    """Errors, categories, sizes, visibility, curves, confusion, calibration and latency."""
    scores = evaluation.scores
    if not scores.classes:
        return []
    return [
        _errors(scores),
        _classes(scores.classes),
        *_subsets(scores),
        *([_keypoints(scores)] if scores.keypoints else []),
        Section("Precision and recall", plot=data_url(precision_recall(scores), "png")),
        _confidence(scores),
        Section(
            "What is taken for what",
            [
                f"Detections with a score of at least {scores.confidence:.2f}, at IoU .5: rows are what is there. "
                "A further box on an object that has its own counts as background."
            ],
            plot=data_url(confusion_matrix(scores, evaluation.categories), "png"),
        ),
        _calibration(scores),
    ]


def _counted(evaluation: Evaluation) -> Iterator[str]:
    scores = evaluation.scores
    ignored = sum(int(r.truth_ignored.sum()) for r in evaluation.results)
    neither = f" and {ignored} that count neither way" if ignored else ""
    what = "photograph" if scores.kind == "real" else "render"
    yield f"{counted(scores.images, what)}, {counted(scores.boxes, 'object')}{neither}."
    if not scores.boxes:
        yield NOTHING_TO_FIND
    if scores.background:
        yield f"{scores.background} of them have no annotation and count as background: what is found there is false."
    if scores.unscored:
        yield f"Not scored, because the detector doesn't know them: {', '.join(scores.unscored)}."
    if scores.absent:
        yield f"On none of the images, so in no figure: {', '.join(scores.absent)}."
    if evaluation.latency:
        yield latency_sentence(evaluation.latency)


def latency_sentence(latency: Latency) -> str:
    """How long an image takes, and where."""
    times = (latency.network_ms, latency.whole_ms)
    network, whole = (f"{median:.1f} ms (90 % within {late:.1f})" for median, late in times)
    where = f"{latency.images} images on {latency.device}"
    return f"The network takes {network} for an image, {whole} with resizing; {where}."


def _errors(scores: Scores) -> Section:
    errors = scores.errors
    order = sorted(errors.lost, key=lambda kind: -errors.lost[kind])
    return Section(
        "What goes wrong",
        [
            advice(errors),
            "Each false detection and each missed object is of one kind, as TIDE has them (Bolya et al. 2020). "
            "Kinds overlap in what they cost, so that the sum isn't what is missing to 1.",
        ],
        heads=("", "AP50 lost", "count"),
        rows=[(kind, f"{errors.lost[kind]:.3f}", str(errors.counts[kind])) for kind in order],
        plot=data_url(error_bars(errors), "png"),
    )


def _classes(classes: Sequence[ClassScores]) -> Section:
    return Section(
        "By category",
        ["Precision and recall are at the category's own best score, that of the best F1 at IoU .5."],
        heads=("", "objects", "images", "AP", "95 % interval", "AP50", "best score", "precision", "recall",
               *mask_heads(classes)),
        rows=[
            (c.name, str(c.objects), str(c.images), f"{c.ap:.3f}", _interval(c.interval), f"{c.ap50:.3f}",
             f"{c.confidence:.2f}", f"{c.precision:.2f}", f"{c.recall:.2f}", *mask_cells(c))
            for c in sorted(classes, key=lambda c: c.ap)
        ],
    )  # fmt: skip


def _subsets(scores: Scores) -> list[Section]:
    sizes = "Sizes are COCO's, in pixels of the image; other objects count neither way."
    hidden = "Other objects count neither way; false detections count in each row."
    every = (("By size", sizes, scores.sizes), ("By visibility", hidden, scores.visibilities))
    return [_subset_section(heading, text, rows) for heading, text, rows in every if rows]


def _subset_section(heading: str, text: str, subsets: Sequence[SubsetScores]) -> Section:
    return Section(
        heading,
        [text],
        heads=("", "objects", "AP", "AP50", "found", *mask_heads(subsets)),
        rows=[
            (s.name, str(s.objects), *((f"{s.ap:.3f}", f"{s.ap50:.3f}", f"{s.recall:.0%}") if s.objects else "---"),
             *mask_cells(s))
            for s in subsets
        ],
    )  # fmt: skip


def mask_heads(rows: Sequence[ClassScores | SubsetScores]) -> list[str]:
    """Of the column with figures of masks, where there are some."""
    return ["AP of masks"] if any(row.mask_ap is not None for row in rows) else []


def mask_cells(row: ClassScores | SubsetScores) -> list[str]:
    """In that column."""
    return [] if row.mask_ap is None else [f"{row.mask_ap:.3f}"]


def _keypoints(scores: Scores) -> Section:
    points = scores.keypoints.points if scores.keypoints else ()
    return Section(
        "By keypoint",
        [
            "How far keypoints are from where they should be, in pixels of the images, where the object's box is found "
            f"at IoU .5 with a score of at least {scores.confidence:.2f}; hidden ones included."
        ],
        heads=("", "", "objects", "mean", "median"),
        rows=[(p.category, p.name, str(p.count), f"{p.mean_px:.1f}", f"{p.median_px:.1f}") for p in points],
    )


def _confidence(scores: Scores) -> Section:
    text = f"From {scores.confidence:.2f} on, F1 over all categories is best; this is what the pictures below show."
    return Section("Over confidence", [text], plot=data_url(over_confidence(scores), "png"))


def _calibration(scores: Scores) -> Section:
    found = scores.calibration
    if not sum(found.counts):
        return Section("Whether scores can be believed", ["Nothing was found with a score of .05 or more."])
    right = sum(c * r for c, r in zip(found.counts, found.right, strict=True))
    claimed = sum(c * s for c, s in zip(found.counts, found.score, strict=True))
    how = "too sure of itself" if claimed > right else "surer than it says"
    return Section(
        "Whether scores can be believed",
        [
            f"Expected calibration error {found.error:.3f} (detections that score .05 or more, IoU .5): on average "
            f"the detector is {how}."
        ],
        plot=data_url(reliability(found), "png"),
    )


def _interval(bounds: tuple[float, float]) -> str:
    return f"{bounds[0]:.3f} .. {bounds[1]:.3f}"
