"""What every layout can do, and what layouts share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Protocol

import numpy as np
from pydantic import Field, field_validator
from scipy.spatial import ConvexHull, QhullError

from cyclorama.core.arrays import FloatArray
from cyclorama.core.errors import did_you_mean
from cyclorama.core.geometry import inverse, random_rotation, rotation_about, transformed
from cyclorama.core.model import Model
from cyclorama.core.once import once_for_each
from cyclorama.core.plugins import plugin_names
from cyclorama.core.scene import Camera
from cyclorama.scene.distributions import Distribution, whole_number
from cyclorama.scene.fields import Section, count_between, share

LAYOUTS = "cyclorama.scene.layouts"
# RGB linear radiance.
Emission = tuple[float, float, float]


class LayoutOptions(Section):
    """Keys that all layouts have.

    Attributes:
        kind: The layout's name.
        count: Of targets.
        max_overlap: Of two image boxes, as a share of the smaller; left out, the layout's own limit.
        max_crop: Share of a target's image box that the border may cut off.
        tries: Places that are tried for each thing.
        has_ground: Whether there is a ground at z = 0, endless as far as is seen.
        ground_layer: Its instance's: "ground", or ``CATCHER`` before a backdrop.
        fixtures: Names of the built-in models that the layout needs for walls, shelves and the like.
        needs_clutter: Whether distractors' models are shown even if the recipe's count of them is 0.
        backdrop: The one that scenes have where the recipe gives no shares; None leaves all.
    """

    has_ground: ClassVar[bool] = True
    ground_layer: ClassVar[str] = "ground"
    fixtures: ClassVar[tuple[str, ...]] = ()
    needs_clutter: ClassVar[bool] = False
    backdrop: ClassVar[str | None] = None

    kind: str
    count: Annotated[Distribution, whole_number(0, 500)] = count_between(1, 4)
    max_overlap: float | None = Field(default=None, ge=0, le=1)
    max_crop: float = share(0.4)
    tries: int = Field(default=50, ge=1, le=10_000)

    @property
    def uses_physics(self) -> bool:
        """Whether things fall and come to rest, for which their convex pieces are needed."""
        return False

    @field_validator("kind", mode="before")
    @classmethod
    def _known(cls, kind: Any) -> Any:
        if not isinstance(kind, str) or kind not in plugin_names(LAYOUTS):
            raise ValueError(f"no layout '{kind}'.{did_you_mean(str(kind), plugin_names(LAYOUTS))}")
        return kind


@dataclass(frozen=True, eq=False)
class Thing:
    """A model to be placed.

    Attributes:
        category: None for what is not to be found.
        scale: (3,) factors along the model's axes.
        orientation: "any", "upright", "flipped" (upside down) or "stable".
        rests: (N, 3, 3) stable rotations and (N,) their probabilities, for "stable".
        layer: Its instance's layer.
        part: Its instance's part.
        emission: RGB linear radiance that it gives off; None is its material's own.
    """

    model: Model
    category: str | None
    scale: FloatArray
    orientation: str
    rests: tuple[FloatArray, FloatArray] | None = None
    layer: str = "target"
    part: str = ""
    emission: Emission | None = None

    @property
    def center_m(self) -> FloatArray:
        """(3,) middle of the scaled model's box, in the object's frame."""
        return np.asarray(self.model.center_m * self.scale)

    @property
    def radius_m(self) -> float:
        """Of a sphere around ``center_m`` that holds it."""
        return float(self.model.radius_m * np.max(self.scale))

    def outline_m(self) -> FloatArray:
        """(N, 3) corners of the scaled model's convex hull: wherever it is seen from, its outline's box is theirs."""
        return _hull_corners(self.model) * self.scale

    def rotation(self, rng: np.random.Generator) -> FloatArray:
        """(3, 3) a rotation as its orientation allows; the turn about the vertical is always free."""
        if self.orientation == "any":
            return random_rotation(rng)
        yaw = rotation_about([0, 0, 1], rng.uniform(0, 2 * np.pi))
        if self.orientation == "flipped":
            return yaw @ np.diag([1.0, -1.0, -1.0])
        if self.orientation == "upright" or self.rests is None:
            return yaw
        rotations, chances = self.rests
        return yaw @ rotations[int(rng.choice(len(rotations), p=chances))]


@dataclass(frozen=True, eq=False)
class Placed:
    """A thing at its place."""

    thing: Thing
    world_from_object: FloatArray


class PlacementError(Exception):
    """Things do not find their places this time; says what happened."""


@dataclass(frozen=True, eq=False)
class Stage:
    """What a layout finds there.

    Attributes:
        fixtures: The built-in models that it asked for, by name.
        number: Of the scene, from 0.
        target_count: Of the recipe's targets.
        target: Gives one of the recipe's targets by its number from 0, in the model's size and turned anyhow.
        clutter: Gives another distractor with each call; for layouts whose options say that they need clutter.
        facts: What the layout tells of its scene, JSON-able; the scene's draws hold it as "layout.NAME".
    """

    camera: Camera
    fixtures: Mapping[str, Model]
    number: int
    target_count: int
    target: Callable[[int], Thing]
    clutter: Callable[[], Thing]
    facts: dict[str, Any] = field(default_factory=dict)

    def fixture(
        self,
        name: str,
        world_from_object: FloatArray,
        size_m: Sequence[float],
        *,
        part: str,
        emission: Emission | None = None,
    ) -> Placed:
        """A built-in model that is part of the setting.

        Args:
            name: One of ``fixtures``.
            world_from_object: (4, 4) its place.
            size_m: (3,) its edges along its axes; a plane's third is not used.
            part: What it belongs to; all of one part look alike.
            emission: RGB linear radiance that it gives off; None for none.
        """
        model = self.fixtures[name]
        edges = np.ptp(model.bounds_m, axis=0)
        scale = np.where(edges > 0, np.asarray(size_m, float) / np.maximum(edges, 1e-12), 1.0)
        thing = Thing(model, None, scale, "upright", layer="setting", part=part, emission=emission)
        return Placed(thing, world_from_object)


class Layout(Protocol):
    """Gives things their places; a file of ``scene/layouts`` holds one.

    Attributes:
        options: Class of its keys in the recipe, and of what is so in all its scenes.
    """

    options: ClassVar[type[LayoutOptions]]

    @staticmethod
    def place(things: Sequence[Thing], stage: Stage, options: LayoutOptions, rng: np.random.Generator) -> list[Placed]:
        """Places of those things that find one within the limits, in the order given, and after them the setting.

        Raises:
            PlacementError: This time it is not possible; the scene is drawn anew.
        """


@once_for_each
def _hull_corners(model: Model) -> FloatArray:
    vertices = np.asarray(model.vertices_m, float)
    try:
        return vertices[ConvexHull(vertices).vertices]
    except QhullError:  # Flat: all its vertices are as good.
        return vertices


def image_box(outline_m: FloatArray, world_from_object: FloatArray, camera: Camera) -> FloatArray | None:
    """(4,) xyxy box in pixels of points in the object's frame, beyond the border too; None if partly behind."""
    seen = transformed(inverse(camera.world_from_camera) @ world_from_object, outline_m)
    if seen[:, 2].min() <= 1e-3:
        return None
    pixels = camera.projected(seen)
    return np.concatenate([pixels.min(axis=0), pixels.max(axis=0)])


def cropped_share(box: FloatArray, camera: Camera) -> float:
    """Share of a box's area that lies outside the image."""
    inside = np.clip(box, 0, [camera.width, camera.height] * 2)
    return 1 - _area(inside) / max(_area(box), 1e-12)


def overlap_share(a: FloatArray, b: FloatArray) -> float:
    """Area that two boxes share, over the smaller one's."""
    both = np.concatenate([np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])])
    return _area(both) / max(min(_area(a), _area(b)), 1e-12)


def _area(box: FloatArray) -> float:
    width, height = np.maximum(box[2:] - box[:2], 0)
    return float(width * height)
