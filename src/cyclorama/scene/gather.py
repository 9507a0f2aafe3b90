"""Imports what a recipe names, and names it by content."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cyclorama.assets import builtin
from cyclorama.assets.images import ENVIRONMENT_SUFFIXES
from cyclorama.assets.library import FileLibrary
from cyclorama.assets.meshes import DIRECT, THROUGH_BLENDER
from cyclorama.assets.resources import environment_resource, image_resource, model_resource
from cyclorama.core.errors import InputError
from cyclorama.core.library import Resource
from cyclorama.core.pictures import IMAGE_SUFFIXES
from cyclorama.core.plugins import plugin
from cyclorama.scene.fields import FileKind, Section, files_of
from cyclorama.scene.gathered import Assets
from cyclorama.scene.layout import LAYOUTS
from cyclorama.scene.recipe import Recipe

# The built-in model that every ground is.
GROUND = "plane"
# What a file's name says last of a map that is no colour, and what may follow that.
NOT_COLOR = re.compile(
    "normals?|nor|nrm|rough(ness)?|metal(lic|ness)|disp(lacement)?|height|bump|ao|occlusion|spec(ular)?|gloss(iness)?|"
    "opacity|arm|orm"
)
AFTER_KIND = re.compile("k|jpg|png|gl|dx|opengl|directx|map|tex|texture")


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

    targets = tuple(t.id for number in range(len(recipe.targets)) for t in [_target(recipe, number)] if add([t]))
    files = {f"{name}.{key}": add(_files(recipe, name, key, kind)) for name, key, kind in _file_keys(recipe)}
    names = (GROUND, *plugin(LAYOUTS, recipe.layout.kind).fixtures)
    fixtures = {name: add([model_resource(f"builtin:{name}")])[0] for name in names}
    return Assets(FileLibrary(found.values()), targets, files, fixtures)


def _file_keys(recipe: Recipe) -> Iterator[tuple[str, str, FileKind]]:
    """Section, key and kind of all that names files."""
    for name in type(recipe).model_fields:
        section = getattr(recipe, name)
        for key, kind in files_of(type(section)).items() if isinstance(section, Section) else ():
            yield name, key, kind


def _files(recipe: Recipe, name: str, key: str, kind: FileKind) -> list[Resource]:
    section = getattr(recipe, name)
    if key in section.unused_files() and not (kind == "model" and recipe.layout.needs_clutter):
        return []
    sources = getattr(section, key)
    if kind == "model":
        return _models(recipe, f"{name}.{key}", sources, section.unit)
    with _said_in(recipe, f"{name}.{key}"):
        if kind == "environment map":
            return _expanded(sources, builtin.ENVIRONMENTS, ENVIRONMENT_SUFFIXES, environment_resource)
        is_meant = shows_color if kind == "texture" else _any
        return _expanded(sources, builtin.TEXTURES, IMAGE_SUFFIXES, image_resource, is_meant=is_meant)


def _target(recipe: Recipe, number: int) -> Resource:
    target = recipe.targets[number]
    with _said_in(recipe, f"targets[{number}]"):
        return model_resource(target.model, unit=target.unit, up=target.up, texture=target.texture)


def _models(recipe: Recipe, field: str, sources: list[str], unit: str) -> list[Resource]:
    with _said_in(recipe, f"{field.rpartition('.')[0]}.unit"):
        if unit != "m" and all(source == "builtin" or source.startswith("builtin:") for source in sources):
            raise InputError(f"'{unit}' is for files, and built-in shapes have sizes of their own")

    def load(source: str) -> Resource:
        return model_resource(source) if source.startswith("builtin:") else model_resource(source, unit=unit)

    with _said_in(recipe, field):
        return _expanded(sources, builtin.SHAPES, (*DIRECT, *THROUGH_BLENDER), load)


@contextmanager
def _said_in(recipe: Recipe, field: str) -> Iterator[None]:
    """What is wrong within the block is told with the recipe and its field."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{recipe.source_path or recipe.name}: {field}: {error}") from error


def _any(path: Path) -> bool:  # noqa: ARG001
    return True


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
    is_meant: Callable[[Path], bool] = _any,
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
