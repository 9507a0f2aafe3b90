"""Pictures stuck on a surface, as Blender's nodes."""

from typing import Any

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.scene import Decal
from cyclorama.render.decals import FACING, box_from_model
from cyclorama.render.engines.cycles.shader import Shader


def decal_color(shader: Shader, decal: Decal, image: Any) -> tuple[Any, Any]:
    """Colour of a decal, and the share of it that shows."""
    box, coordinates = box_from_model(decal), shader.node("ShaderNodeTexCoord")
    x, y, z = (_along(shader, coordinates.outputs["Object"], row) for row in box[:3])
    at = shader.node("ShaderNodeCombineXYZ")
    for value, socket in zip((x, y), at.inputs, strict=False):
        shader.link(value, socket)
    picture = shader.node("ShaderNodeTexImage", image=image, extension="CLIP")
    shader.link(at.outputs["Vector"], picture.inputs["Vector"])
    # Seen from behind, a surface's normal is turned.
    behind = shader.node("ShaderNodeNewGeometry").outputs["Backfacing"]
    outward = _along(shader, coordinates.outputs["Normal"], [*(box[2, :3] / np.linalg.norm(box[2, :3])), 0.0])
    facing = shader.math("MULTIPLY", outward, shader.math("SUBTRACT", 1.0, shader.scaled(behind, 2.0)))
    within = shader.math("LESS_THAN", shader.math("ABSOLUTE", z), 1.0)
    shows = shader.math("MULTIPLY", within, shader.math("GREATER_THAN", facing, FACING))
    return picture.outputs["Color"], shader.math("MULTIPLY", shows, picture.outputs["Alpha"])


def _along(shader: Shader, vector: Any, row: FloatArray | list[float]) -> Any:
    """A row of a (4, 4) matrix times a vector and 1."""
    product = shader.node("ShaderNodeVectorMath", operation="DOT_PRODUCT")
    shader.link(vector, product.inputs[0])
    product.inputs[1].default_value = [float(v) for v in row[:3]]
    return shader.math("ADD", product.outputs["Value"], float(row[3]))
