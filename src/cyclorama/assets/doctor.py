"""What a 3D model is like, and what may be wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import trimesh

from cyclorama.assets.library import FileLibrary
from cyclorama.assets.meshes import THROUGH_BLENDER
from cyclorama.assets.reading import Y_UP
from cyclorama.assets.references import missing_textures
from cyclorama.assets.resources import BUILTIN
from cyclorama.assets.urdf import ROBOTS
from cyclorama.core.joints import Joint
from cyclorama.core.landmarks import Landmarks
from cyclorama.core.library import Resource

MANY_TRIANGLES = 1_000_000


@dataclass(frozen=True)
class ModelReport:
    """What ``inspect_model`` found.

    Attributes:
        size_m: Extent along x, y, z.
        closed: Whether the surface has no open edge.
        textures: Names and sizes of the textures found.
        missing: Names of the textures that are not there.
        joints: Name, kind and way of each.
        keypoints: Name and place of each, and its counterpart in a mirrored picture.
        warnings: One sentence each.
    """

    name: str
    size_m: tuple[float, float, float]
    triangles: int
    vertices: int
    parts: int
    closed: bool
    up: str
    textures: tuple[str, ...]
    missing: tuple[str, ...]
    vertex_colors: bool
    joints: tuple[str, ...]
    keypoints: tuple[str, ...]
    warnings: tuple[str, ...]

    def as_text(self) -> str:
        """A few lines for a terminal."""
        x, y, z = (f"{v * 100:.4g}" for v in self.size_m)
        rows = [
            ("size", f"{x} x {y} x {z} cm (x, y, z; z is up)"),
            ("triangles", f"{self.triangles} with {self.vertices} vertices in {self.parts} parts"),
            ("surface", "closed" if self.closed else "open (holes or inner walls; fine for rendering)"),
            ("up axis", self.up),
            ("textures", ", ".join(self.textures) or "none"),
            *([("missing", ", ".join(self.missing))] if self.missing else []),
            ("colours", "per vertex" if self.vertex_colors else "of the materials"),
            *(("joint", joint) for joint in self.joints),
            *(("keypoint", keypoint) for keypoint in self.keypoints),
            *(("warning", warning) for warning in self.warnings),
        ]
        return "\n".join([self.name, *(f"  {name:10} {value}" for name, value in rows)])


def inspect_model(resource: Resource) -> ModelReport:
    """Look at an imported model."""
    model = FileLibrary([resource]).model(resource.id)
    builtin = resource.source.startswith(BUILTIN)
    welded = trimesh.Trimesh(model.vertices_m, model.faces, process=False)
    welded.merge_vertices(merge_norm=True, merge_tex=True)
    x, y, z = (float(v) for v in np.ptp(model.bounds_m, axis=0))
    missing = () if builtin else tuple(missing_textures(Path(resource.source)))
    return ModelReport(
        name=model.name,
        size_m=(x, y, z),
        triangles=len(model.faces),
        vertices=len(welded.vertices),
        parts=len(model.materials),
        closed=bool(welded.is_watertight),
        up="z" if builtin else _up(resource),
        textures=tuple(f"{n} ({t.shape[1]} x {t.shape[0]})" for n, t in model.textures.items()),
        missing=missing,
        vertex_colors=model.colors is not None,
        joints=tuple(_joint(joint) for joint in model.joints),
        keypoints=tuple(_keypoints(model.landmarks)) if model.landmarks else (),
        warnings=tuple(_warnings(max(x, y, z), len(model.faces))),
    )


def _joint(joint: Joint) -> str:
    if joint.leader >= 0:
        return f"{joint.name} follows another"
    if joint.kind == "continuous":
        return f"{joint.name} turns"
    low, high = joint.low, joint.high
    if joint.kind == "revolute":
        return f"{joint.name} turns by {np.degrees(low):.4g} to {np.degrees(high):.4g} degrees"
    return f"{joint.name} slides by {low * 100:.4g} to {high * 100:.4g} cm"


def _keypoints(marks: Landmarks) -> Iterator[str]:
    names = marks.skeleton.names
    for name, point_m, place in zip(names, marks.points_m, marks.skeleton.mirrored, strict=True):
        x, y, z = (f"{v * 100:.4g}" for v in point_m)
        counterpart = "" if names[place] == name else f"; mirrored it is {names[place]}"
        yield f"{name} at {x}, {y}, {z} cm{counterpart}"


def _up(resource: Resource) -> str:
    asked = dict(resource.options).get("up", "auto")
    suffix = Path(resource.source).suffix.lower()
    if asked != "auto":
        return "y as asked for, turned to z" if asked == "y" else "z as asked for"
    if suffix in THROUGH_BLENDER:
        return f"z as Blender reads {suffix[1:]} files"
    if suffix in Y_UP:
        return f"y as {suffix[1:]} files have it, turned to z"
    if suffix in ROBOTS:
        return "z as robot files have it"
    return f"z, which {suffix[1:]} files don't say; --up y if it lies on its side"


def _warnings(extent_m: float, triangles: int) -> list[str]:
    found = []
    if extent_m > 10:
        found.append(f"it is {extent_m:.3g} m large; if it is a thing for a table, its unit may be mm or cm (--unit)")
    if extent_m < 0.005:
        found.append(f"it is {extent_m * 1000:.3g} mm large; its unit may be wrong (--unit)")
    if triangles > MANY_TRIANGLES:
        found.append(f"{triangles} triangles render, but slowly; decimate to under {MANY_TRIANGLES}")
    return found
