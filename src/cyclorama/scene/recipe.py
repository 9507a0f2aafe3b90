"""What may vary: the recipe's fields, their limits and their defaults."""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from cyclorama.core.errors import did_you_mean
from cyclorama.core.plugins import plugin, plugin_names
from cyclorama.core.render import ENGINES, RenderSettings
from cyclorama.scene.distributions import Distribution, distribution_from, number, whole_number

LAYOUTS = "cyclorama.scene.layouts"
LABELS = ["box", "mask", "amodal_mask", "amodal_box", "visibility", "pose"]


def _is(value: float) -> Any:
    return Field(default=Distribution("constant", (value,)))


def _between(low: float, high: float) -> Any:
    return Field(default=Distribution("uniform", (low, high)))


def _count(low: int, high: int) -> Any:
    return Field(default=Distribution("randint", (low, high)))


def _plugin(kind: str, folder: str, *others: str) -> AfterValidator:
    """Annotates the name of a plugin, or one of ``others``: a wrong one is found before the first image."""

    def known(name: str) -> str:
        names = (*others, *plugin_names(folder))
        if name not in names:
            raise ValueError(f"no {kind} '{name}'.{did_you_mean(name, names)}")
        return name

    return AfterValidator(known)


def _one_as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


# Files, folders or "builtin"; a single one needs no brackets.
Places = Annotated[list[str], BeforeValidator(_one_as_list, json_schema_input_type=str | list[str])]


class Section(BaseModel):
    """A part of a recipe; unknown keys are errors."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, validate_default=True, allow_inf_nan=False
    )


class Target(Section):
    """A model to be found."""

    model: str
    category: str = ""
    unit: str = "m"
    up: Literal["auto", "y", "z"] = "auto"
    texture: str | None = None
    weight: float = Field(default=1.0, gt=0)

    @field_validator("unit", mode="before")
    @classmethod
    def _unit_text(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int | float) else value

    @model_validator(mode="before")
    @classmethod
    def _default_category(cls, values: Any) -> Any:
        if isinstance(values, dict) and not values.get("category") and isinstance(values.get("model"), str):
            return {**values, "category": Path(values["model"].removeprefix("builtin:")).stem}
        return values


class ImageSection(Section):
    """The picture."""

    width: int = Field(default=640, ge=8, le=16_384)
    height: int = Field(default=480, ge=8, le=16_384)
    format: Literal["jpg", "png"] = "png"


class Layout(Section):
    """Where things are; what each kind does is in ``scene/layouts``.

    Attributes:
        max_overlap: Of two image boxes, as a share of the smaller; left out, the layout's own limit.
    """

    kind: Annotated[str, _plugin("layout", LAYOUTS)] = "floating"
    count: Annotated[Distribution, whole_number(0, 500)] = _count(1, 4)
    max_overlap: float | None = Field(default=None, ge=0, le=1)
    max_crop: float = Field(default=0.4, ge=0, le=1)
    tries: int = Field(default=50, ge=1, le=10_000)
    spread_m: Annotated[Distribution, number(0, 100)] = _is(0.0)


class Distortion(Section):
    """How the lens bends straight lines: OpenCV's coefficients."""

    k1: Annotated[Distribution, number(-10, 10)] = _is(0.0)
    k2: Annotated[Distribution, number(-10, 10)] = _is(0.0)
    p1: Annotated[Distribution, number(-1, 1)] = _is(0.0)
    p2: Annotated[Distribution, number(-1, 1)] = _is(0.0)
    k3: Annotated[Distribution, number(-10, 10)] = _is(0.0)


class CameraSection(Section):
    """The camera; it looks at the middle of the scene.

    Attributes:
        f_number: Focal length over aperture, which blurs what is out of focus; left out, all is sharp.
        focus_m: Depth in focus; left out, that of the point looked at.
    """

    distance_m: Annotated[Distribution, number(1e-3, 1000)] = _between(0.4, 1.0)
    elevation_deg: Annotated[Distribution, number(-89.9, 89.9)] = _between(10, 75)
    azimuth_deg: Annotated[Distribution, number(-720, 720)] = _between(0, 360)
    roll_deg: Annotated[Distribution, number(-360, 360)] = _between(-15, 15)
    fov_deg: Annotated[Distribution, number(1, 170)] | None = None
    focal_length_mm: Annotated[Distribution, number(1, 2000)] = _between(26, 50)
    sensor_width_mm: float = Field(default=36.0, gt=0)
    look_at_jitter_m: Annotated[Distribution, number(0, 100)] = _is(0.0)
    f_number: Annotated[Distribution, number(0.5, 1000)] | None = None
    focus_m: Annotated[Distribution, number(1e-3, 1e4)] | None = None
    distortion: Distortion | None = None


