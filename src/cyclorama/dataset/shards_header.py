"""What webdataset.json tells of all shards beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cyclorama.core.errors import InputError
from cyclorama.core.sample import Dataset
from cyclorama.core.skeleton import Skeleton
from cyclorama.dataset.files import read_json, write_json
from cyclorama.dataset.keypoints import category_from_skeleton, skeleton_from_category

FORMAT_VERSION = 1
HEADER = "webdataset.json"


@dataclass(frozen=True, eq=False)
class ShardsHeader:
    """All empty where there is no such file.

    Attributes:
        names: Of categories, by number: COCO's id where one is stated, else the position.
        shards: Their splits and numbers of samples.
        provenance: Of the dataset.
        skeletons: Of the categories that have keypoints.
    """

    names: Mapping[int, str]
    shards: Mapping[Path, tuple[str | None, int]]
    provenance: Mapping[str, Any]
    skeletons: Mapping[str, Skeleton]

    @classmethod
    def read(cls, folder: Path) -> "ShardsHeader":
        """That of a folder.

        Raises:
            InputError: It is damaged, or of another version.
        """
        path = folder / HEADER
        plain = read_json(path) if path.is_file() else {}
        try:
            version, categories = plain.get("webdataset", FORMAT_VERSION), plain.get("categories", [])
            named = [(c["id"], c["name"]) if isinstance(c, dict) else (i, c) for i, c in enumerate(categories)]
            names = {int(id): str(name) for id, name in named}
            shards = {folder / s["file"]: (s["split"], int(s["samples"])) for s in plain.get("shards", [])}
            provenance = dict(plain.get("provenance", {}))
            marked = {str(c["name"]): c for c in categories if isinstance(c, dict)} | dict(plain.get("keypoints", {}))
            found = {name: skeleton_from_category(str(path), {"name": name, **c}) for name, c in marked.items()}
        except InputError:
            raise
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"{path}: is damaged ({error!r}); expected 'categories', 'shards' and 'provenance'"
            ) from error
        if version != FORMAT_VERSION:
            raise InputError(f"{path}: is of version {version}, of another program; expected {FORMAT_VERSION}")
        return cls(names, shards, provenance, {name: s for name, s in found.items() if s is not None})


def write_header(dataset: Dataset, shards: Sequence[Mapping[str, Any]], folder: Path) -> None:
    """Write that of a dataset, whose shards have a ``file``, a ``split`` or None, and a number of ``samples``."""
    plain: dict[str, Any] = {"webdataset": FORMAT_VERSION}
    plain |= {"categories": list(dataset.categories), "shards": list(shards)}
    if dataset.skeletons:
        plain["keypoints"] = {name: category_from_skeleton(s) for name, s in dataset.skeletons.items()}
    write_json(folder / HEADER, plain | {"provenance": dict(dataset.provenance)})
