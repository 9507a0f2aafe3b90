"""Folds for cross-validation: each is a dataset of its own with a train and a test split."""

import shutil
from dataclasses import replace
from pathlib import Path

from cyclorama.core.progress import Progress, silent
from cyclorama.core.sample import Dataset
from cyclorama.dataset.formats.coco import Coco

# Photographs next to each other are often of one scene, so they go to folds in blocks.
BLOCK = 10


def fold_members(count: int, fold: int, folds: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Positions outside of a fold, which are trained on, and within it.

    Args:
        count: Photographs.
        fold: 0 .. folds - 1.
        folds: Parts of about the same size.
    """
    block = min(BLOCK, max(1, count // (2 * folds)))
    inside = tuple(i for i in range(count) if i // block % folds == fold)
    return tuple(i for i in range(count) if i // block % folds != fold), inside


def write_fold(dataset: Dataset, folder: Path, fold: int, folds: int, *, progress: Progress = silent) -> None:
    """Write a fold in COCO's layout, unless it is there.

    Args:
        dataset: Of photographs, in an order in which neighbours are alike.
        folder: Of the fold.
        fold: 0 .. folds - 1.
        folds: How many there are.
        progress: Is told (done, total).
    """
    if folder.is_dir():
        return
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    outside, inside = fold_members(len(dataset.samples), fold, folds)
    Coco.write(replace(dataset, splits={"train": outside, "test": inside}), unfinished, progress=progress)
    unfinished.rename(folder)
