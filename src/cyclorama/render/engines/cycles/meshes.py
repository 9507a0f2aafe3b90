"""Our models as Blender's meshes."""

from typing import Any

import numpy as np

from cyclorama.core.model import Model

COLORS, UV = "colors", "uv"


def new_mesh(bpy: Any, model: Model) -> Any:
    """A mesh of the same triangles, normals, texture coordinates and vertex colours, with empty material slots."""
    mesh = bpy.data.meshes.new(model.id)
    faces = len(model.faces)
    mesh.vertices.add(len(model.vertices_m))
    mesh.vertices.foreach_set("co", np.ravel(model.vertices_m))
    mesh.loops.add(3 * faces)
    mesh.loops.foreach_set("vertex_index", np.ravel(model.faces))
    mesh.polygons.add(faces)
    mesh.polygons.foreach_set("loop_start", np.arange(0, 3 * faces, 3, dtype=np.int32))
    mesh.polygons.foreach_set("material_index", np.ascontiguousarray(model.face_materials))
    mesh.polygons.foreach_set("use_smooth", np.ones(faces, bool))
    corners = model.faces.reshape(-1)
    if model.uv is not None:
        layer = mesh.uv_layers.new(name=UV)
        layer.uv.foreach_set("vector", np.ravel(model.uv[corners]))
    if model.colors is not None:
        attribute = mesh.color_attributes.new(COLORS, "BYTE_COLOR", "POINT")
        attribute.data.foreach_set("color_srgb", np.ravel(model.colors).astype(np.float32) / 255)
    for _ in model.materials:
        mesh.materials.append(None)
    mesh.update()
    mesh.normals_split_custom_set_from_vertices(model.normals)
    return mesh
