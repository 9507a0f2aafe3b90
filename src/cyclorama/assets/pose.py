"""Models with joints, opened."""

from dataclasses import replace

import numpy as np

from cyclorama.core.arrays import BoolArray, FloatArray
from cyclorama.core.geometry import transformed
from cyclorama.core.joints import Shares, motions
from cyclorama.core.landmarks import Landmarks
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
    marks = model.landmarks and _carried(model.landmarks, moves)
    return replace(
        model,
        id=id,
        vertices_m=vertices,
        normals=normals,
        joints=(),
        face_joints=frozen,
        landmarks=marks,
        made_from=model,
    )


def _carried(marks: Landmarks, moves: FloatArray) -> Landmarks:
    """Each keypoint moved as the part that it is on."""
    points = [
        transformed(moves[joint], point[None])[0] for joint, point in zip(marks.joints, marks.points_m, strict=True)
    ]
    return replace(marks, points_m=np.array(points), joints=np.full(len(points), -1))


def parts_by_joint(model: Model) -> list[tuple[int, Model]]:
    """Each part of a model at rest, and the index of the joint that moves it; -1 for what stands still."""
    return [(joint, _part(model, joint, model.face_joints == joint)) for joint in np.unique(model.face_joints).tolist()]


def _part(model: Model, joint: int, mine: BoolArray) -> Model:
    used, faces = np.unique(model.faces[mine], return_inverse=True)
    return Model(
        f"{model.id}-part{joint}", model.name, model.vertices_m[used], faces.reshape(-1, 3), model.normals[used]
    )
