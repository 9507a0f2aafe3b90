"""What is kept from training, to choose the best checkpoint: whole scenes, since their views are much the same."""

from collections.abc import Sequence

from cyclorama.core.sample import Dataset

HELD_OUT = 10


def divided(dataset: Dataset, members: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Images to train on, and those of every tenth group, which are held out.

    Args:
        dataset: Where they are; one without groups is divided image by image.
        members: Positions in it. Of fewer than twenty, or of fewer than ten groups, none is held out.
    """
    if len(members) < 2 * HELD_OUT:
        return tuple(members), ()
    groups: dict[str | int, list[int]] = {}
    for member in members:
        groups.setdefault(dataset.samples[member].group or member, []).append(member)
    held_out = tuple(member for group in list(groups.values())[HELD_OUT - 1 :: HELD_OUT] for member in group)
    kept = set(held_out)
    return tuple(member for member in members if member not in kept), held_out
