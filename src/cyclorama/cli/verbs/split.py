"""cyclorama split: train, val and test."""

from pathlib import Path

import typer

from cyclorama.core.errors import InputError


def split(
    dataset: Path = typer.Argument(help="Dataset folder."),
    train: float = typer.Option(0.8, help="Share of the scenes."),
    val: float = typer.Option(0.1, help="Share of the scenes."),
    test: float = typer.Option(0.1, help="Share of the scenes."),
    seed: int = typer.Option(0, min=0, help="Another seed, another split."),
) -> None:
    """Divide a dataset by scenes; writes splits.json and copies no file.

    Example: `cyclorama split data/cup --train .8 --val .1 --test .1`
    """
    from cyclorama.dataset import split as split_dataset

    shares = {"train": train, "val": val, "test": test}
    if any(not 0 <= share <= 1 for share in shares.values()) or abs(sum(shares.values()) - 1) > 1e-6:
        raise InputError(f"--train {train:g} --val {val:g} --test {test:g}: expected shares of 0..1 that add up to 1")
    for name, members in split_dataset(dataset, shares, seed=seed).items():
        print(f"{name:6} {len(members)}")