class EnvironmentSection(Section):
    """Light from all around: files, folders or "builtin"."""

    maps: Places = Field(default=["builtin"], min_length=1)
    rotation_deg: Annotated[Distribution, number()] = _between(0, 360)
    strength: Annotated[Distribution, number(0, 1000)] = _between(0.5, 1.5)
    tint: Annotated[Distribution, number(0, 1)] = _between(0, 0.25)


class Lamps(Section):
    """Lights nearer than the environment."""

    count: Annotated[Distribution, whole_number(0, 32)] = _count(0, 2)
    kinds: list[Literal["point", "area", "spot", "sun"]] = Field(default=["point", "area"], min_length=1)
    distance_m: Annotated[Distribution, number(0.01, 1000)] = _between(0.8, 2.0)
    elevation_deg: Annotated[Distribution, number(-90, 90)] = _between(20, 85)
    power_w: Annotated[Distribution, number(0, 1e6)] = _between(5, 60)
    color: Annotated[Distribution, number(0, 1)] = _between(0, 0.5)
    size_m: Annotated[Distribution, number(0, 100)] = _between(0.02, 0.5)


Orientation = Literal["any", "upright", "stable"]


class ObjectsSection(Section):
    """How targets are turned and scaled. "stable": as the thing would come to rest; or weights of several."""

    orientation: Orientation | dict[Orientation, Annotated[float, Field(gt=0)]] = "any"
    scale: Annotated[Distribution, number(1e-3, 1e3)] = _is(1.0)


class MaterialSection(Section):
    """Changes to the targets' own materials; each happens with its probability."""

    hue_shift_deg: Annotated[Distribution, number(-180, 180)] = _is(0.0)
    roughness: Annotated[Distribution, number(0, 1)] | None = None
    metallic: Annotated[Distribution, number(0, 1)] | None = None
    probability: float = Field(default=0.5, ge=0, le=1)
    texture_probability: float = Field(default=0.0, ge=0, le=1)
    textures: Places = Field(default=["builtin"], min_length=1)


class Distractors(Section):
    """Things that are not to be found: built-in shapes and models from files or folders."""

    count: Annotated[Distribution, whole_number(0, 500)] = _count(0, 8)
    models: Places = Field(default=["builtin"], min_length=1)
    unit: str = "m"
    relative_size: Annotated[Distribution, number(0.01, 100)] = _between(0.4, 1.4)
    textures: Places = Field(default=["builtin"], min_length=1)
    textured: float = Field(default=0.5, ge=0, le=1)
    own_material: float = Field(default=0.5, ge=0, le=1)


class Ground(Section):
    """What things rest on, where the layout has a ground."""

    color_probability: float = Field(default=0.15, ge=0, le=1)
    photo_probability: float = Field(default=0.2, ge=0, le=1)
    textures: Places = Field(default=["builtin"], min_length=1)
    photos: Places = []
    texture_size_m: Annotated[Distribution, number(0.01, 100)] = _between(0.2, 1.2)
    roughness: Annotated[Distribution, number(0, 1)] = _between(0.2, 0.9)
    size_m: float = Field(default=8.0, gt=0)


class BackdropSection(Section):
    """What is seen where nothing is: the environment, a colour or a photograph, in these shares."""

    environment: float = Field(default=1.0, ge=0)
    color: float = Field(default=1.0, ge=0)
    photo: float = Field(default=1.0, ge=0)
    photos: Places = Field(default=["builtin"], min_length=1)

    @model_validator(mode="after")
    def _some(self) -> "BackdropSection":
        if self.environment + self.color + self.photo == 0:
            raise ValueError("environment, color and photo are all 0; one must be more")
        return self


class SensorSection(Section):
    """From light to file."""

    exposure_ev: Annotated[Distribution, number(-10, 10)] = Field(default=Distribution("normal", (0.0, 0.4)))
    white_balance: Annotated[Distribution, number(0, 1)] = _between(0, 0.12)
    blur_sigma_px: Annotated[Distribution, number(0, 50)] = _between(0, 1.0)
    noise_sigma: Annotated[Distribution, number(0, 1)] = _between(0, 0.03)
    jpeg_quality: Annotated[Distribution, whole_number(1, 100)] | None = Field(
        default=Distribution("randint", (50, 98))
    )


