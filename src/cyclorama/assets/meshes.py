"""Model files become models."""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import trimesh

from cyclorama.assets.shading import creased
from cyclorama.assets.units import METRES, metres_per
from cyclorama.core.arrays import ByteArray, FloatArray, IntArray
from cyclorama.core.errors import InputError
from cyclorama.core.model import Material, Model

DIRECT = (".obj", ".ply", ".stl", ".glb", ".gltf")
THROUGH_BLENDER = (".fbx", ".usd", ".usda", ".usdc", ".usdz", ".blend")
Y_UP = (".glb", ".gltf")
SMALLEST_M, LARGEST_M = 1e-4, 500.0
TURN_Y_UP = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])


@dataclass
class Parts:
    """What the pieces of a file add up to."""

    vertices: list[FloatArray] = field(default_factory=list)
    faces: list[IntArray] = field(default_factory=list)
    normals: list[FloatArray | None] = field(default_factory=list)
    uv: list[FloatArray | None] = field(default_factory=list)
    colors: list[ByteArray | None] = field(default_factory=list)
    materials: list[Material] = field(default_factory=list)
    textures: dict[str, ByteArray] = field(default_factory=dict)


def existing_model_file(path: Path) -> Path:
    """``path`` if it is a file of a format that we read.

    Raises:
        InputError: It is missing or its format is unknown.
    """
    if not path.is_file():
        near = (
            get_close_matches(path.name, [p.name for p in path.parent.glob("*")], n=1) if path.parent.is_dir() else []
        )
        hint = f" Did you mean '{path.with_name(near[0])}'?" if near else ""
        raise InputError(f"no model file '{path}'.{hint}")
    if path.suffix.lower() not in DIRECT + THROUGH_BLENDER:
        raise InputError(f"{path}: can't read '{path.suffix}' models; expected {' '.join(DIRECT + THROUGH_BLENDER)}")
    return path


def load_model(path: Path, id: str, *, unit: str, up: str, texture: str | None) -> Model:
    """The model in a file, in metres, z up.

    Args:
        path: Any of the formats above.
        id: The model's id.
        unit: Of the file's numbers.
        up: "y", "z" or "auto" (y for glTF, z for all others; Blender's formats know their own).
        texture: Image file for models that name none, "none" to do without the model's own, or None.

    Raises:
        InputError: The file can't be read, holds no usable triangles, or names textures that are missing.
    """
    parts = _read_parts(existing_model_file(path))
    _apply_texture(parts, path, texture)
    scale = metres_per(unit)
    y_up = up == "y" or (up == "auto" and path.suffix.lower() in (*Y_UP, *THROUGH_BLENDER))
    turn = scale * (TURN_Y_UP if y_up else np.eye(3))
    model = _merged(parts, id, path.stem, turn)
    _check_size(path, model, unit)
    return model


def _read_parts(path: Path) -> Parts:
    if path.suffix.lower() in THROUGH_BLENDER:
        with tempfile.TemporaryDirectory() as folder:
            converted = Path(folder) / "model.glb"
            _convert_with_blender(path, converted)
            return _read_parts(converted)
    try:
        scene = trimesh.load_scene(path, file_type=path.suffix.lower()[1:], process=False)
    except Exception as error:
        raise InputError(
            f"{path}: can't be read as {path.suffix.lower()[1:]}, the file is damaged ({error})"
        ) from error
    parts = Parts()
    for node in sorted(scene.graph.nodes_geometry):
        world_from_part, name = scene.graph[node]
        geometry = scene.geometry[name]
        if isinstance(geometry, trimesh.Trimesh) and len(geometry.faces):
            _add(parts, geometry, np.asarray(world_from_part), path)
    if not parts.faces:
        raise InputError(f"{path}: holds no triangles; export the model as a mesh")
    return parts


