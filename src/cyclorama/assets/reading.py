"""Model files through trimesh and through Blender."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import trimesh

from cyclorama.assets.references import Beside
from cyclorama.core.arrays import ByteArray
from cyclorama.core.color import srgb_encoded
from cyclorama.core.errors import InputError

Y_UP = (".glb", ".gltf")


def scene_of(file: Path) -> Any:
    """The scene that trimesh reads from a file of a format that it reads; vertex colours as sRGB bytes."""
    kind = file.suffix.lower()[1:]
    beside: Any = Beside(file)
    # Texture coordinates that a corner lacks may be "not a number".
    with file.open("rb") as content, np.errstate(invalid="ignore"):
        if kind == "ply":
            return trimesh.load_scene({**_ply(content, beside), "process": False})
        if f".{kind}" not in Y_UP:
            scene = trimesh.load_scene(content, file_type=kind, resolver=beside, process=False)
            # These files alone say what their unit is.
            return scene.convert_units("m") if kind == "dae" and scene.units else scene
        load = trimesh.exchange.gltf.load_glb if kind == "glb" else trimesh.exchange.gltf.load_gltf
        loaded = load(content, resolver=beside, process=False)
    for part in loaded["geometry"].values():
        if "vertex_colors" in part:
            part["vertex_colors"] = _srgb_bytes(part["vertex_colors"])
        attributes = getattr(part.get("visual"), "vertex_attributes", {})
        if "color" in attributes:
            attributes["color"] = _srgb_bytes(attributes["color"])
    return trimesh.load_scene(loaded)


def _ply(content: BinaryIO, beside: Any) -> dict[str, Any]:
    """What trimesh reads, and the colours of vertices that have texture coordinates too, which it drops."""
    loaded: dict[str, Any] = trimesh.exchange.ply.load_ply(content, resolver=beside)
    colors = loaded.get("vertex_colors")
    fields = loaded["metadata"]["_ply_raw"].get("vertex", {}).get("properties", {})
    if colors is None or "visual" not in loaded or not {"s", "u", "texture_u"} & set(fields):
        return loaded
    # Coordinates that belong to vertices need no seams, so every vertex stays where it was.
    content.seek(0)
    loaded = trimesh.exchange.ply.load_ply(content, resolver=beside, fix_texture=False)
    loaded["visual"].vertex_attributes["color"] = colors
    return loaded


def _srgb_bytes(levels: Any) -> ByteArray:
    """Vertex colours of glTF, which are linear and of three kinds of number; trimesh takes them as they are."""
    levels = np.asarray(levels)
    unit = levels / np.iinfo(levels.dtype).max if levels.dtype.kind == "u" else levels.astype(float)
    colors = np.concatenate([srgb_encoded(unit[:, :3]), unit[:, 3:]], axis=1)
    return np.rint(np.clip(colors, 0, 1) * 255).astype(np.uint8)


def one_line(error: Exception) -> str:
    """What an error says, on one line of a sentence's length."""
    return " ".join(str(error).split())[:200] or type(error).__name__


@dataclass(frozen=True)
class Converted:
    """What Blender had to do with beside the file.

    Attributes:
        lost: Names of textures that it could not find or read.
        used: Textures and other files that the model is made of, none of them inside of the file.
    """

    lost: list[str]
    used: list[Path]


def convert_with_blender(path: Path, target: Path) -> Converted:
    """Write ``target``, a GLB, in a process that loads Blender.

    Raises:
        InputError: Blender can't read ``path``, or is not there.
    """
    # -P: a module in the folder where the user stands is none of ours.
    program = [sys.executable, "-P", "-m", "cyclorama.render.engines.cycles.convert"]
    done = subprocess.run([*program, str(path.resolve()), str(target)], capture_output=True, text=True, check=False)
    answer = target.with_suffix(".json")
    if not answer.is_file():
        raise InputError(f"{path}: can't be imported: {_last_line(done.stderr)}")
    told = json.loads(answer.read_text("utf-8"))
    if "refused" in told:
        raise InputError(f"{path}: can't be imported: {told['refused']}")
    return Converted(told["lost"], [Path(file) for file in told["used"]])


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "Blender gave no reason"