class RenderSection(Section):
    """The engine and how much work it does.

    Attributes:
        photorealistic: Decides what "auto" means.
        engine: "auto" is read as "cycles" where photorealism is asked for, and as "raster" otherwise.
        cycles_share: Of the images of engine "mixed"; "raster" makes the rest.
    """

    photorealistic: bool = False
    engine: Annotated[str, _plugin("engine", ENGINES, "auto")] = "auto"
    cycles_share: float = Field(default=0.2, ge=0, le=1)
    quality: Literal["draft", "fair", "good", "best"] = "good"
    samples: int | None = Field(default=None, ge=1, le=100_000)
    device: Literal["auto", "cpu", "cuda", "optix", "hip", "metal", "oneapi"] = "auto"

    @field_validator("engine")
    @classmethod
    def _automatic_engine(cls, name: str, info: ValidationInfo) -> str:
        """Decided here, so that a dataset names the engine that made it."""
        if name != "auto":
            return name
        return "cycles" if info.data.get("photorealistic") else "raster"

    def settings(self) -> RenderSettings:
        """For an engine."""
        return RenderSettings(self.engine, self.quality, self.samples, self.device)


class Flags(Section):
    """Objects below these limits are kept, and flagged as ignored."""

    min_visible_fraction: float = Field(default=0.1, ge=0, le=1)
    min_size_px: int = Field(default=4, ge=0)


class Recipe(Section):
    """Everything that may vary from scene to scene.

    Attributes:
        views_per_scene: So many images in a row show one scene, each from a camera of its own.
    """

    name: str = "recipe"
    targets: list[Target] = Field(min_length=1)
    categories: tuple[str, ...] = ()
    empty_share: float = Field(default=0.05, ge=0, le=1)
    views_per_scene: int = Field(default=1, ge=1, le=100_000)
    image: ImageSection = ImageSection()
    layout: Layout = Layout()
    camera: CameraSection = CameraSection()
    environment: EnvironmentSection = EnvironmentSection()
    lamps: Lamps = Lamps()
    objects: ObjectsSection = ObjectsSection()
    material: MaterialSection = MaterialSection()
    distractors: Distractors = Distractors()
    ground: Ground = Ground()
    backdrop: BackdropSection = BackdropSection()
    sensor: SensorSection = SensorSection()
    render: RenderSection = RenderSection()
    labels: list[Annotated[str, _plugin("label", "cyclorama.label.objects")]] = LABELS
    maps: list[Annotated[str, _plugin("map", "cyclorama.label.maps")]] = ["instances", "depth", "normals"]
    flags: Flags = Flags()
    _source_path: Path | None = PrivateAttr(default=None)

    @field_validator("categories")
    @classmethod
    def _every_target_has_one(cls, categories: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        """Those of the targets, in their order, where the recipe declares none."""
        used = tuple(dict.fromkeys(t.category for t in info.data.get("targets", ())))
        for name in used if categories else ():
            if name not in categories:
                raise ValueError(f"lacks '{name}', which a target has")
        for name in categories:
            if categories.count(name) > 1:
                raise ValueError(f"names '{name}' twice")
        return categories or used

    @field_validator("camera")
    @classmethod
    def _camera_is_above_the_ground(cls, camera: CameraSection, info: ValidationInfo) -> CameraSection:
        layout = info.data.get("layout")
        if layout is None or not plugin(LAYOUTS, layout.kind).has_ground:
            return camera
        try:
            above = distribution_from(camera.elevation_deg, 0, camera.elevation_deg.bounds[1], whole=False)
        except ValueError as error:
            raise ValueError(f"elevation_deg: {error}, below the ground of layout '{layout.kind}'") from error
        return camera.model_copy(update={"elevation_deg": above})

    @field_validator("labels")
    @classmethod
    def _box_is_among_them(cls, labels: list[str]) -> list[str]:
        if "box" not in labels:
            raise ValueError("lacks 'box', which verifying, converting and training need; add it")
        return labels

    @property
    def source_path(self) -> Path | None:
        """The file that it was read from."""
        return self._source_path

    def to_yaml(self) -> str:
        """The whole recipe, with every default."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True, width=100)

    def fingerprint(self, resource_ids: list[str]) -> str:
        """Twenty hexadecimal digits of what decides the pictures: recipe and content of assets, not their places."""
        plain = self.model_dump(mode="json", exclude={"name": True, "render": {"device", "photorealistic"}})
        for section, field in PLACES:
            del plain[section][field]
        plain["targets"] = [{k: v for k, v in t.items() if k not in ("model", "texture")} for t in plain["targets"]]
        text = json.dumps([plain, resource_ids], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:20]


# Fields that name files.
PLACES = (
    ("environment", "maps"),
    ("material", "textures"),
    ("distractors", "models"),
    ("distractors", "textures"),
    ("ground", "textures"),
    ("ground", "photos"),
    ("backdrop", "photos"),
)


def schema() -> dict[str, Any]:
    """JSON schema of recipe files, for editors."""
    made = Recipe.model_json_schema()
    made["properties"]["extends"] = {"type": "string", "description": "A preset's name or another recipe's path."}
    made["required"] = []
    return made
