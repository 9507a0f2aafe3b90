"""Everything that a recipe's scenes can show, imported and named by content."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cyclorama.assets import builtin
from cyclorama.assets.images import ENVIRONMENT_SUFFIXES
from cyclorama.assets.library import FileLibrary
from cyclorama.assets.meshes import DIRECT, THROUGH_BLENDER
from cyclorama.assets.resources import environment_resource, image_resource, model_resource
from cyclorama.core.errors import InputError
from cyclorama.core.library import Resource
from cyclorama.core.pictures import IMAGE_SUFFIXES
from cyclorama.scene.recipe import Recipe

PLANE = "builtin:plane"
# What a file's name says last of a map that is no colour, and what may follow that.
NOT_COLOR = re.compile(
    "normals?|nor|nrm|rough(ness)?|metal(lic|ness)|disp(lacement)?|height|bump|ao|occlusion|spec(ular)?|gloss(iness)?|"
    "opacity|arm|orm"
)
AFTER_KIND = re.compile("k|jpg|png|gl|dx|opengl|directx|map|tex|texture")


@dataclass(frozen=True, eq=False)
class Assets:
    """Resource ids by the part that they play.

    Attributes:
        library: Loads them.
        targets: One model id for each of the recipe's targets.
    """

    library: FileLibrary
    targets: tuple[str, ...]
    distractors: tuple[str, ...]
    environments: tuple[str, ...]
    material_textures: tuple[str, ...]
    distractor_textures: tuple[str, ...]
    ground_textures: tuple[str, ...]
    ground_photos: tuple[str, ...]
    backdrop_photos: tuple[str, ...]
    plane: str

    def ids(self) -> list[str]:
        """All resource ids by part, in order: what makes two recipes' assets the same."""
        return [f"{part}:{id}" for part, ids in self._parts().items() for id in ids]

    def to_plain(self) -> dict[str, Any]:
        """JSON-able, for another process."""
        return {"library": self.library.to_plain(), "plane": self.plane, **self._parts()}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> "Assets":
        """The assets that ``to_plain`` wrote."""
        parts = {k: tuple(v) for k, v in plain.items() if k not in ("library", "plane")}
        return cls(library=FileLibrary.from_plain(plain["library"]), plane=plain["plane"], **parts)

    def _parts(self) -> dict[str, list[str]]:
        return {k: list(v) for k, v in vars(self).items() if isinstance(v, tuple)}


def gather(recipe: Recipe) -> Assets:
    """Import, check and cache what the recipe names.

    Raises:
        InputError: Something is missing, damaged, or a folder holds nothing of use.
    """
    found: dict[str, Resource] = {}

    def add(resources: Iterable[Resource]) -> tuple[str, ...]:
        named = {r.id: r for r in resources}
        found.update(named)
        return tuple(named)

    targets = [_target(recipe, number) for number in range(len(recipe.targets))]
    add(targets)
    with_models = recipe.distractors.count.range[1] > 0
    distractors = _models(recipe) if with_models else []
    parts = {
        "targets": tuple(t.id for t in targets),
        "distractors": add(distractors),
        "environments": add(_environments(recipe)),
        "material_textures": add(_textures(recipe, "material", recipe.material.textures)),
        "distractor_textures": add(_textures(recipe, "distractors", recipe.distractors.textures)),
        "ground_textures": add(_textures(recipe, "ground", recipe.ground.textures)),
        "ground_photos": add(_photos(recipe, "ground", recipe.ground.photos)),
        "backdrop_photos": add(_photos(recipe, "backdrop", recipe.backdrop.photos)),
    }
    (plane,) = add([model_resource(PLANE)])
    return Assets(library=FileLibrary(found.values()), plane=plane, **parts)


def _target(recipe: Recipe, number: int) -> Resource:
    target = recipe.targets[number]
    with _said_in(recipe, f"targets[{number}]"):
        return model_resource(target.model, unit=target.unit, up=target.up, texture=target.texture)


def _models(recipe: Recipe) -> list[Resource]:
    sources, unit = recipe.distractors.models, recipe.distractors.unit
    with _said_in(recipe, "distractors.unit"):
        if unit != "m" and all(source == "builtin" or source.startswith("builtin:") for source in sources):
            raise InputError(f"'{unit}' is for files, and built-in shapes have sizes of their own")

    def load(source: str) -> Resource:
        return model_resource(source) if source.startswith("builtin:") else model_resource(source, unit=unit)

    with _said_in(recipe, "distractors.models"):
        return _expanded(sources, builtin.SHAPES, (*DIRECT, *THROUGH_BLENDER), load)


def _environments(recipe: Recipe) -> list[Resource]:
    with _said_in(recipe, "environment.maps"):
        return _expanded(recipe.environment.maps, builtin.ENVIRONMENTS, ENVIRONMENT_SUFFIXES, environment_resource)


def _photos(recipe: Recipe, section: str, sources: list[str]) -> list[Resource]:
    with _said_in(recipe, f"{section}.photos"):
        return _expanded(sources, builtin.TEXTURES, IMAGE_SUFFIXES, image_resource)


def _textures(recipe: Recipe, section: str, sources: list[str]) -> list[Resource]:
    with _said_in(recipe, f"{section}.textures"):
        return _expanded(sources, builtin.TEXTURES, IMAGE_SUFFIXES, image_resource, is_meant=shows_color)


@contextmanager
def _said_in(recipe: Recipe, field: str) -> Iterator[None]:
    """What is wrong within the block is told with the recipe and its field."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{recipe.source_path or recipe.name}: {field}: {error}") from error


def shows_color(path: Path) -> bool:
    """By its name: libraries of textures put normals, roughness and more beside the colours (Wood_1K_NormalGL.jpg)."""
    words = [word.lower() for word in re.findall("[A-Z]?[a-z]+|[A-Z]+", path.stem)]
    telling = [word for word in words if not AFTER_KIND.fullmatch(word)]
    return not telling or not NOT_COLOR.fullmatch(telling[-1])


def _expanded(
    sources: list[str],
    builtins: tuple[str, ...],
    suffixes: tuple[str, ...],
    load: Callable[[str], Resource],
    *,
    is_meant: Callable[[Path], bool] = lambda _: True,
) -> list[Resource]:
    """Resources of files, of all files below folders that are meant, and of "builtin"."""
    found: list[str] = []
    for source in sources:
        if source == "builtin":
            found += [f"builtin:{n}" for n in builtins]
        elif not Path(source).is_dir():
            found.append(source)
        else:
            files = [p for p in Path(source).rglob("*") if p.suffix.lower() in suffixes and is_meant(p)]
            inside = sorted(str(p) for p in files if p.is_file() and not p.name.startswith("."))
            if not inside:
                raise InputError(f"folder '{source}' holds no {' '.join(suffixes)} file that can be used")
            found += inside
    return [load(source) for source in found]
