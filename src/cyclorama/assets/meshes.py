"""Model files become models."""

import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import trimesh

from cyclorama.assets.cache import write_files_used
from cyclorama.assets.reading import Y_UP, convert_with_blender, one_line, scene_of
from cyclorama.assets.references import check_textures, missing_textures, texture_beside
from cyclorama.assets.shading import creased
from cyclorama.assets.units import METRES, metres_per
from cyclorama.core.arrays import ByteArray, FloatArray, IntArray
from cyclorama.core.errors import InputError, nearest
from cyclorama.core.model import Material, Model
from cyclorama.core.pictures import DAMAGED

DIRECT = (".obj", ".ply", ".stl", *Y_UP)
THROUGH_BLENDER = (".fbx", ".usd", ".usda", ".usdc", ".usdz", ".blend")
SMALLEST_M, LARGEST_M = 1e-4, 500.0
TURN_Y_UP = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])


@dataclass
class Parts:
    """What the pieces of a file add up to.

    Attributes:
        lost: Names of textures that Blender could not find or read.
    """

    vertices: list[FloatArray] = field(default_factory=list)
    faces: list[IntArray] = field(default_factory=list)
    normals: list[FloatArray | None] = field(default_factory=list)
    uv: list[FloatArray | None] = field(default_factory=list)
    colors: list[ByteArray | None] = field(default_factory=list)
    materials: list[Material] = field(default_factory=list)
    textures: dict[str, ByteArray] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)


def existing_model_file(path: Path) -> Path:
    """``path`` if it is a file of a format that we read.

    Raises:
        InputError: It is missing or its format is unknown.
    """
    if path.is_dir():
        raise InputError(f"{path}: is a folder; name the model file in it")
    if not path.is_file():
        near = nearest(str(path), map(str, path.parent.glob("*")))
        raise InputError(f"no model file '{path}'.{near or ' Expected ' + ' '.join(DIRECT + THROUGH_BLENDER)}")
    if path.suffix.lower() not in DIRECT + THROUGH_BLENDER:
        raise InputError(f"{path}: can't read '{path.suffix}' models; expected {' '.join(DIRECT + THROUGH_BLENDER)}")
    return path


def load_model(path: Path, id: str, *, unit: str, up: str, texture: str | None) -> Model:
    """The model in a file, in metres, z up.

    Args:
        path: Any of the formats above.
        id: The model's id.
        unit: Of the file's numbers.
        up: "y", "z" or "auto" (y for glTF, z for all others); Blender has turned its own formats to z before.
        texture: Image file for models that name none, "none" to do without the model's own, or None.

    Raises:
        InputError: The file can't be read, holds no usable triangles, or names textures that are missing or damaged.
    """
    parts = _read_parts(existing_model_file(path))
    if texture is None:
        check_textures(path)
    _apply_texture(parts, path, texture)
    scale = metres_per(unit)
    y_up = up == "y" or (up == "auto" and path.suffix.lower() in Y_UP)
    turn = scale * (TURN_Y_UP if y_up else np.eye(3))
    model = _merged(parts, id, path.stem, turn)
    _check_size(path, model, unit)
    return model


def _read_parts(path: Path) -> Parts:
    if path.suffix.lower() in THROUGH_BLENDER:
        with tempfile.TemporaryDirectory() as folder:
            converted = Path(folder) / "model.glb"
            told = convert_with_blender(path, converted)
            write_files_used(path, told.used)
            return replace(_parts_of(converted, path), lost=told.lost)
    return _parts_of(path, path)


def _parts_of(file: Path, path: Path) -> Parts:
    """What ``file`` holds, which stands for the user's ``path``."""
    try:
        scene = scene_of(file)
    except Exception as error:
        kind = path.suffix.lower()[1:]
        raise InputError(f"{path}: can't be read as {kind}, the file is damaged ({one_line(error)})") from error
    parts = Parts()
    for world_from_part, name in sorted((scene.graph[node] for node in scene.graph.nodes_geometry), key=_place):
        geometry = scene.geometry[name]
        if isinstance(geometry, trimesh.Trimesh) and len(geometry.faces):
            _add(parts, geometry, np.asarray(world_from_part), path)
    if not parts.faces:
        raise InputError(f"{path}: holds no triangles; export the model as a mesh")
    return parts


def _place(part: tuple[FloatArray, str]) -> tuple[str, bytes]:
    """What orders the parts of a file; trimesh's names of nodes are partly random."""
    world_from_part, name = part
    return name, np.asarray(world_from_part, float).tobytes()


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
    parts.uv.append(None if uv is None or len(uv) != len(vertices) else np.nan_to_num(np.asarray(uv, float)))
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
    # Where there is none, trimesh makes a grey picture, which comes from no file and so has no format.
    if source is None or getattr(getattr(source, "image", None), "format", "none") is None:
        is_colored = _vertex_colors(mesh) is not None
        return Material(base_color=(1.0, 1.0, 1.0, 1.0) if is_colored else (0.8, 0.8, 0.8, 1.0))
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
    try:
        pixels = np.array(image.convert("RGBA" if image.mode in ("RGBA", "LA", "P", "PA") else "RGB"))
    except DAMAGED:
        return None  # Refused by check_textures, unless the user does without.
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
