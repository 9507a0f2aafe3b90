"""Imported models on disk, by content."""

import hashlib
import io
import json
import os
import tempfile
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from platformdirs import user_cache_path

from cyclorama.core.errors import InputError
from cyclorama.core.joints import Joint
from cyclorama.core.landmarks import Landmarks
from cyclorama.core.model import Material, Model
from cyclorama.core.plain import from_plain, to_plain

# Part of every key: raise it when the importer's result changes.
IMPORTER_VERSION = "3"


def cache_folder() -> Path:
    """Where imported models are kept: $CYCLORAMA_CACHE, or the user's cache folder."""
    return Path(os.environ.get("CYCLORAMA_CACHE") or user_cache_path("cyclorama")) / "models"


def content_hash(files: list[Path], *facts: str) -> str:
    """Ten hexadecimal digits that stand for the content of files and for facts; missing files count by name."""
    digest = hashlib.sha256("\0".join(facts).encode())
    for file in files:
        digest.update(file.name.encode())
        if file.is_file():
            digest.update(file.read_bytes())
    return digest.hexdigest()[:10]


def write_model(model: Model) -> None:
    """Keep a model.

    Raises:
        InputError: There is no room for it.
    """
    arrays = {"vertices_m": model.vertices_m, "faces": model.faces, "normals": model.normals}
    arrays |= {"face_materials": model.face_materials}
    arrays |= {name: value for name in ("uv", "colors") if (value := getattr(model, name)) is not None}
    for name, pixels in model.textures.items():
        order = [2, 1, 0, 3][: pixels.shape[2]]
        arrays[f"texture:{name}"] = cv2.imencode(".png", np.ascontiguousarray(pixels[..., order]))[1]
    if model.joints:
        arrays["face_joints"] = model.face_joints
    header: dict[str, Any] = {"name": model.name, "materials": [asdict(m) for m in model.materials]}
    header["joints"] = [asdict(joint) for joint in model.joints]
    header["landmarks"] = to_plain(model.landmarks)
    arrays["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    keep(f"{model.id}.npz", buffer.getvalue())


def read_model(id: str) -> Model | None:
    """The kept model, or None where there is none or it can't be read."""
    path = cache_folder() / f"{id}.npz"
    try:
        with path.open("rb") as file, np.load(file) as stored:
            arrays = {name: stored[name] for name in stored.files}
        header = json.loads(arrays.pop("header").tobytes())
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    textures = {
        name.partition(":")[2]: _decoded(arrays.pop(name)) for name in list(arrays) if name.startswith("texture:")
    }
    materials = tuple(Material(**_tuples(m)) for m in header["materials"])
    joints = tuple(Joint(**_tuples(j)) for j in header.get("joints", []))
    marks = from_plain(Landmarks, header["landmarks"]) if header.get("landmarks") else None
    return Model(id, header["name"], materials=materials, textures=textures, joints=joints, landmarks=marks, **arrays)


def write_files_used(path: Path, files: list[Path]) -> None:
    """Keep what a model file, as it is now and where it is, was found to be made of beside itself.

    Raises:
        InputError: There is no room for it.
    """
    keep(_files_name(path), json.dumps([str(file) for file in files]).encode())


def read_files_used(path: Path) -> list[Path]:
    """What ``write_files_used`` kept; none where that isn't known."""
    try:
        return [Path(file) for file in json.loads((cache_folder() / _files_name(path)).read_bytes())]
    except (OSError, ValueError):
        return []


def _files_name(path: Path) -> str:
    return f"{path.stem}-{content_hash([path], IMPORTER_VERSION, str(path.resolve()))}.json"


def keep(name: str, content: bytes) -> None:
    """Write a file of the cache; another process that reads at the same time sees all of it or nothing."""
    folder = cache_folder()
    written = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, suffix=".tmp", delete=False) as file:
            written = Path(file.name)
            file.write(content)
        written.replace(folder / name)
    except OSError as error:
        if written:
            written.unlink(missing_ok=True)
        why = f"can't keep models in '{folder}': {error.strerror}"
        raise InputError(f"{why}; make room, or set $CYCLORAMA_CACHE to another folder") from error


def _decoded(png: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    image = cv2.imdecode(png, cv2.IMREAD_UNCHANGED)
    return np.ascontiguousarray(image[..., [2, 1, 0, 3][: image.shape[2]]])


def _tuples(plain: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in plain.items()}
