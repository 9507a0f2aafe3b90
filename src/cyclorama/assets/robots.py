"""Robot files become parts and joints: links' visual meshes as they are at rest."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import trimesh

from cyclorama.assets.parts import Parts, add_file, add_mesh, triple
from cyclorama.assets.urdf import MESHES, MOVABLE, mesh_file, read_robot
from cyclorama.core.arrays import FloatArray
from cyclorama.core.color import srgb_decoded
from cyclorama.core.errors import InputError
from cyclorama.core.joints import Joint
from cyclorama.core.model import Material

# Material of a piece whose file names none.
UNNAMED = Material().name


@dataclass
class _Placed:
    """What is known of a robot's links and joints so far.

    Attributes:
        poses: world_from_link, by link.
        movers: Index of the joint that moves each link; -1 for what stands still.
        joints: That move.
        rests: Where each is at rest, in the file's numbers.
        index: Of each joint's name among them; -1 for what doesn't move.
    """

    poses: dict[str, FloatArray]
    movers: dict[str, int]
    joints: list[Joint] = field(default_factory=list)
    rests: list[float] = field(default_factory=list)
    index: dict[str, int] = field(default_factory=dict)


def parts_of_robot(path: Path) -> Parts:
    """The visual meshes of a robot's links, each at 0 or at the limit nearest to it, and the joints between them.

    Raises:
        InputError: The file describes no robot, one that can't be moved or has nothing to show, or a mesh is missing.
    """
    robot = read_robot(path)
    placed = _placed(path, robot)
    colors = {material.name: material.color for material in robot.materials if material.color is not None}
    parts = Parts()
    for link in robot.links:
        for visual in link.visuals:
            before = len(parts.faces)
            _add_visual(parts, path, visual, placed.poses[link.name])
            parts.owners += [placed.movers[link.name]] * (len(parts.faces) - before)
            _paint(parts, before, visual.material, colors)
    if not parts.faces:
        raise InputError(f"{path}: no link has a <visual> mesh; nothing would be seen")
    links = {name: (pose, placed.movers[name]) for name, pose in placed.poses.items()}
    return replace(parts, joints=tuple(placed.joints), links=links)


def _placed(path: Path, robot: Any) -> _Placed:
    """All links at rest: joint by joint, each after the one that bears it and the one that it follows."""
    children = {joint.child for joint in robot.joints}
    root = next(link.name for link in robot.links if link.name not in children)
    placed = _Placed({root: np.eye(4)}, {root: -1})
    waiting = list(robot.joints)
    while waiting:
        ready = [j for j in waiting if j.parent in placed.poses and (j.mimic is None or j.mimic.joint in placed.index)]
        if not ready:
            names = ", ".join(f"'{joint.name}'" for joint in waiting)
            raise InputError(f"{path}: joints {names} follow each other in a circle; let one of them move by itself")
        for joint in ready:
            _place(path, joint, placed)
        waiting = [joint for joint in waiting if joint not in ready]
    return placed


def _place(path: Path, joint: Any, placed: _Placed) -> None:
    origin = np.eye(4) if joint.origin is None else np.asarray(joint.origin, float)
    pose, mover = placed.poses[joint.parent] @ origin, placed.movers[joint.parent]
    placed.index[joint.name] = -1
    if joint.type in MOVABLE:
        leader = -1 if joint.mimic is None else placed.index[joint.mimic.joint]
        if joint.mimic is not None and leader < 0:
            raise InputError(f"{path}: joint '{joint.name}' follows '{joint.mimic.joint}', which doesn't move")
        made, rest = _joint(joint, pose, mover, leader, placed)
        mover = placed.index[joint.name] = len(placed.joints)
        placed.joints.append(made)
        placed.rests.append(rest)
        pose = made.motion(rest) @ pose
    placed.poses[joint.child], placed.movers[joint.child] = pose, mover


def _joint(joint: Any, pose: FloatArray, parent: int, leader: int, placed: _Placed) -> tuple[Joint, float]:
    """The joint, and where it is at rest in the file's numbers; its own limits count from there."""
    axis = pose[:3, :3] @ (np.asarray(joint.axis, float) / np.linalg.norm(joint.axis))
    ratio = 1.0
    if leader >= 0:
        ratio = 1.0 if joint.mimic.multiplier is None else float(joint.mimic.multiplier)
        rest = ratio * placed.rests[leader] + float(joint.mimic.offset or 0)
        ends = sorted(ratio * end for end in (placed.joints[leader].low, placed.joints[leader].high))
    elif joint.type == "continuous":
        rest, ends = 0.0, [-2 * np.pi, 2 * np.pi]
    else:
        limits = float(joint.limit.lower or 0), float(joint.limit.upper or 0)
        rest = float(np.clip(0.0, *limits))
        ends = [limit - rest for limit in limits]
    made = Joint(
        joint.name, joint.type, parent, triple(pose[:3, 3]), triple(axis), ends[0], ends[1], leader=leader, ratio=ratio
    )
    return made, rest


def _add_visual(parts: Parts, path: Path, visual: Any, world_from_link: FloatArray) -> None:
    shape, origin = visual.geometry, np.eye(4) if visual.origin is None else np.asarray(visual.origin, float)
    pose = world_from_link @ origin
    if shape is None:
        return
    if shape.mesh is not None:
        file = _checked_mesh(path, shape.mesh.filename)
        scale = np.ones(3) if shape.mesh.scale is None else np.broadcast_to(shape.mesh.scale, 3)
        add_file(parts, file, file, pose @ np.diag([*scale, 1.0]))
    elif shape.box is not None:
        add_mesh(parts, trimesh.creation.box(shape.box.size), pose, path)
    elif shape.cylinder is not None:
        cylinder = trimesh.creation.cylinder(shape.cylinder.radius, shape.cylinder.length, sections=64)
        add_mesh(parts, cylinder, pose, path)
    elif shape.sphere is not None:
        add_mesh(parts, trimesh.creation.icosphere(4, shape.sphere.radius), pose, path)


def _checked_mesh(path: Path, name: str) -> Path:
    file = mesh_file(path, name)
    if file.suffix.lower() not in MESHES:
        raise InputError(f"{path}: mesh '{name}' has a format that can't be read; expected {' '.join(MESHES)}")
    if not file.is_file():
        raise InputError(f"{path}: no mesh '{name}' in its folder or one above; put it where the file says it is")
    return file


def _paint(parts: Parts, start: int, material: Any, colors: dict[str, Any]) -> None:
    """Give the robot file's colour to the pieces from ``start`` on, where their own files give none."""
    color = None if material is None else material.color or colors.get(material.name)
    if color is None:
        return
    *levels, alpha = (float(value) for value in color.rgba)
    r, g, b = triple(srgb_decoded(np.array(levels)))
    mode = "opaque" if alpha >= 1 else "blend"
    for index in range(start, len(parts.materials)):
        if parts.materials[index].name == UNNAMED and parts.colors[index] is None:
            name = material.name or UNNAMED
            parts.materials[index] = Material(name, base_color=(r, g, b, alpha), alpha_mode=mode)
