"""What may vary: the recipe's fields, their limits and their defaults."""

import hashlib
import json
from functools import cache, reduce
from operator import or_
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import yaml
from pydantic import (
    Discriminator,
    Field,
    PrivateAttr,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)

from cyclorama.core.plugins import plugins
from cyclorama.scene.distributions import Distribution, distribution_from, number
from cyclorama.scene.fields import Section, files_of, fixed, named_plugin
from cyclorama.scene.geometry import GeometryOptions
from cyclorama.scene.layout import LAYOUTS, LayoutOptions
from cyclorama.scene.layouts.floating import FloatingOptions
from cyclorama.scene.randomizers.backdrop import KINDS, BackdropOptions
from cyclorama.scene.randomizers.camera import CameraOptions
from cyclorama.scene.randomizers.distractors import DistractorsOptions
from cyclorama.scene.randomizers.environment import EnvironmentOptions
from cyclorama.scene.randomizers.ground import GroundOptions
from cyclorama.scene.randomizers.lamps import LampsOptions
from cyclorama.scene.randomizers.material import MaterialOptions
from cyclorama.scene.randomizers.render import RenderOptions
from cyclorama.scene.randomizers.sensor import SensorOptions

LABELS = ["box", "mask", "amodal_mask", "amodal_box", "visibility", "pose", "keypoints"]
MAPS = ["instances", "depth", "normals"]
DEFAULT_LAYOUT = "floating"


class Target(Section):
    """A model to be found.

    Attributes:
        model: File, or "builtin:NAME".
        category: Its name for the detector; left out, the file's.
        unit: Of the file's numbers: m, cm, mm, in, ft, or metres of one unit.
        up: The file's axis that is up; auto is what its format says.
        texture: Image file in place of the one that the file names.
        weight: How often it is chosen, relative to the others.
    """

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
    """The picture.

    Attributes:
        width: Pixels.
        height: Pixels.
        format: PNG keeps every value, JPEG takes a tenth of the room.
    """

    width: int = Field(default=640, ge=8, le=16_384)
    height: int = Field(default=480, ge=8, le=16_384)
    format: Literal["jpg", "png"] = "png"


Orientation = Literal["any", "upright", "flipped", "stable"]


class ObjectsSection(Section):
    """How targets are turned and scaled.

    Attributes:
        orientation: any rotation; upright, turned about the vertical only; flipped, the same upside down; stable, as it
            would come to rest; or weights of several, also for rare cases: {upright: 0.95, flipped: 0.05}.
        scale: Factor on the model's size.
    """

    orientation: Orientation | dict[Orientation, Annotated[float, Field(gt=0)]] = "any"
    scale: Annotated[Distribution, number(1e-3, 1e3)] = fixed(1.0)


class Flags(Section):
    """Objects below these limits are kept, and flagged as ignored.

    Attributes:
        min_visible_fraction: Of visible over amodal pixels.
        min_size_px: Of the shorter side of the visible box.
    """

    min_visible_fraction: float = Field(default=0.1, ge=0, le=1)
    min_size_px: int = Field(default=4, ge=0)


def _kind_of(value: Any) -> str:
    """Whose keys a layout has; one that isn't known is refused as the value of ``kind``."""
    kind = value.get("kind", DEFAULT_LAYOUT) if isinstance(value, dict) else getattr(value, "kind", DEFAULT_LAYOUT)
    return kind if isinstance(kind, str) and kind in plugins(LAYOUTS) else DEFAULT_LAYOUT


if TYPE_CHECKING:
    AnyLayout = LayoutOptions
else:
    _each = reduce(or_, (Annotated[layout.options, Tag(kind)] for kind, layout in plugins(LAYOUTS).items()))
    AnyLayout = Annotated[_each, Discriminator(_kind_of)]


