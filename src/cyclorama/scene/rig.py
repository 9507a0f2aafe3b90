"""Where the views of one scene stand that a single camera decides: along its path, and in pairs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import model_validator

from cyclorama.core.arrays import FloatArray
from cyclorama.core.geometry import rigid, rotation_about
from cyclorama.core.scene import Camera
from cyclorama.scene.chance import Dice
from cyclorama.scene.distributions import Distribution, number, plain
from cyclorama.scene.fields import Section, fixed

# Places of a path that are looked at before a scene is taken.
LOOKED_AT = 32
# What belongs to each kind of path.
KEYS = MappingProxyType(
    {
        "turntable": ("turns",),
        "arc": ("sweep_deg", "rise_deg"),
        "line": ("length_m", "direction"),
        "dolly": ("nearing",),
    }
)


class PathOptions(Section):
    """A way that the camera goes through the views of each scene, in equal steps, as a video's does.

    Attributes:
        kind: "turntable" goes around the vertical through the scene's middle, "arc" over part of a sphere around it,
            "line" straight on without turning, "dolly" along the optical axis; the camera that is drawn is the middle
            of arc and line, and the start of the others.
        turns: Of a turntable; after so many whole ones the view after the last would be the first again.
        sweep_deg: Of an arc, counter-clockwise seen from above, from the first view to the last.
        rise_deg: Of an arc, upwards, likewise.
        length_m: Of a line.
        direction: Of a line in the camera's frame: right, down, forward; of any length.
        nearing: Of a dolly: the last view's distance from the scene's middle, as a share of the first's.
    """

    kind: Literal["turntable", "arc", "line", "dolly"] = "turntable"
    turns: Annotated[Distribution, number(-100, 100)] = fixed(1.0)
    sweep_deg: Annotated[Distribution, number(-360, 360)] = fixed(60.0)
    rise_deg: Annotated[Distribution, number(-90, 90)] = fixed(0.0)
    length_m: Annotated[Distribution, number(0, 1000)] = fixed(0.3)
    direction: tuple[float, float, float] = (1.0, 0.0, 0.0)
    nearing: Annotated[Distribution, number(0.01, 100)] = fixed(0.5)

    @model_validator(mode="after")
    def _own_keys(self) -> Self:
        for kind, names in KEYS.items():
            # A recipe that was written with all its defaults says nothing new.
            changed = [n for n in names if plain(getattr(self, n)) != plain(type(self).model_fields[n].default)]
            if kind != self.kind and changed:
                raise ValueError(f"{changed[0]} is of a path of kind {kind}, not {self.kind}")
        if not any(self.direction):
            raise ValueError("direction is 0, 0, 0; expected one of some length")
        return self


class StereoOptions(Section):
    """Views in pairs: the left one, and the right one of the same lens beside it, rows aligned.

    Attributes:
        baseline_m: From the left camera to the right one, along the picture's rows.
    """

    baseline_m: Annotated[Distribution, number(1e-4, 100)] = fixed(0.1)


@dataclass(frozen=True)
class Rig:
    """What one scene's path and pairs are, by the numbers drawn.

    Attributes:
        views: Of the scene.
        path: None where each camera is drawn.
        numbers: The path's, in the units of its keys.
        baseline_m: None where views are no pairs.
    """

    views: int
    path: PathOptions | None = None
    numbers: Mapping[str, float] = field(default_factory=dict)
    baseline_m: float | None = None

    @property
    def draws(self) -> dict[str, float]:
        """The numbers drawn, under their keys in the recipe."""
        drawn = {f"camera.path.{name}": value for name, value in self.numbers.items()}
        return drawn if self.baseline_m is None else drawn | {"camera.stereo.baseline_m": self.baseline_m}

    @property
    def is_shared(self) -> bool:
        """Whether several views follow from one camera."""
        return self.path is not None or self.baseline_m is not None

    @property
    def eyes(self) -> int:
        """Views of each place."""
        return 1 if self.baseline_m is None else 2

    def drawn_view(self, view: int) -> int:
        """The view whose camera is drawn, and from which this one's follows."""
        return 0 if self.path is not None else view - view % self.eyes

    def camera(self, drawn: Camera, view: int) -> Camera:
        """The camera of a view, of the one that is drawn."""
        place, eye = divmod(view, self.eyes)
        pose = drawn.world_from_camera
        if self.path is not None:
            pose = WAYS[self.path.kind](self, pose, place, max(self.views // self.eyes, 1))
        if self.baseline_m is not None and eye:
            pose = pose @ rigid(np.eye(3), [self.baseline_m, 0, 0])
        return drawn if pose is drawn.world_from_camera else replace(drawn, world_from_camera=pose)

    def others(self, drawn: Camera) -> Iterator[Camera]:
        """Cameras that follow from one that is drawn, or some of them if they are many."""
        views = range(self.views if self.path is not None else self.eyes)
        for view in views[:: max(1, len(views) // LOOKED_AT)] if len(views) > 1 else ():
            yield self.camera(drawn, view)


def sample_rig(path: PathOptions | None, stereo: StereoOptions | None, views: int, dice: Dice) -> Rig:
    """The numbers of one scene's path and pairs."""
    keys = [] if path is None else [n for n in KEYS[path.kind] if n != "direction"]
    numbers = {name: dice.draw(f"path.{name}", getattr(path, name)) for name in keys}
    baseline_m = None if stereo is None else dice.draw("stereo.baseline_m", stereo.baseline_m)
    return Rig(views, path, numbers, baseline_m)


def _turntable(rig: Rig, pose: FloatArray, place: int, places: int) -> FloatArray:
    return _about([0, 0, 1], 360 * rig.numbers["turns"] * place / places) @ pose


def _arc(rig: Rig, pose: FloatArray, place: int, places: int) -> FloatArray:
    share = _share(place, places) - 0.5
    x, y = pose[:2, 3]
    level = [y, -x, 0] if np.hypot(x, y) > 1e-9 else pose[:3, 0]
    risen = _about(level, rig.numbers["rise_deg"] * share) @ pose
    return _about([0, 0, 1], rig.numbers["sweep_deg"] * share) @ risen


def _line(rig: Rig, pose: FloatArray, place: int, places: int) -> FloatArray:
    direction = np.asarray(rig.path.direction if rig.path else (1.0, 0.0, 0.0))
    step_m = rig.numbers["length_m"] * (_share(place, places) - 0.5)
    return pose @ rigid(np.eye(3), step_m * direction / np.linalg.norm(direction))


def _dolly(rig: Rig, pose: FloatArray, place: int, places: int) -> FloatArray:
    """What lies in the middle grows by the same factor with each view."""
    ahead_m = -float(pose[:3, 2] @ pose[:3, 3])
    return pose @ rigid(np.eye(3), [0, 0, ahead_m * (1 - rig.numbers["nearing"] ** _share(place, places))])


def _share(place: int, places: int) -> float:
    return place / (places - 1) if places > 1 else 0.0


def _about(axis: object, angle_deg: float) -> FloatArray:
    return rigid(rotation_about(np.asarray(axis, float), float(np.radians(angle_deg))), [0, 0, 0])


WAYS: Mapping[str, Callable[[Rig, FloatArray, int, int], FloatArray]] = MappingProxyType(
    {"turntable": _turntable, "arc": _arc, "line": _line, "dolly": _dolly}
)
