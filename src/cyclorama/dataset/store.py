"""The native store: images, maps and one JSON record per frame, written last.

A frame exists if and only if its record does; what is done is the set of records. So a run that died at any
moment goes on where it stopped, and nothing half-written is ever read.
"""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import cv2
from PIL import Image

from cyclorama.core.arrays import ByteArray
from cyclorama.core.errors import InputError
from cyclorama.core.frame import Frame
from cyclorama.core.plain import from_plain, to_plain
from cyclorama.core.plugins import class_name, plugin
from cyclorama.core.sample import Annotation
from cyclorama.core.skeleton import Skeleton
from cyclorama.dataset.files import TEMPORARY, as_json, read_json, write_bytes, write_json
from cyclorama.label.objects.mask import Mask

FORMAT_VERSION = 1
HEADER, RECIPE, RECORDS, FAILURES = "dataset.json", "recipe.yaml", "records", "failures.jsonl"
PER_FOLDER = 1000
MAPS = "cyclorama.label.maps"
JPEG_QUALITY = 95


@dataclass(frozen=True)
class Header:
    """What is the same for all frames.

    Attributes:
        categories: Names in the order of class numbers.
        fingerprint: Of recipe and assets; another recipe's frames don't mix with these.
        provenance: What is known of the origin; never invented.
        resources: The library's resources, as JSON.
        skeletons: What the keypoints of a category are, of those that have some.
    """

    categories: tuple[str, ...]
    fingerprint: str
    seed: int
    image_format: str
    labels: tuple[str, ...]
    maps: tuple[str, ...]
    provenance: Mapping[str, Any] = field(default_factory=dict)
    resources: Sequence[Mapping[str, Any]] = ()
    skeletons: Mapping[str, Skeleton] = field(default_factory=dict)


