"""Our models as Blender's meshes."""

from typing import Any

import numpy as np
import numpy.typing as npt

from cyclorama.core.arrays import FloatArray
from cyclorama.core.model import Model

COLORS, UV, EDGES = "colors", "uv", "edges"


def new_mesh(bpy: Any, model: Model, edges: FloatArray | None = None) -> Any:
    """A mesh of the same triangles, normals, texture coordinates and vertex colours, with empty material slots.

    Args:
        bpy: Blender.
        model: What to show.
        edges: (F, 3, 3) distances of the triangles' corners to edges, in diameters, if they are to be worn.
    """
    mesh = bpy.data.meshes.new(model.id)
    faces = len(model.faces)
    mesh.vertices.add(len(model.vertices_m))
    mesh.loops.add(3 * faces)
    mesh.polygons.add(faces)
    mesh.polygons.foreach_set("loop_start", np.arange(0, 3 * faces, 3, dtype=np.int32))
    mesh.attributes["position"].data.foreach_set("vector", np.ravel(model.vertices_m))
    mesh.attributes[".corner_vert"].data.foreach_set("value", np.ravel(model.faces))
    _add(mesh, "material_index", "INT", "FACE", model.face_materials)
    if model.uv is not None:
        _add(mesh, UV, "FLOAT2", "CORNER", model.uv[model.faces.reshape(-1)])
    if edges is not None:
        _add(mesh, EDGES, "FLOAT_VECTOR", "CORNER", edges)
    if model.colors is not None:
        attribute = mesh.color_attributes.new(COLORS, "BYTE_COLOR", "POINT")
        attribute.data.foreach_set("color_srgb", np.ravel(model.colors).astype(np.float32) / 255)
    for _ in model.materials:
        mesh.materials.append(None)
    mesh.update()
    # Blender takes an attribute of this name as it is; what it encodes itself is off by up to .0005 and costs as much
    # as all the rest of the mesh.
    _add(mesh, "custom_normal", "FLOAT_VECTOR", "POINT", model.normals)
    return mesh


def mesh_bytes(mesh: Any) -> int:
    """What a mesh takes in Blender's memory, about: its positions and normals, edges, corners and their coordinates."""
    return 24 * len(mesh.vertices) + 8 * len(mesh.edges) + 16 * len(mesh.loops) + 8 * len(mesh.polygons)


def _add(mesh: Any, name: str, kind: str, domain: str, values: npt.NDArray[Any]) -> None:
    field = "value" if kind == "INT" else "vector"
    mesh.attributes.new(name, kind, domain).data.foreach_set(field, np.ravel(values))
