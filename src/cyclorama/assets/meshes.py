"""Model files become models."""

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from cyclorama.assets.cache import write_files_used
from cyclorama.assets.keypoints import keypoints_file, landmarks_of
from cyclorama.assets.parts import Parts, merged, parts_of
from cyclorama.assets.reading import Y_UP, convert_with_blender
from cyclorama.assets.references import check_textures, missing_textures, texture_beside
from cyclorama.assets.robots import parts_of_robot
from cyclorama.assets.units import METRES, metres_per
from cyclorama.assets.urdf import ROBOTS
from cyclorama.core.errors import InputError, nearest
from cyclorama.core.model import Model

DIRECT = (".obj", ".ply", ".stl", *Y_UP)
THROUGH_BLENDER = (".fbx", ".usd", ".usda", ".usdc", ".usdz", ".blend")
READ = (*DIRECT, *THROUGH_BLENDER, *ROBOTS)
SMALLEST_M, LARGEST_M = 1e-4, 500.0
TURN_Y_UP = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])


def existing_model_file(path: Path) -> Path:
    """``path`` if it is a file of a format that we read.

    Raises:
        InputError: It is missing or its format is unknown.
    """
    if path.is_dir():
        raise InputError(f"{path}: is a folder; name the model file in it")
    if not path.is_file():
        near = nearest(str(path), map(str, path.parent.glob("*")))
        raise InputError(f"no model file '{path}'.{near or ' Expected ' + ' '.join(READ)}")
    if path.suffix.lower() not in READ:
        raise InputError(f"{path}: can't read '{path.suffix}' models; expected {' '.join(READ)}")
    return path


def load_model(path: Path, id: str, *, unit: str, up: str, texture: str | None) -> Model:
    """The model in a file, in metres, z up, with the keypoints that a file beside it states.

    Args:
        path: Any of the formats above.
        id: The model's id.
        unit: Of the file's numbers.
        up: "y", "z" or "auto" (y for glTF, z for all others); Blender has turned its own formats to z before.
        texture: Image file for models that name none, "none" to do without the model's own, or None.

    Raises:
        InputError: The file can't be read, holds no usable triangles, or names textures that are missing or damaged; or
            that of its keypoints can't be used.
    """
    parts = _read_parts(existing_model_file(path))
    if texture is None:
        check_textures(path)
    _apply_texture(parts, path, texture)
    scale = metres_per(unit)
    y_up = up == "y" or (up == "auto" and path.suffix.lower() in Y_UP)
    turn = scale * (TURN_Y_UP if y_up else np.eye(3))
    model = merged(parts, id, path.stem, turn)
    _check_size(path, model, unit)
    beside = keypoints_file(path)
    return model if beside is None else replace(model, landmarks=landmarks_of(beside, model, turn, parts.links))


def _read_parts(path: Path) -> Parts:
    if path.suffix.lower() in ROBOTS:
        return parts_of_robot(path)
    if path.suffix.lower() in THROUGH_BLENDER:
        with tempfile.TemporaryDirectory() as folder:
            converted = Path(folder) / "model.glb"
            told = convert_with_blender(path, converted)
            write_files_used(path, told.used)
            return replace(parts_of(converted, path), lost=told.lost)
    return parts_of(path, path)


def _apply_texture(parts: Parts, path: Path, texture: str | None) -> None:
    if texture == "none":
        parts.materials = [replace(m, base_color_texture=None) for m in parts.materials]
        return
    file = Path(texture) if texture else texture_beside(path)
    missing, what = missing_textures(path), "is not there"
    if not missing and file is None:
        missing, what = parts.lost, "is missing or damaged"
    if texture is None and missing:
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        raise InputError(f"{path}: texture '{missing[0]}'{more} {what}; put it beside the model or set 'texture: none'")
    if file is None or (any(m.base_color_texture for m in parts.materials) and texture is None):
        return
    if all(uv is None for uv in parts.uv):
        if texture:
            raise InputError(f"{path}: has no texture coordinates for '{texture}'; unwrap the model or leave it out")
        return
    from cyclorama.assets.images import load_image

    parts.textures["given"] = load_image(file)
    parts.materials = [replace(m, base_color_texture="given", base_color=(1.0, 1.0, 1.0, 1.0)) for m in parts.materials]


def _check_size(path: Path, model: Model, unit: str) -> None:
    extent = float(np.ptp(model.bounds_m, axis=0).max())
    if extent == 0:
        raise InputError(f"{path}: all vertices are at one point; the mesh has no size")
    if SMALLEST_M <= extent <= LARGEST_M:
        return
    raw = extent / metres_per(unit)
    likely = [name for name, length in METRES.items() if 0.005 <= raw * length <= 5.0]
    hint = f"; set 'unit: {likely[0]}'" if likely else "; set the right unit"
    raise InputError(f"{path}: is {extent:.3g} m large when read in '{unit}'{hint}")