def _convert_with_blender(path: Path, target: Path) -> None:
    command = [sys.executable, "-m", "cyclorama.render.engines.cycles.convert", str(path.resolve()), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or not target.is_file():
        lines = done.stderr.strip().splitlines() or ["Blender gave no reason"]
        raise InputError(f"{path}: can't be imported: {lines[-1]}")


def _add(parts: Parts, mesh: trimesh.Trimesh, world_from_part: FloatArray, path: Path) -> None:
    vertices = trimesh.transform_points(np.asarray(mesh.vertices, float), world_from_part)
    if not np.isfinite(vertices).all():
        bad = int(np.flatnonzero(~np.isfinite(vertices).all(axis=1))[0])
        raise InputError(f"{path}: vertex {bad} is not a finite number; repair the mesh")
    faces = np.asarray(mesh.faces, np.int32)
    if np.linalg.det(world_from_part[:3, :3]) < 0:
        faces = faces[:, ::-1]
    normals: FloatArray | None = None
    if "vertex_normals" in mesh._cache:
        normals = np.matmul(mesh.vertex_normals, np.linalg.inv(world_from_part[:3, :3]))
    parts.vertices.append(vertices)
    parts.faces.append(faces)
    parts.normals.append(normals)
    uv = getattr(mesh.visual, "uv", None)
    parts.uv.append(None if uv is None or len(uv) != len(vertices) else np.asarray(uv, float))
    parts.colors.append(_vertex_colors(mesh))
    parts.materials.append(_material(mesh, parts.textures))


def _vertex_colors(mesh: Any) -> ByteArray | None:
    if mesh.visual.kind == "vertex":
        return np.asarray(mesh.visual.vertex_colors, np.uint8)
    if mesh.visual.kind == "face":
        return np.asarray(trimesh.visual.color.face_to_vertex_color(mesh, mesh.visual.face_colors), np.uint8)
    extra = getattr(mesh.visual, "vertex_attributes", {}).get("color")
    if extra is None:
        return None
    levels = np.asarray(extra)
    levels = levels if levels.dtype == np.uint8 else np.rint(np.clip(levels, 0, 1) * 255).astype(np.uint8)
    alpha = np.full((len(levels), 1), 255, np.uint8)
    return levels if levels.shape[1] == 4 else np.concatenate([levels, alpha], axis=1)


def _material(mesh: Any, textures: dict[str, ByteArray]) -> Material:
    source = getattr(mesh.visual, "material", None)
    if source is None:
        return Material(base_color=(1.0, 1.0, 1.0, 1.0) if mesh.visual.defined else (0.8, 0.8, 0.8, 1.0))
    pbr = source if isinstance(source, trimesh.visual.material.PBRMaterial) else source.to_pbr()
    base = _texture(pbr.baseColorTexture, textures)
    factor = _factor(pbr.baseColorFactor, base is not None)
    emissive = pbr.emissiveFactor if pbr.emissiveFactor is not None else (0.0, 0.0, 0.0)
    mode = {"MASK": "cut", "BLEND": "blend"}.get(str(pbr.alphaMode), "opaque")
    return Material(
        name=str(pbr.name or "material"),
        base_color=factor,
        metallic=0.0 if pbr.metallicFactor is None else float(pbr.metallicFactor),
        roughness=_roughness(pbr, source),
        emission=(float(emissive[0]), float(emissive[1]), float(emissive[2])),
        alpha_mode=mode,
        alpha_cutoff=0.5 if pbr.alphaCutoff is None else float(pbr.alphaCutoff),
        base_color_texture=base,
        metallic_roughness_texture=_texture(pbr.metallicRoughnessTexture, textures),
        normal_texture=_texture(pbr.normalTexture, textures),
        emission_texture=_texture(pbr.emissiveTexture, textures),
    )


def _factor(values: Any, textured: bool) -> tuple[float, float, float, float]:
    if values is None or (textured and not np.any(np.asarray(values)[:3])):
        return (1.0, 1.0, 1.0, 1.0) if textured else (0.8, 0.8, 0.8, 1.0)
    levels = np.asarray(values)
    # trimesh keeps glTF's linear factors as bytes.
    unit = levels / 255 if levels.dtype == np.uint8 else levels.astype(float)
    r, g, b, a = (*unit[:3], unit[3] if len(unit) > 3 else 1.0)
    return float(r), float(g), float(b), float(a)


def _roughness(pbr: Any, source: Any) -> float:
    if pbr.roughnessFactor is None:
        return 0.5
    # Phong exponents of OBJ turn into extremes; half rough is what an unspecified thing looks like.
    return float(pbr.roughnessFactor) if pbr is source else float(np.clip(pbr.roughnessFactor, 0.3, 0.8))


def _texture(image: Any, textures: dict[str, ByteArray]) -> str | None:
    if image is None:
        return None
    pixels = np.array(image.convert("RGBA" if image.mode in ("RGBA", "LA", "P", "PA") else "RGB"))
    for name, known in textures.items():
        if known.shape == pixels.shape and np.array_equal(known, pixels):
            return name
    name = f"texture{len(textures)}"
    textures[name] = pixels
    return name


def _apply_texture(parts: Parts, path: Path, texture: str | None) -> None:
    if texture == "none":
        parts.materials = [replace(m, base_color_texture=None) for m in parts.materials]
        return
    missing = missing_textures(path)
    if texture is None and missing:
        raise InputError(f"{path}: texture '{missing[0]}' is not there; put it beside the model or set 'texture: none'")
    file = Path(texture) if texture else texture_beside(path)
    if file is None or (any(m.base_color_texture for m in parts.materials) and texture is None):
        return
    if all(uv is None for uv in parts.uv):
        if texture:
            raise InputError(f"{path}: has no texture coordinates for '{texture}'; unwrap the model or leave it out")
        return
    from cyclorama.assets.images import load_image

    parts.textures["given"] = load_image(file)
    parts.materials = [replace(m, base_color_texture="given", base_color=(1.0, 1.0, 1.0, 1.0)) for m in parts.materials]


def texture_beside(path: Path) -> Path | None:
    """The image of the model's own name that stands beside it, as scans have it; None if there is none."""
    if path.suffix.lower() not in (".fbx", ".obj", ".ply"):
        return None
    names = [path.with_suffix(suffix) for suffix in (".png", ".jpg", ".jpeg", ".PNG", ".JPG")]
    return next((name for name in names if name.is_file()), None)


def referenced_files(path: Path) -> list[Path]:
    """Files that a model names: materials, textures and buffers of .obj and .gltf; they may be missing."""
    if path.suffix.lower() == ".gltf":
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, OSError) as error:
            raise InputError(f"{path}: is not a glTF file ({error})") from error
        uris = [item.get("uri", "") for key in ("buffers", "images") for item in content.get(key, [])]
        return [path.parent / uri for uri in uris if uri and not uri.startswith("data:")]
    if path.suffix.lower() == ".obj":
        libraries = [path.parent / name for name in _after(path, "mtllib")]
        return libraries + [p.parent / name for p in libraries if p.is_file() for name in _after(p, "map_Kd")]
    return []


