"""Evaluations of parts of a dataset as one of all of it."""

from collections.abc import Sequence
from pathlib import Path

from cyclorama.detect.judging.folder import write_evaluation
from cyclorama.detect.judging.scores import scores
from cyclorama.detect.results import Evaluation, Seen
from cyclorama.detect.writing import writing


def pooled(parts: Sequence[Evaluation], out: Path, *, title: str) -> Evaluation:
    """One evaluation of the images of all parts, by name; written into ``out``.

    Args:
        parts: Of detectors of the same classes, each on images of its own.
        out: Folder for the results.
        title: What was measured on what.

    Raises:
        InputError: ``out`` can't be written.
    """
    first = parts[0]
    results = tuple(sorted((r for part in parts for r in part.results), key=lambda r: r.image.name))
    measured = scores(
        results,
        first.categories,
        kind=first.scores.kind,
        unscored=first.scores.unscored,
        skeletons=first.skeletons,
    )
    evaluation = Evaluation(
        title, first.categories, measured, results, skeletons=first.skeletons, seen=_seen([part.seen for part in parts])
    )
    with writing(out):
        write_evaluation(evaluation, out)
    return evaluation


def _seen(parts: Sequence[Seen | None]) -> Seen | None:
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    return Seen(sum(part.trained_on for part in known), sum(part.chosen_by for part in known))
