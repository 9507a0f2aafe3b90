"""Robot files (.urdf), read by yourdfpy: their links, their joints and the files that they name."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import yourdfpy

from cyclorama.core.errors import InputError, did_you_mean

ROBOTS = (".urdf",)
# Formats of meshes that links may name.
MESHES = (".obj", ".stl", ".dae", ".ply", ".glb", ".gltf")
# Joints that move here, and those that hold their links as they are at rest.
MOVABLE, HELD = ("revolute", "continuous", "prismatic"), ("fixed", "floating", "planar")


def read_robot(path: Path) -> Any:
    """The ``yourdfpy.Robot`` that a file describes, without its meshes.

    Raises:
        InputError: The file describes none, or one whose joints can't be moved.
    """
    _check_is_robot(path)
    try:
        robot = yourdfpy.URDF.load(str(path), build_scene_graph=False, load_meshes=False).robot
    except ValueError as error:
        raise InputError(f"{path}: can't be read as urdf, where it has numbers: {error}") from error
    except (TypeError, KeyError, AttributeError) as error:
        raise InputError(f"{path}: can't be read as urdf, an element lacks or misspells {error}") from error
    if not robot.links:
        raise InputError(f"{path}: has no <link>; nothing would be seen")
    names = [joint.name for joint in robot.joints]
    for joint in robot.joints:
        _check_joint(path, joint, names)
    for link in robot.links:
        _check_shapes(path, link)
    _check_is_tree(path, robot)
    return robot


def mesh_files(path: Path) -> list[Path]:
    """Files of the meshes that are seen, in order; they may be missing."""
    shapes = [visual.geometry for link in read_robot(path).links for visual in link.visuals]
    return [mesh_file(path, shape.mesh.filename) for shape in shapes if shape and shape.mesh]


def mesh_file(path: Path, name: str) -> Path:
    """The file that a robot file means; where there is none, the first place where it was looked for.

    "package://ROBOT/meshes/a.stl" is looked for with and without the package's name, from the file's folder upwards.
    """
    plain = name.removeprefix("file://").removeprefix("package://").replace("\\", "/")
    within = [plain, plain.partition("/")[2]] if name.startswith("package://") else [plain]
    places = [folder / part for folder in path.resolve().parents for part in within if part]
    return next((place for place in places if place.is_file()), places[0])


def _check_is_robot(path: Path) -> None:
    try:
        root = ElementTree.parse(path).getroot()
    except (ElementTree.ParseError, UnicodeDecodeError, ValueError) as error:
        raise InputError(f"{path}: can't be read as urdf, which is XML ({error})") from error
    if root.tag != "robot":
        raise InputError(f"{path}: is no robot file; expected <robot> around all, found <{root.tag}>")
    if any("xacro" in element.tag for element in root.iter() if isinstance(element.tag, str)):
        raise InputError(f"{path}: holds xacro macros; expand them first: xacro FILE > robot.urdf")


def _check_joint(path: Path, joint: Any, names: list[str]) -> None:
    where = f"{path}: joint '{joint.name}'"
    if joint.type not in MOVABLE + HELD:
        raise InputError(f"{where}: no type '{joint.type}'.{did_you_mean(str(joint.type), MOVABLE + HELD)}")
    if joint.type in HELD:
        return
    if not np.isfinite(joint.axis).all() or not np.any(joint.axis):
        raise InputError(f"{where} has no direction; give <axis xyz='...'> a length")
    if joint.mimic is not None:
        if joint.mimic.joint not in names:
            raise InputError(f"{where} follows '{joint.mimic.joint}'.{did_you_mean(str(joint.mimic.joint), names)}")
        return
    if joint.type == "continuous":
        return
    if joint.limit is None:
        raise InputError(f"{where} has no limits; give it <limit lower='...' upper='...'>, or make it continuous")
    low, high = joint.limit.lower or 0.0, joint.limit.upper or 0.0
    if not -np.inf < low <= high < np.inf:
        raise InputError(f"{where} goes from {low:g} to {high:g}; expected a lower and an upper limit")


def _check_shapes(path: Path, link: Any) -> None:
    for shape in (visual.geometry for visual in link.visuals if visual.geometry is not None):
        box = [] if shape.box is None else shape.box.size
        cylinder = [] if shape.cylinder is None else [shape.cylinder.radius, shape.cylinder.length]
        sphere = [] if shape.sphere is None else [shape.sphere.radius]
        lengths = [*box, *cylinder, *sphere]
        if len(box) not in (0, 3) or not all(0 < length < np.inf for length in lengths):
            told = " x ".join(f"{length:g}" for length in lengths)
            raise InputError(f"{path}: link '{link.name}': a shape of {told}; expected lengths above 0, three of a box")


def _check_is_tree(path: Path, robot: Any) -> None:
    """See that every link hangs on one joint, all but one that bears the others."""
    links = [link.name for link in robot.links]
    bearer = {}
    for joint in robot.joints:
        for end in (joint.parent, joint.child):
            if end not in links:
                raise InputError(f"{path}: joint '{joint.name}': no link '{end}'.{did_you_mean(str(end), links)}")
        if joint.child in bearer:
            raise InputError(f"{path}: link '{joint.child}' hangs on two joints; expected one at most")
        bearer[joint.child] = joint.parent
    roots = [link for link in links if link not in bearer]
    if len(roots) > 1:
        raise InputError(f"{path}: links {', '.join(roots)} hang on no joint; expected that of one")
    for link in links:
        seen: set[str] = set()
        while link in bearer and link not in seen:
            seen.add(link)
            link = bearer[link]
        if link in seen:
            raise InputError(f"{path}: link '{link}' hangs on itself, joint by joint; expected a tree")