def missing_textures(path: Path) -> list[str]:
    """Names of images that a model refers to and that are not there."""
    images = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".tga", ".webp")
    return [p.name for p in referenced_files(path) if p.suffix.lower() in images and not p.is_file()]


def _after(path: Path, keyword: str) -> list[str]:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    words = [line.split(maxsplit=1) for line in lines if line.lstrip().lower().startswith(keyword.lower() + " ")]
    # Options of map_Kd (-s 1 1 1) come before the file name.
    return [w[1].strip().replace("\\", "/").split(" ")[-1] if w[1].startswith("-") else w[1].strip().replace("\\", "/")
            for w in words if len(w) == 2]  # fmt: skip


def _merged(parts: Parts, id: str, name: str, turn: FloatArray) -> Model:
    unit_turn = turn / np.cbrt(np.linalg.det(turn))
    vertices, faces, normals, uv, colors, owner, start = [], [], [], [], [], [], 0
    has_uv, has_colors = any(u is not None for u in parts.uv), any(c is not None for c in parts.colors)
    for index, (v, f) in enumerate(zip(parts.vertices, parts.faces, strict=True)):
        source, new_faces, part_normals = (
            creased(v, f) if parts.normals[index] is None else (np.arange(len(v)), f, parts.normals[index])
        )
        vertices.append(v[source] @ turn.T)
        faces.append(new_faces + start)
        normals.append(np.asarray(part_normals) @ unit_turn.T)
        part_uv, part_colors = parts.uv[index], parts.colors[index]
        uv.append(np.zeros((len(source), 2)) if part_uv is None else part_uv[source])
        colors.append(np.full((len(source), 4), 255, np.uint8) if part_colors is None else part_colors[source])
        owner.append(np.full(len(f), index, np.int32))
        start += len(source)
    unit = np.concatenate(normals)
    unit = unit / np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-12)
    return Model(
        id,
        name,
        np.concatenate(vertices),
        np.concatenate(faces),
        unit,
        uv=np.concatenate(uv) if has_uv else None,
        colors=np.concatenate(colors) if has_colors else None,
        face_materials=np.concatenate(owner),
        materials=tuple(parts.materials),
        textures=parts.textures,
    )


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
