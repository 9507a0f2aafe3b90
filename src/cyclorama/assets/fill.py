"""Vessels with liquid in them."""

from dataclasses import replace

import numpy as np

from cyclorama.assets.liquids import LIQUIDS
from cyclorama.assets.shading import creased
from cyclorama.assets.vessels import basin
from cyclorama.core.arrays import FloatArray, IntArray
from cyclorama.core.errors import InputError
from cyclorama.core.filling import Filling
from cyclorama.core.geometry import rotation_between
from cyclorama.core.model import Model

UPRIGHT = (0.0, 0.0, 1.0)
# (N, 3) points, (F, 3) triangles over them and (N, 3) normals.
Piece = tuple[FloatArray, IntArray, FloatArray]


def shows_liquid(model: Model, up: tuple[float, float, float] = UPRIGHT, *, is_glass: bool = False) -> bool:
    """Whether there is room for liquid that would be seen in a model.

    Args:
        model: In metres.
        up: (3,) direction in its frame that is up in the world.
        is_glass: Whether it may be made so.
    """
    found = basin(model, up)
    return found is not None and (found.is_seen or is_glass)


def filled(model: Model, filling: Filling, *, id: str) -> Model:
    """A model of its own that is the vessel and its liquid, whose surface is level and which is closed.

    Args:
        model: The vessel, empty.
        filling: How much of what.
        id: Of the result.

    Raises:
        InputError: It can't hold liquid.
    """
    found = basin(model, filling.up)
    if found is None:
        raise InputError(f"{model.name}: has no hollow that holds liquid as it stands")
    level_m = found.bottom_m + filling.share * (found.top_m - found.bottom_m)
    vertices, faces = found.filled_to(level_m)
    is_top = (vertices[faces][..., 2] > level_m - 1e-6 * model.radius_m).all(axis=1)
    turn = rotation_between(filling.up, [0.0, 0.0, 1.0])
    # Apart, so that the level surface is not shaded into the wall.
    shaded = [creased(vertices, part) for part in (faces[~is_top], faces[is_top]) if len(part)]
    pieces = [(vertices[source] @ turn, part, normals @ turn) for source, part, normals in shaded]
    return _joined(model, pieces, filling, id)


def _joined(model: Model, pieces: list[Piece], filling: Filling, id: str) -> Model:
    """The model and pieces of a surface, all of one liquid."""
    starts = np.cumsum([len(model.vertices_m), *(len(points) for points, _, _ in pieces)])
    added = int(starts[-1] - starts[0])
    faces = [part + start for (_, part, _), start in zip(pieces, starts[:-1], strict=True)]
    is_liquid = np.full(sum(map(len, faces)), len(model.materials), np.int32)
    return replace(
        model,
        id=id,
        vertices_m=np.concatenate([model.vertices_m, *(points for points, _, _ in pieces)]),
        faces=np.concatenate([model.faces, *faces]),
        normals=np.concatenate([model.normals, *(normals for _, _, normals in pieces)]),
        uv=None if model.uv is None else np.concatenate([model.uv, np.zeros((added, 2))]),
        colors=None if model.colors is None else np.concatenate([model.colors, np.full((added, 4), 255, np.uint8)]),
        face_materials=np.concatenate([model.face_materials, is_liquid]),
        materials=(*model.materials, LIQUIDS[filling.liquid]),
        joints=(),
        face_joints=np.zeros(0, np.int32),
        made_from=model,
    )