class Store:
    """A folder of frames."""

    def __init__(self, root: Path, header: Header) -> None:
        self.root = root
        self.header = header

    @classmethod
    def create(cls, root: Path, header: Header, *, recipe_yaml: str) -> "Store":
        """A new store, or the one that is there if it holds the same recipe's frames.

        Raises:
            InputError: The folder holds something else, or can't be written.
        """
        if (root / HEADER).is_file():
            store = cls.open(root)
            _refuse_other(root, store.header, header)
        elif root.exists() and (not root.is_dir() or any(p.name != HEADER + TEMPORARY for p in root.iterdir())):
            raise InputError(f"{root}: holds something that is no dataset of ours; choose another folder")
        else:
            store = cls(root, header)
        store._write_head(recipe_yaml)
        return store

    def _write_head(self, recipe_yaml: str) -> None:
        """What is not there yet; the header first, because a folder without one is not ours."""
        files = {HEADER: as_json({"cyclorama": FORMAT_VERSION, **asdict(self.header)}), RECIPE: recipe_yaml.encode()}
        missing = {self.root / name: content for name, content in files.items() if not (self.root / name).is_file()}
        is_new = not self.root.exists()
        try:
            for path, content in missing.items():
                write_bytes(path, content)
        except OSError as error:
            with suppress(OSError):
                for path in missing:
                    path.unlink(missing_ok=True)
                if is_new:
                    self.root.rmdir()
            raise InputError(f"{self.root}: can't be written ({error.strerror}); choose another folder") from error

    @classmethod
    def open(cls, root: Path) -> "Store":
        """The store in a folder.

        Raises:
            InputError: There is none, or its header is damaged or of a newer program.
        """
        plain = read_json(root / HEADER)
        if not isinstance(plain, dict) or plain.pop("cyclorama", None) != FORMAT_VERSION:
            raise InputError(f"{root / HEADER}: is no dataset header of version {FORMAT_VERSION}")
        try:
            return cls(root, from_plain(Header, plain))
        except (AttributeError, TypeError, ValueError) as error:
            raise InputError(f"{root / HEADER}: is damaged ({error})") from error

    def done(self) -> set[int]:
        """Indexes of the frames that are there."""
        return {int(path.stem) for path in self.records()}

    def records(self) -> Iterator[Path]:
        """The frames' records, in order; other files among them are none of ours."""
        for path in sorted((self.root / RECORDS).glob("*/*.json")):
            if path.stem.isdecimal() and path == self.path(RECORDS, int(path.stem), ".json"):
                yield path

    def path(self, kind: str, index: int, suffix: str) -> Path:
        """Where a frame's file lies, e.g. images/0007/0007123.png."""
        return self.root / kind / f"{index // PER_FOLDER:04d}" / f"{index:07d}{suffix}"

    def write(self, frame: Frame, annotations: Sequence[Annotation]) -> None:
        """Add a frame; its record is written last."""
        index, suffix = frame.scene.index, f".{self.header.image_format}"
        write_bytes(self.path("images", index, suffix), encoded_image(frame.rgb, self.header.image_format))
        for name in self.header.maps:
            kind = plugin(MAPS, name)
            write_bytes(self.path(name, index, kind.suffix), kind.encode(kind.measure(frame)))
        write_json(self.path(RECORDS, index, ".json"), self.record(frame, annotations))

    def remove(self, index: int) -> None:
        """Take a frame away; its record first, so that none is ever there by halves."""
        kinds = [("images", f".{self.header.image_format}")]
        kinds += [(name, plugin(MAPS, name).suffix) for name in self.header.maps]
        for kind, suffix in ((RECORDS, ".json"), *kinds):
            self.path(kind, index, suffix).unlink(missing_ok=True)

    def failures(self) -> dict[int, str]:
        """Index -> why that frame could not be made, of those that are still missing; the next run tries them again.

        Raises:
            InputError: The note of them is damaged.
        """
        path = self.root / FAILURES
        if not path.is_file():
            return {}
        there = self.done()
        try:
            noted = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
            return {note["index"]: note["reason"] for note in noted if note["index"] not in there}
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}: is damaged ({error!r}); delete it, no image needs it") from error

    def write_failures(self, failures: Mapping[int, str]) -> None:
        """Note which frames could not be made, in place of what was noted before; no file where there are none."""
        path = self.root / FAILURES
        if not failures:
            path.unlink(missing_ok=True)
            return
        lines = (json.dumps({"index": i, "reason": failures[i]}, ensure_ascii=False) for i in sorted(failures))
        write_bytes(path, "".join(f"{line}\n" for line in lines).encode())

    def record(self, frame: Frame, annotations: Sequence[Annotation]) -> dict[str, Any]:
        """What is written of a frame beside its picture and maps, JSON-able."""
        camera = frame.scene.camera
        image = self.path("images", frame.scene.index, f".{self.header.image_format}")
        # The map of instances holds all masks in a tenth of the space.
        without = (Mask,) if "instances" in self.header.maps else ()
        return {
            "index": frame.scene.index,
            "fingerprint": self.header.fingerprint,
            "width": camera.width,
            "height": camera.height,
            "image": image.relative_to(self.root).as_posix(),
            "annotations": [annotation_to_plain(a, without=without) for a in annotations],
            "scene": to_plain(frame.scene),
        }


def annotation_to_plain(annotation: Annotation, *, without: Sequence[type[Any]] = ()) -> dict[str, Any]:
    """JSON-able; labels by the name of their file."""
    labels = {
        _file_name(kind.__name__): annotation[kind].to_plain() for kind in annotation.labels if kind not in without
    }
    return {
        "category": annotation.category,
        "instance_id": annotation.instance_id,
        "ignored": annotation.ignored,
        "labels": labels,
    }


def _file_name(class_: str) -> str:
    name = "".join(f"_{c.lower()}" if c.isupper() else c for c in class_).lstrip("_")
    assert class_name(name) == class_
    return name


def _refuse_other(root: Path, there: Header, asked: Header) -> None:
    if there.fingerprint != asked.fingerprint:
        raise InputError(
            f"{root}: holds a dataset of another recipe ('{there.provenance.get('recipe', '?')}'); "
            "choose another folder, or undo the changes of recipe, --set, models or textures"
        )
    if there.seed != asked.seed:
        raise InputError(f"{root}: holds images of seed {there.seed}, not {asked.seed}; choose another folder")


def encoded_image(rgb: ByteArray, format: str) -> bytes:
    """The content of a "jpg" or "png" file of (H, W, 3) sRGB; as PNG without loss."""
    if format != "jpg":
        # OpenCV takes a fifth of the time that Pillow does for a file of the same size.
        return cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))[1].tobytes()
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return buffer.getvalue()
