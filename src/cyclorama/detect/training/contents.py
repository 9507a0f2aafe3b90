"""What a dataset shows to whoever trains on it."""

from collections import Counter
from collections.abc import Sequence

from cyclorama.core.errors import InputError
from cyclorama.core.sample import Dataset
from cyclorama.label.objects.box import Box


def categories_never_shown(dataset: Dataset, members: Sequence[int]) -> tuple[str, ...]:
    """Categories of which no image has an object that is to be found.

    Args:
        dataset: What is trained on.
        members: Positions of the images that are; as many are looked at as it takes to see all categories.

    Raises:
        InputError: There is nothing to be found in any of them.
    """
    shown: set[str] = set()
    hidden: Counter[str] = Counter()
    for member in members:
        for annotation in dataset.samples[member].annotations:
            if Box not in annotation or annotation.ignored:
                hidden[annotation.ignored or "no box"] += 1
            else:
                shown.add(annotation.category)
        if shown >= set(dataset.categories):
            return ()
    if not shown:
        why = f" ({hidden.most_common(1)[0][0]}, most of them)" if hidden else ""
        raise InputError(
            f"{dataset.root}: none of its {len(members)} images shows an object to be found{why}; "
            "look at the labels with 'cyclorama verify', and generate again with the objects in view"
        )
    return tuple(category for category in dataset.categories if category not in shown)
