"""Any layout of the field, found out by itself."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cyclorama.core.errors import InputError, nearest
from cyclorama.core.plugins import plugins
from cyclorama.core.sample import Dataset
from cyclorama.dataset.files import read_json
from cyclorama.dataset.lazy import sample_ids

FORMATS = "cyclorama.dataset.formats"
SPLITS_FILE = "splits.json"


def read_dataset(root: Path) -> Dataset:
    """The dataset in a folder, or the one that a .json (COCO), .yaml (YOLO) or .tar (WebDataset) file holds.

    Raises:
        InputError: Nothing there that we read, or more than one thing.
    """
    root = Path(root)
    if not root.exists():
        near = [p.name for p in root.parent.iterdir()] if root.parent.is_dir() else []
        raise InputError(f"no dataset '{root}'.{nearest(root.name, near)}")
    found = {name: kind for name, kind in plugins(FORMATS).items() if kind.recognises(root)}
    if not found:
        raise InputError(
            f"{root}: no dataset found; expected ours (dataset.json), COCO (a .json with images and annotations), "
            "YOLO (data.yaml, or classes.txt), Pascal VOC (.xml files), BOP (scene_gt.json) or WebDataset "
            "(NAME-000000.tar)"
        )
    if len(found) > 1:
        raise InputError(
            f"{root}: holds datasets in more than one layout ({', '.join(sorted(found))}); "
            "name the folder or the .json or .yaml file of one of them"
        )
    return _with_splits(next(iter(found.values())).read(root))


def _with_splits(dataset: Dataset) -> Dataset:
    """Members as ``cyclorama split`` wrote them, if it did."""
    path = dataset.root / SPLITS_FILE
    if not path.is_file():
        return dataset
    positions = {id: i for i, id in enumerate(sample_ids(dataset.samples))}
    try:
        return replace(dataset, splits=_positions(read_json(path)["splits"], positions))
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: is damaged ({error!r}); run 'cyclorama split {dataset.root}' again") from error


def _positions(splits: Mapping[str, Any], positions: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(positions[id] for id in ids if id in positions) for name, ids in splits.items()}
