"""All labels of all objects of a frame."""

from collections.abc import Sequence
from typing import Any

from cyclorama.core.frame import Frame
from cyclorama.core.plugins import plugin
from cyclorama.core.sample import Annotation
from cyclorama.core.scene import Instance
from cyclorama.label.objects.box import Box
from cyclorama.label.objects.visibility import Visibility

OBJECTS = "cyclorama.label.objects"


def annotate(
    frame: Frame, *, labels: Sequence[str], min_visible_fraction: float, min_size_px: int
) -> tuple[Annotation, ...]:
    """One annotation for every instance that has a category; none is dropped.

    Those below a limit are flagged in ``Annotation.ignored`` with the reason.

    Args:
        frame: Picture and geometry.
        labels: Names of files in ``label/objects``.
        min_visible_fraction: Of visible over amodal pixels.
        min_size_px: Of the shorter side of the visible box.

    Raises:
        InputError: A label's name is unknown.
    """
    kinds = [plugin(OBJECTS, name) for name in labels]
    return tuple(
        _annotation(frame, instance, kinds, min_visible_fraction, min_size_px) for instance in frame.scene.labelled
    )


def _annotation(
    frame: Frame, instance: Instance, kinds: Sequence[Any], min_visible_fraction: float, min_size_px: int
) -> Annotation:
    # What decides whether an object counts is measured whether it is asked for or not.
    values = {kind: kind.measure(frame, instance) for kind in dict.fromkeys((*kinds, Visibility, Box))}
    return Annotation(
        category=str(instance.category),
        instance_id=instance.id,
        labels={kind: values[kind] for kind in kinds if values[kind] is not None},
        ignored=_reason_to_ignore(values[Visibility], values[Box], min_visible_fraction, min_size_px),
    )


def _reason_to_ignore(
    visibility: Visibility, box: Box | None, min_visible_fraction: float, min_size_px: int
) -> str | None:
    if visibility.amodal_px == 0:
        return "outside the image"
    if box is None:
        return "hidden"
    if visibility.fraction < min_visible_fraction:
        return f"visible {visibility.fraction:.0%}"
    size = min(box.x1 - box.x0, box.y1 - box.y0)
    return f"{size:g} px small" if size < min_size_px else None
