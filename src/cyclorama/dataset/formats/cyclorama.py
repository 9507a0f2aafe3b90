"""Our own store."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from cyclorama.core.arrays import IntArray
from cyclorama.core.errors import InputError
from cyclorama.core.plain import from_plain
from cyclorama.core.plugins import plugin
from cyclorama.core.sample import Annotation, Dataset, Deferred, Sample
from cyclorama.core.scene import SCENE_NUMBER, Scene
from cyclorama.dataset.files import read_json
from cyclorama.dataset.lazy import LazySamples
from cyclorama.dataset.pictures import load_picture
from cyclorama.dataset.store import HEADER, MAPS, Store
from cyclorama.label.objects.mask import Mask

OBJECTS = "cyclorama.label.objects"


class Cyclorama:
    """Images, maps and a record per frame; written by ``cyclorama generate`` alone."""

    @staticmethod
    def recognises(root: Path) -> bool:
        """By its header."""
        return (root / HEADER).is_file()

    @staticmethod
    def read(root: Path) -> Dataset:
        """All frames whose record is there."""
        store = Store.open(root)
        return Dataset(
            categories=store.header.categories,
            samples=LazySamples(tuple(store.records()), partial(sample_of, store), _id),
            root=root,
            format="cyclorama",
            provenance={**store.header.provenance, "seed": store.header.seed, "fingerprint": store.header.fingerprint},
            skeletons=store.header.skeletons,
        )


def _id(record: Path) -> str:
    return record.stem


def sample_of(store: Store, path: Path) -> Sample:
    """The frame of a record.

    Raises:
        InputError: The record is damaged.
    """
    record = read_json(path)
    try:
        index, size = int(record["index"]), (int(record["width"]), int(record["height"]))
        maps = _maps(store, index)
        image = store.root / record["image"]
        return Sample(
            id=_id(path),
            width=size[0],
            height=size[1],
            image=image,
            load_image=partial(load_picture, image, size=size),
            annotations=tuple(_annotation(path, plain, maps) for plain in record["annotations"]),
            maps=maps,
            load_scene=partial(from_plain, Scene, record["scene"]),
            group=_group(record["scene"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: is a damaged record ({error!r}); delete it and generate again") from error


def _group(scene: Mapping[str, Any]) -> str | None:
    """Views of one scene belong together."""
    number = scene.get("draws", {}).get(SCENE_NUMBER)
    return None if number is None else f"scene {number}"


def _maps(store: Store, index: int) -> dict[str, Callable[[], Any]]:
    kinds = {name: plugin(MAPS, name) for name in store.header.maps}
    return {name: cache(partial(kind.read, store.path(name, index, kind.suffix))) for name, kind in kinds.items()}


def _annotation(path: Path, plain: Mapping[str, Any], maps: Mapping[str, Callable[[], IntArray]]) -> Annotation:
    stated = plain["labels"].items()
    labels = {plugin(OBJECTS, name): Deferred(partial(_label, path, name, value)) for name, value in stated}
    id = int(plain["instance_id"])
    if "instances" in maps and "box" in plain["labels"]:
        labels[Mask] = Deferred(lambda: Mask(maps["instances"]() == id))
    return Annotation(plain["category"], id, labels, plain["ignored"])


def _label(path: Path, name: str, value: Any) -> Any:
    """The label of a kind, when it is asked for."""
    try:
        return plugin(OBJECTS, name).from_plain(value)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: is a damaged record ({name}: {error}); delete it and generate again") from error
