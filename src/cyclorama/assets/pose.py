"""Models with joints, opened."""

from dataclasses import replace

import numpy as np

from cyclorama.core.arrays import BoolArray
from cyclorama.core.geometry import transformed
from cyclorama.core.joints import Shares, motions
from cyclorama.core.model import Model


def posed(model: Model, shares: Shares, *, id: str) -> Model:
    """A model of its own whose joints are open by shares of their ways, and never move again.

    Args:
        model: At rest.
        shares: By index of the joint, within -1 .. 1; all others stay at rest.
        id: Of the result.
    """
    moves = motions(model.joints, shares)
    vertices, normals = model.vertices_m.astype(float), model.normals.astype(float)
    for joint in range(len(model.joints)):
        mine = np.unique(model.faces[model.face_joints == joint])
        vertices[mine] = transformed(moves[joint], vertices[mine])
        normals[mine] = normals[mine] @ moves[joint][:3, :3].T
    frozen = np.zeros(0, np.int32)
    return replace(model, id=id, vertices_m=vertices, normals=normals, joints=(), face_joints=frozen, made_from=model)


def parts_by_joint(model: Model) -> list[tuple[int, Model]]:
    """Each part of a model at rest, and the index of the joint that moves it; -1 for what stands still."""
    return [(joint, _part(model, joint, model.face_joints == joint)) for joint in np.unique(model.face_joints).tolist()]


def _part(model: Model, joint: int, mine: BoolArray) -> Model:
    used, faces = np.unique(model.faces[mine], return_inverse=True)
    return Model(
        f"{model.id}-part{joint}", model.name, model.vertices_m[used], faces.reshape(-1, 3), model.normals[used]
    )
