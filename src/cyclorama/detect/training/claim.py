"""A run's folder belongs to one run: other settings or other data are refused, not mixed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cyclorama.core.errors import InputError
from cyclorama.core.sample import Dataset
from cyclorama.detect.run import SETTINGS, Run

# What is there before the first checkpoint: settings, and renders that choose it.
BEFORE = (SETTINGS, "unseen")
# Where a dataset says these of its origin, another value means other images.
ORIGIN = ("fingerprint", "seed")


def identity(dataset: Dataset, root: Path, images: int) -> dict[str, Any]:
    """What tells a run's data from other data: a path, and what decided the renders that lie there."""
    known = {key: dataset.provenance[key] for key in ORIGIN if key in dataset.provenance}
    kind = dataset.provenance.get("kind", "real")
    return {"dataset": str(root.resolve()), "kind": kind, "images": images, **known}


def claim(out: Path, run: Run) -> None:
    """Make the folder this run's, unless it is another's.

    Raises:
        InputError: It is, or holds something else, or can't be written.
    """
    has_begun = out.is_dir() and any(p.name not in BEFORE for p in out.iterdir())
    if has_begun and (out / SETTINGS).is_file():
        there = Run.read(out)
        name, old, new = there.settings.first_change(run.settings)
        if name:
            raise InputError(f"{out}: holds a run with {_told(name, old, new)}; choose another folder")
        _refuse_other_data(out, there.trained_on, run)
        if there.categories != run.categories:
            names = ", ".join(there.categories)
            raise InputError(f"{out}: holds a run on other classes ({names}); choose another folder")
        return
    if has_begun or (out.exists() and not out.is_dir()):
        raise InputError(f"{out}: holds something that is no run of ours; choose another folder")
    run.write(out)


def _told(name: str, old: Any, new: Any) -> str:
    """The setting, or the one of a group of settings, that differs."""
    groups = ("augmentation", "mixing")
    if name in groups:
        name, old, new = next(
            (key, vars(old)[key], vars(new)[key]) for key in vars(old) if vars(old)[key] != vars(new)[key]
        )
    return f"{name} {old}, not {new}"


def _refuse_other_data(out: Path, old: Mapping[str, Any], run: Run) -> None:
    new = run.trained_on
    data, images = old.get("dataset"), old.get("images")
    if (data, images) != (new["dataset"], new["images"]):
        raise InputError(f"{out}: holds a run on {images} images of '{data}'; choose another folder")
    if any(key in old and old[key] != new.get(key) for key in ORIGIN):
        raise InputError(
            f"{out}: holds a run on other images of '{data}', which has been generated anew since; "
            "choose another folder"
        )
