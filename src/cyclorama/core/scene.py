"""A scene in which nothing is left to chance: plain data, saved beside the image it describes."""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cyclorama.core.arrays import FloatArray, frozen
from cyclorama.core.camera import Camera as Camera
from cyclorama.core.errors import InputError
from cyclorama.core.model import Material
from cyclorama.core.sensor import Sensor as Sensor

# Where several images show one scene, the draws say under this name which one.
SCENE_NUMBER = "scene.number"
# Layer of a ground that isn't seen itself, but only the shadow on it; labels and depth know nothing of it.
CATCHER = "catcher"
# Layer of what keeps light away and is not seen itself by camera or labels: it stands outside of the picture.
GOBO = "gobo"


@dataclass(frozen=True)
class Decal:
    """A picture stuck on a model (``render.decals``), in the model's frame before the instance's scale.

    Attributes:
        image: Id in the library; of (H, W, 4), alpha is its outline.
        center_m: Place of the picture's middle, on the surface.
        right: Unit vector along the picture's rows.
        up: Unit vector against its columns; their cross product is the surface's normal.
        size_m: Width and height.
    """

    image: str
    center_m: tuple[float, float, float]
    right: tuple[float, float, float]
    up: tuple[float, float, float]
    size_m: tuple[float, float]


@dataclass(frozen=True)
class Surface:
    """What replaces or shifts a model's own materials in one instance; None keeps the model's own.

    Attributes:
        base_color: RGB linear that replaces the base colour and its texture.
        hue_shift_rad: Turns the hue of the model's colours, textures included (HSV).
        texture: Image id in the library, mapped by box projection in place of the base colour.
        tile_m: Edges of one tile of ``texture``, and of the maps below, along the model's axes, metres before the
            instance's scale.
        label: Image id of what the model's labels show in place of their own colours, on its own coordinates.
        label_materials: Which of the model's materials those labels are.
        decals: Pictures stuck on; those that come last lie on top.
        saturation: Factor on that of the colours whose hue turns (HSV).
        value: Factor on theirs.
        roughness_map: Image id; its grey is roughness, times ``roughness`` if that is set.
        metallic_map: Image id; its grey is metallic, times ``metallic`` if that is set.
        normal_map: Image id; tangent space of the box's faces, y up (OpenGL).
        wear: Image id of what dulls and dusts the surface (``render.wear``).
        wear_strength: Factor on ``wear``, 0 to 1.
        edge_wear: How far paint is off along sharp edges, 0 to 1, irregular by ``wear``; without that nowhere.
    """

    base_color: tuple[float, float, float] | None = None
    hue_shift_rad: float = 0.0
    roughness: float | None = None
    metallic: float | None = None
    transmission: float | None = None
    emission: tuple[float, float, float] | None = None
    texture: str | None = None
    tile_m: tuple[float, float, float] = (0.2, 0.2, 0.2)
    label: str | None = None
    label_materials: tuple[int, ...] = ()
    decals: tuple[Decal, ...] = ()
    saturation: float = 1.0
    value: float = 1.0
    roughness_map: str | None = None
    metallic_map: str | None = None
    normal_map: str | None = None
    wear: str | None = None
    wear_strength: float = 0.0
    edge_wear: float = 0.0

    def on(self, material: Material) -> "Surface":
        """What it changes of a material: nothing of one that keeps its looks."""
        return Surface() if material.keeps else self


@dataclass(frozen=True, eq=False)
class Instance:
    """One placed copy of a model.

    Attributes:
        id: 1, 2, ... unique in the scene; 0 is the background.
        model: Model id in the library.
        category: Name, or None for what is not to be detected.
        layer: "target", "distractor", "ground", "setting" (walls, shelves), ``CATCHER`` or ``GOBO``.
        world_from_object: (4, 4) rotation, translation; scale is apart.
        scale: (3,) factors along the object's own axes, applied first.
        surface: Changes to the model's materials.
        part: What it belongs to, e.g. "shelf" in the setting; all of one part look alike.
    """

    id: int
    model: str
    world_from_object: FloatArray
    category: str | None = None
    layer: str = "target"
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)
    surface: Surface = field(default_factory=Surface)
    part: str = ""

    def __post_init__(self) -> None:
        pose = frozen(self.world_from_object, np.float64, (4, 4), "world_from_object")
        object.__setattr__(self, "world_from_object", pose)
        if not 0 < abs(math.prod(self.scale)) < math.inf:
            raise InputError(f"instance {self.id}: scale {self.scale}: expected three finite factors other than 0")

    @property
    def world_from_model(self) -> FloatArray:
        """(4, 4) world from the model's unscaled vertices: scale, then rotation, then translation."""
        return self.world_from_object @ np.diag([*self.scale, 1.0])


@dataclass(frozen=True)
class Lamp:
    """A light other than the environment.

    Attributes:
        kind: "point" (a sphere of ``size_m`` radius), "area" (a square of edge ``size_m``), "spot" or "sun".
        position_m: World, metres; a sun's is ignored.
        direction: World, where it shines to; a point's is ignored.
        color: RGB linear, multiplies the power.
        power_w: Radiant watts; a sun's is irradiance in W/m^2.
        spot_angle_rad: Whole angle of a spot's cone.
    """

    kind: str
    position_m: tuple[float, float, float]
    direction: tuple[float, float, float] = (0.0, 0.0, -1.0)
    color: tuple[float, float, float] = (1.0, 1.0, 1.0)
    power_w: float = 10.0
    size_m: float = 0.1
    spot_angle_rad: float = 0.8


@dataclass(frozen=True)
class Environment:
    """Light from infinitely far away.

    Attributes:
        map: Environment id in the library, or None for a uniform grey.
        rotation_rad: About the world's z, counter-clockwise seen from above.
        strength: Factor on the map's radiance.
        tint: RGB linear factor.
    """

    map: str | None = None
    rotation_rad: float = 0.0
    strength: float = 1.0
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Backdrop:
    """What the camera sees where it hits nothing.

    Attributes:
        kind: "environment" (the map itself), "color" or "photo".
        color: RGB sRGB 0..1, for "color".
        photo: Image id in the library, for "photo".
        crop_xyxy: Part of the photograph that fills the image, as fractions of its width and height.
        mirrored: Flipped left-right.
    """

    kind: str = "environment"
    color: tuple[float, float, float] = (0.5, 0.5, 0.5)
    photo: str | None = None
    crop_xyxy: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    mirrored: bool = False


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything that one picture shows, and a record of the recipe's numbers that were drawn to make it.

    Attributes:
        index: Which image of its dataset.
        draws: "part.parameter" -> the value drawn (a list of them where it was drawn again), JSON-able. Of the layout
            and of details only what statistics ask for; what came of all chance is in the other fields.
        meter: The camera in whose view exposure is metered, one for all views that are exposed alike; None leaves it to
            the picture itself.
    """

    index: int
    seed: int
    camera: Camera
    instances: tuple[Instance, ...] = ()
    lamps: tuple[Lamp, ...] = ()
    environment: Environment = field(default_factory=Environment)
    backdrop: Backdrop = field(default_factory=Backdrop)
    sensor: Sensor = field(default_factory=Sensor)
    draws: dict[str, Any] = field(default_factory=dict)
    meter: Camera | None = None

    def instance(self, id: int) -> Instance:
        """The instance with that id.

        Raises:
            KeyError: There is none.
        """
        for instance in self.instances:
            if instance.id == id:
                return instance
        raise KeyError(id)

    @property
    def labelled(self) -> tuple[Instance, ...]:
        """The instances that have a category, in order."""
        return tuple(i for i in self.instances if i.category is not None)