class Recipe(Section):
    """Everything that may vary from scene to scene.

    Attributes:
        name: What it is called in files and tables.
        targets: What is to be found.
        categories: Names in the order of class numbers; left out, those of the targets.
        empty_share: Share of scenes without any target, against false alarms.
        skip_damaged: Leave out files of folders that can't be read, and name them; else the first is an error.
        views_per_scene: So many images in a row show one scene, each from a camera of its own, or along camera.path.
        labels: What is written of each object; keypoints of those whose models have some.
        maps: What is written of each pixel.
    """

    name: str = "recipe"
    targets: list[Target] = Field(min_length=1)
    categories: tuple[str, ...] = ()
    empty_share: float = Field(default=0.05, ge=0, le=1)
    skip_damaged: bool = False
    views_per_scene: int = Field(default=1, ge=1, le=100_000)
    image: ImageSection = ImageSection()
    layout: AnyLayout = FloatingOptions()
    camera: CameraOptions = CameraOptions()
    environment: EnvironmentOptions = EnvironmentOptions()
    lamps: LampsOptions = LampsOptions()
    objects: ObjectsSection = ObjectsSection()
    geometry: GeometryOptions = GeometryOptions()
    material: MaterialOptions = MaterialOptions()
    distractors: DistractorsOptions = DistractorsOptions()
    ground: GroundOptions = GroundOptions()
    backdrop: BackdropOptions = BackdropOptions()
    sensor: SensorOptions = SensorOptions()
    render: RenderOptions = RenderOptions()
    labels: list[Annotated[str, named_plugin("label", "cyclorama.label.objects")]] = Field(default=LABELS)
    maps: list[Annotated[str, named_plugin("map", "cyclorama.label.maps")]] = Field(default=MAPS)
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
    def _camera_is_above_the_ground(cls, camera: CameraOptions, info: ValidationInfo) -> CameraOptions:
        layout = info.data.get("layout")
        if layout is None or not layout.has_ground:
            return camera
        try:
            above = distribution_from(camera.elevation_deg, 0, camera.elevation_deg.bounds[1], whole=False)
        except ValueError as error:
            raise ValueError(f"elevation_deg: {error}, below the ground of layout '{layout.kind}'") from error
        return camera.model_copy(update={"elevation_deg": above})

    @field_validator("camera")
    @classmethod
    def _views_make_a_path(cls, camera: CameraOptions, info: ValidationInfo) -> CameraOptions:
        views, eyes = info.data.get("views_per_scene"), 1 if camera.stereo is None else 2
        if views is None:  # It has a mistake of its own.
            return camera
        if views % eyes:
            raise ValueError(f"stereo: views come in pairs, and views_per_scene is {views}; expected an even number")
        if camera.path is not None and views <= eyes:
            raise ValueError(f"path: views_per_scene is {views}; expected more, which then lie along the path")
        return camera

    @field_validator("environment")
    @classmethod
    def _lit_by_the_photo(cls, environment: EnvironmentOptions, info: ValidationInfo) -> EnvironmentOptions:
        """In a layout before photographs, unless the recipe says how often."""
        layout = info.data.get("layout")
        if layout is None or layout.backdrop != "photo" or "from_photo" in environment.model_fields_set:
            return environment
        return environment.model_copy(update={"from_photo": 1.0})

    @field_validator("backdrop")
    @classmethod
    def _backdrop_of_the_layout(cls, backdrop: BackdropOptions, info: ValidationInfo) -> BackdropOptions:
        """The layout's only one, unless the recipe gives shares."""
        layout = info.data.get("layout")
        if layout is None or layout.backdrop is None or backdrop.model_fields_set & set(KINDS):
            return backdrop
        return backdrop.model_copy(update={kind: float(kind == layout.backdrop) for kind in KINDS})

    @field_validator("labels")
    @classmethod
    def _box_is_among_them(cls, labels: list[str]) -> list[str]:
        if "box" not in labels:
            raise ValueError("lacks 'box', which verifying, converting and training need; add it")
        return labels

    def at(self, path: str) -> Any:
        """What a key says, e.g. "camera.distance_m"; None where there is none."""
        found: Any = self
        for key in path.split("."):
            found = getattr(found, key, None)
        return found

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
        for section, key in file_keys():
            plain[section].pop(key, None)
        plain["targets"] = [{k: v for k, v in t.items() if k not in ("model", "texture")} for t in plain["targets"]]
        text = json.dumps([plain, resource_ids], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:20]


def sections(name: str) -> tuple[type[Section], ...]:
    """Classes that the section of that name can have: of a layout one for each kind; none if it isn't a section."""
    if name == "layout":
        return tuple(layout.options for layout in plugins(LAYOUTS).values())
    found = Recipe.model_fields[name].annotation
    return (found,) if isinstance(found, type) and issubclass(found, Section) else ()


@cache
def file_keys() -> tuple[tuple[str, str], ...]:
    """Sections and keys that name files."""
    found = ((name, key) for name in Recipe.model_fields for section in sections(name) for key in files_of(section))
    return tuple(dict.fromkeys(found))


def schema() -> dict[str, Any]:
    """JSON schema of recipe files, for editors."""
    made = Recipe.model_json_schema()
    made["properties"]["extends"] = {"type": "string", "description": "A preset's name or another recipe's path."}
    made["required"] = []
    return made
