"""What the pieces of a model's file add up to."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import trimesh

from cyclorama.assets.ply import check_rows
from cyclorama.assets.reading import one_line, scene_of
from cyclorama.assets.shading import creased
from cyclorama.core.arrays import ByteArray, FloatArray, IntArray
from cyclorama.core.errors import InputError
from cyclorama.core.joints import Joint
from cyclorama.core.model import Material, Model
from cyclorama.core.pictures import DAMAGED


@dataclass
class Parts:
    """What the pieces of a file add up to.

    Attributes:
        owners: Index of the joint that moves each piece; empty where there are no joints.
        joints: In the pieces' frame and unit.
        links: Of a robot, by name: file_from_link at rest, and the index of the joint that moves it.
        lost: Names of textures that Blender could not find or read.
    """

    vertices: list[FloatArray] = field(default_factory=list)
    faces: list[IntArray] = field(default_factory=list)
    normals: list[FloatArray | None] = field(default_factory=list)
    uv: list[FloatArray | None] = field(default_factory=list)
    colors: list[ByteArray | None] = field(default_factory=list)
    materials: list[Material] = field(default_factory=list)
    textures: dict[str, ByteArray] = field(default_factory=dict)
    owners: list[int] = field(default_factory=list)
    joints: tuple[Joint, ...] = ()
    links: dict[str, tuple[FloatArray, int]] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)


def parts_of(file: Path, path: Path) -> Parts:
    """What ``file`` holds, which stands for the user's ``path``.

    Raises:
        InputError: It can't be read, or holds no usable triangles.
    """
    parts = Parts()
    add_file(parts, file, path)
    return parts


def add_file(parts: Parts, file: Path, path: Path, world_from_file: FloatArray | None = None) -> None:
    """Add to the parts what ``file`` holds, which stands for the user's ``path``.

    Raises:
        InputError: It can't be read, or holds no usable triangles.
    """
    try:
        if file.suffix.lower() == ".ply":
            check_rows(file)
        scene = scene_of(file)
    except InputError:
        raise
    except Exception as error:
        kind = path.suffix.lower()[1:]
        raise InputError(f"{path}: can't be read as {kind}, the file is damaged ({one_line(error)})") from error
    moved = np.eye(4) if world_from_file is None else world_from_file
    before = len(parts.faces)
    for file_from_part, name in sorted((scene.graph[node] for node in scene.graph.nodes_geometry), key=_place):
        geometry = scene.geometry[name]
        if isinstance(geometry, trimesh.Trimesh) and len(geometry.faces):
            add_mesh(parts, geometry, moved @ np.asarray(file_from_part), path)
    if len(parts.faces) == before:
        raise InputError(f"{path}: holds no triangles; export the model as a mesh")


def _place(part: tuple[FloatArray, str]) -> tuple[str, bytes]:
    """What orders the parts of a file; trimesh's names of nodes are partly random."""
    world_from_part, name = part
    return name, np.asarray(world_from_part, float).tobytes()


def add_mesh(parts: Parts, mesh: trimesh.Trimesh, world_from_part: FloatArray, path: Path) -> None:
    """Add a mesh of the user's ``path`` to the parts.

    Raises:
        InputError: A vertex is no number.
    """
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


def merged(parts: Parts, id: str, name: str, turn: FloatArray) -> Model:
    """The model that the parts make when they are turned, and scaled, by a (3, 3) matrix."""
    unit_turn = turn / np.cbrt(np.linalg.det(turn))
    vertices, faces, normals, uv, colors, owner, movers, start = [], [], [], [], [], [], [], 0
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
        movers.append(np.full(len(f), parts.owners[index] if parts.joints else -1, np.int32))
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
        joints=tuple(_turned(joint, turn) for joint in parts.joints),
        face_joints=np.concatenate(movers) if parts.joints else np.zeros(0, np.int32),
    )


def _turned(joint: Joint, turn: FloatArray) -> Joint:
    factor = np.cbrt(np.linalg.det(turn))
    axis, origin = turn @ np.array(joint.axis) / factor, turn @ np.array(joint.origin_m)
    unit = factor if joint.kind == "prismatic" else 1.0
    low, high = float(joint.low * unit), float(joint.high * unit)
    return replace(joint, axis=triple(axis), origin_m=triple(origin), low=low, high=high)


def triple(values: FloatArray) -> tuple[float, float, float]:
    """Three numbers as plain data."""
    x, y, z = (float(value) for value in values)
    return x, y, z
