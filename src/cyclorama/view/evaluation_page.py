"""The page of an evaluation: figures, and the pictures where the detector did best and worst."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cyclorama.core.arrays import BoolArray, ByteArray
from cyclorama.core.skeleton import Skeleton
from cyclorama.dataset.pictures import load_picture
from cyclorama.detect.judging.matching import iou
from cyclorama.detect.results import Evaluation, ImageResult
from cyclorama.view.colors import Color
from cyclorama.view.draw import draw_boxes, draw_keypoints
from cyclorama.view.judging_sections import behind_the_score, score_section
from cyclorama.view.page import Picture, Section, picture, write_page

SHOWN = 9
MATCH_IOU = 0.5
FOUND: Color = (34, 197, 94)
MISSED: Color = (239, 68, 68)
WRONG: Color = (249, 115, 22)
IGNORED: Color = (150, 150, 150)
LEGEND = tuple(
    (name, "#{:02x}{:02x}{:02x}".format(*color))
    for name, color in (
        ("right detection", FOUND),
        ("missed object", MISSED),
        ("wrong detection", WRONG),
        ("object that counts neither way", IGNORED),
    )
)


def evaluation_page(evaluation: Evaluation, path: Path) -> None:
    """Write the page of an evaluation as one HTML file."""
    write_page(path, evaluation.title, evaluation_sections(evaluation))


def evaluation_sections(evaluation: Evaluation) -> list[Section]:
    """Figures, what stands behind them, best and worst pictures."""
    confidence = evaluation.scores.confidence
    judged = sorted(
        ((judge(r, confidence), r) for r in evaluation.results), key=lambda pair: (pair[0].f1, -pair[0].mistakes)
    )
    # On few images, none is shown as both.
    worst = judged[: min(SHOWN, -(-len(judged) // 2))]
    best = [pair for pair in judged[len(worst) :] if pair[0].is_right.any()][::-1][:SHOWN]
    why = "where the F1 over all images is best" if best else "for want of right ones"
    text = f"Detections with a score of at least {confidence:.2f}, {why}."
    return [
        score_section(evaluation),
        *behind_the_score(evaluation),
        Section("Where it did worst", [text], legend=LEGEND, pictures=_pictures(worst, evaluation)),
        *([Section("Where it did best", legend=LEGEND, pictures=_pictures(best, evaluation))] if best else []),
    ]


@dataclass(frozen=True, eq=False)
class Judged:
    """One image at one confidence.

    Attributes:
        is_right: (D,) of the detections kept.
        is_found: (N,) of the objects.
        f1: 1 is perfect; also where nothing is and nothing was found.
        mistakes: Missed objects and wrong detections.
    """

    is_right: BoolArray
    is_found: BoolArray
    f1: float
    mistakes: int


def judge(result: ImageResult, confidence: float) -> Judged:
    """Match detections to objects of their class at IoU .5, best detections first."""
    kept = result.detections.scores >= confidence
    boxes, classes = result.detections.boxes[kept], result.detections.classes[kept]
    overlap = iou(boxes, result.truth_boxes, result.truth_ignored)
    overlap = np.where(classes[:, None] == result.truth_classes[None], overlap, 0)
    right, excused = np.zeros(len(boxes), bool), np.zeros(len(boxes), bool)
    found = np.zeros(len(result.truth_boxes), bool)
    for d in range(len(boxes)):
        open_truth = np.where(found & ~result.truth_ignored, 0, overlap[d])
        g = int(np.argmax(open_truth)) if len(open_truth) else 0
        if len(open_truth) and open_truth[g] >= MATCH_IOU:
            found[g] = True
            right[d], excused[d] = not result.truth_ignored[g], result.truth_ignored[g]
    counted = ~result.truth_ignored
    mistakes = int((~right & ~excused).sum() + (~found & counted).sum())
    hits = int(right.sum())
    return Judged(right | excused, found, 2 * hits / (2 * hits + mistakes) if hits or mistakes else 1.0, mistakes)


def _pictures(judged: Sequence[tuple[Judged, ImageResult]], evaluation: Evaluation) -> list[Picture]:
    return [_picture(verdict, result, evaluation) for verdict, result in judged]


def _picture(verdict: Judged, result: ImageResult, evaluation: Evaluation) -> Picture:
    missed = int((~verdict.is_found & ~result.truth_ignored).sum())
    wrong = int((~verdict.is_right).sum())
    caption = f"{result.id}: {int(verdict.is_right.sum())} right, {missed} missed, {wrong} wrong"
    names, confidence = evaluation.categories, evaluation.scores.confidence
    return picture(draw_verdict(verdict, result, names, confidence, evaluation.skeletons), caption)


def draw_verdict(
    verdict: Judged,
    result: ImageResult,
    names: Sequence[str],
    confidence: float,
    skeletons: Mapping[str, Skeleton] | None = None,
) -> ByteArray:
    """The photograph with right and wrong detections, their keypoints where there are skeletons, and missed objects."""
    kept = result.detections.scores >= confidence
    image = load_picture(result.image, size=(result.width, result.height))
    unseen = ~verdict.is_found
    boxes = np.concatenate([result.truth_boxes[unseen], result.detections.boxes[kept]])
    texts = [names[c] for c in result.truth_classes[unseen]]
    colors = [IGNORED if ignored else MISSED for ignored in result.truth_ignored[unseen]]
    found = zip(result.detections.classes[kept], result.detections.scores[kept], strict=True)
    texts += [f"{names[c]} {score:.2f}" for c, score in found]
    of_found = [FOUND if right else WRONG for right in verdict.is_right]
    image = draw_boxes(image, boxes, texts, colors + of_found)
    return draw_keypoints(image, result.detections.chosen(kept), names, skeletons or {}, of_found)
