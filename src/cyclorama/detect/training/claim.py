"""A run's folder belongs to one run: other settings or other data are refused, not mixed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cyclorama.core.errors import InputError
from cyclorama.core.sample import Dataset
from cyclorama.detect.run import SETTINGS, Run
from cyclorama.detect.seen import SEEN
from cyclorama.detect.settings import Resolved

# What is there before the first checkpoint: settings, what is seen, and renders that choose it.
BEFORE = (SETTINGS, SEEN, "unseen")
# Where a dataset says these of its origin, another value means other images.
ORIGIN = ("fingerprint", "seed")


def identity(dataset: Dataset, root: Path, images: int) -> dict[str, Any]:
    """What tells a run's data from other data: a path, and what decided the renders that lie there."""
    known = {key: dataset.provenance[key] for key in ORIGIN if key in dataset.provenance}
    kind = dataset.provenance.get("kind", "real")
    return {"dataset": str(root.resolve()), "kind": kind, "images": images, **known}


def has_begun(out: Path, settings: Resolved) -> bool:
    """Whether a run of these settings is there; one without a checkpoint or metrics is not.

    Raises:
        InputError: The folder holds a run of other settings, or something else, or is no folder.
    """
    is_free = not any(p.name not in BEFORE for p in out.iterdir()) if out.is_dir() else not out.exists()
    if is_free:
        return False
    if not (out / SETTINGS).is_file():
        raise InputError(f"{out}: holds something that is no run of ours; choose another folder")
    name, old, new = Run.read(out).settings.first_change(settings)
    if name:
        raise InputError(f"{out}: holds a run with {_told(name, old, new)}; choose another folder")
    return True


def claim(out: Path, run: Run) -> None:
    """Make the folder this run's, unless it is another's.

    Raises:
        InputError: It is, or holds something else, or can't be written.
    """
    if not has_begun(out, run.settings):
        run.write(out)
        return
    there = Run.read(out)
    _refuse_other_data(out, there.trained_on, run)
    if there.categories != run.categories:
        names = ", ".join(there.categories)
        raise InputError(f"{out}: holds a run on other classes ({names}); choose another folder")
    if there.skeletons != run.skeletons:
        raise InputError(f"{out}: holds a run on other keypoints than the dataset has now; choose another folder")


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
