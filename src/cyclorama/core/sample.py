"""Images with annotations: the same types for renders and photographs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from cyclorama.core.arrays import ByteArray
from cyclorama.core.scene import Scene
from cyclorama.core.skeleton import Skeleton

L = TypeVar("L")


@dataclass(frozen=True)
class Deferred:
    """A label that is read from disk when it is asked for."""

    load: Callable[[], Any]


@dataclass(frozen=True, eq=False)
class Annotation:
    """One object in one image.

    Attributes:
        category: Name.
        instance_id: 1, 2, ... unique in the image.
        labels: Label class -> label; ``annotation[Box]`` is a ``Box``.
        ignored: Why training and scoring leave it out ("visible 3 %", "crowd"), or None; it is kept.
        stated_area_px: Area as the file states it (COCO), None where it states none.
        stated_visible: Visible share 0..1 as the file states it (BOP, our COCO), None where it states none.
    """

    category: str
    instance_id: int
    labels: Mapping[type[Any], Any] = field(default_factory=dict)
    ignored: str | None = None
    stated_area_px: float | None = None
    stated_visible: float | None = None

    def __getitem__(self, kind: type[L]) -> L:
        if kind not in self.labels:
            has = ", ".join(sorted(k.__name__ for k in self.labels)) or "none"
            raise KeyError(f"'{self.category}' has no {kind.__name__} label (it has: {has})")
        value = self.labels[kind]
        return value.load() if isinstance(value, Deferred) else value

    def __contains__(self, kind: type[Any]) -> bool:
        return kind in self.labels


@dataclass(frozen=True, eq=False)
class Sample:
    """One image and what is on it.

    Attributes:
        id: Unique in its dataset, e.g. the scene's index or the file's stem.
        width: Pixels.
        height: Pixels.
        image: Path of the file, or of a member of a tar archive (``core.tars``).
        load_image: Returns (H, W, 3) uint8 sRGB.
        maps: Per-pixel labels by name ("instances", "depth", "normals") -> loader of an array.
        load_scene: Returns the scene of a render; None for a photograph.
        group: Samples with the same group (one scene seen by several cameras, frames of a video) are
            never split apart; None is a group of its own.
    """

    id: str
    width: int
    height: int
    image: Path
    load_image: Callable[[], ByteArray]
    annotations: tuple[Annotation, ...] = ()
    maps: Mapping[str, Callable[[], Any]] = field(default_factory=dict)
    load_scene: Callable[[], Scene] | None = None
    group: str | None = None


@dataclass(frozen=True, eq=False)
class Dataset:
    """Categories in a fixed order and lazily read samples.

    Attributes:
        categories: Names; the position is the detector's class number.
        samples: Length and item access; items are made when asked for.
        splits: "train" | "val" | "test" -> positions in ``samples``; empty where not split.
        root: Where it lies.
        format: Name of the format that it was read from.
        provenance: What is known of its origin (recipe, engine, licence); never invented.
        skeletons: What the keypoints of a category are, of those that have some.
    """

    categories: tuple[str, ...]
    samples: Sequence[Sample]
    root: Path
    format: str
    splits: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)
    skeletons: Mapping[str, Skeleton] = field(default_factory=dict)
