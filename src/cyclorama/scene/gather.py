"""Imports what a recipe names, and names it by content."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cyclorama.assets import builtin
from cyclorama.assets.images import ENVIRONMENT_SUFFIXES
from cyclorama.assets.library import FileLibrary
from cyclorama.assets.material_sets import material_sets
from cyclorama.assets.meshes import DIRECT, THROUGH_BLENDER
from cyclorama.assets.resources import (
    builtin_material_resources,
    decal_resource,
    environment_resource,
    image_resource,
    label_resource,
    material_resource,
    model_resource,
    wear_resources,
)
from cyclorama.core.errors import InputError
from cyclorama.core.library import Resource
from cyclorama.core.model import Model
from cyclorama.core.pictures import IMAGE_SUFFIXES
from cyclorama.scene.fields import FileKind, Section, files_of
from cyclorama.scene.gathered import GROUND, Assets
from cyclorama.scene.geometry import check_joints
from cyclorama.scene.keypoints import skeletons
from cyclorama.scene.labels import check_labels
from cyclorama.scene.liquids import Pouring
from cyclorama.scene.randomizers.distractors import CARD
from cyclorama.scene.recipe import Recipe

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
    damaged: list[str] | None = [] if recipe.skip_damaged else None

    def add(resources: Iterable[Resource]) -> tuple[str, ...]:
        named = {r.id: r for r in resources}
        found.update(named)
        return tuple(named)

    targets = [_target(recipe, number) for number in range(len(recipe.targets))]
    add(targets)
    _check_labels(recipe, targets)
    files = {f"{name}.{key}": add(_files(recipe, name, key, kind, damaged)) for name, key, kind in _file_keys(recipe)}
    names = (GROUND, *[CARD] * bool(recipe.distractors.cards), *recipe.layout.fixtures)
    fixtures = {name: add([model_resource(f"builtin:{name}")])[0] for name in names}
    files["wear"] = add(wear_resources() if _shows_wear(recipe) else [])
    library = FileLibrary(found.values())
    _check_models(recipe, library, [t.id for t in targets], files["distractors.models"])
    return Assets(library, tuple(t.id for t in targets), files, fixtures, tuple(damaged or ()))


def _check_models(recipe: Recipe, library: FileLibrary, targets: Iterable[str], distractors: Iterable[str]) -> None:
    def models(ids: Iterable[str]) -> Iterator[Model]:
        return map(library.model, ids)

    with _said_in(recipe, "targets"):
        skeletons(recipe, library, tuple(targets))
    with _said_in(recipe, "geometry.joints"):
        check_joints(recipe.geometry, models(targets), models(distractors))
    with _said_in(recipe, "geometry.fill"):
        Pouring.of(recipe.geometry, recipe.material).check(models(targets), models(distractors))


def _check_labels(recipe: Recipe, targets: Sequence[Resource]) -> None:
    if recipe.material.label_probability:
        library = FileLibrary(targets)
        with _said_in(recipe, "material.label_parts"):
            check_labels([library.model(t.id) for t in targets], recipe.material.label_parts)


def _shows_wear(recipe: Recipe) -> bool:
    return any(part.shows_wear for part in (recipe.material, recipe.distractors, recipe.ground))


def _file_keys(recipe: Recipe) -> Iterator[tuple[str, str, FileKind]]:
    """Section, key and kind of all that names files."""
    for name in type(recipe).model_fields:
        section = getattr(recipe, name)
        for key, kind in files_of(type(section)).items() if isinstance(section, Section) else ():
            yield name, key, kind


def _files(recipe: Recipe, name: str, key: str, kind: FileKind, damaged: list[str] | None) -> list[Resource]:
    section = getattr(recipe, name)
    if key in section.unused_files() and not (kind == "model" and recipe.layout.needs_clutter):
        return []
    sources = getattr(section, key)
    if kind == "model":
        return _models(recipe, f"{name}.{key}", sources, section.unit, damaged)
    with _said_in(recipe, f"{name}.{key}"):
        if kind == "environment map":
            return _expanded(sources, builtin.ENVIRONMENTS, ENVIRONMENT_SUFFIXES, environment_resource, damaged)
        if kind == "material":
            return [resource for source in sources for resource in _materials(source)]
        if kind == "decal":
            return _expanded(sources, builtin.DECALS, IMAGE_SUFFIXES, decal_resource, damaged)
        if kind == "label":
            return _expanded(sources, builtin.LABELS, IMAGE_SUFFIXES, label_resource, damaged)
        is_meant = shows_color if kind == "texture" else _any
        return _expanded(sources, builtin.TEXTURES, IMAGE_SUFFIXES, image_resource, damaged, is_meant=is_meant)


def _target(recipe: Recipe, number: int) -> Resource:
    target = recipe.targets[number]
    with _said_in(recipe, f"targets[{number}]"):
        return model_resource(target.model, unit=target.unit, up=target.up, texture=target.texture)


def _models(recipe: Recipe, field: str, sources: list[str], unit: str, damaged: list[str] | None) -> list[Resource]:
    with _said_in(recipe, f"{field.rpartition('.')[0]}.unit"):
        if unit != "m" and sources and all(s == "builtin" or s.startswith("builtin:") for s in sources):
            raise InputError(f"'{unit}' is for files, and built-in shapes have sizes of their own")

    def load(source: str) -> Resource:
        return model_resource(source) if source.startswith("builtin:") else model_resource(source, unit=unit)

    with _said_in(recipe, field):
        return _expanded(_each_shape(sources), builtin.SHAPES, (*DIRECT, *THROUGH_BLENDER), load, damaged)


def _each_shape(sources: list[str]) -> list[str]:
    """With the names of all procedural shapes in place of their family's."""
    families = {"procedural": builtin.PROCEDURAL, **builtin.SHAPE_FAMILIES}
    found: list[str] = []
    for source in sources:
        family = families.get(source.removeprefix("builtin:")) if source.startswith("builtin:") else None
        found += [f"builtin:{name}" for name in family] if family else [source]
    return found


def _materials(source: str) -> list[Resource]:
    """Those of a folder, all that are built in, or some of them by the family's name."""
    if source == "builtin" or source.startswith("builtin:"):
        names = builtin.FAMILIES if source == "builtin" else (source,)
        return [resource for name in names for resource in builtin_material_resources(name)]
    if not Path(source).is_dir():
        raise InputError(f"no folder '{source}'; expected one of sets of maps, builtin, or builtin:FAMILY")
    sets = material_sets(Path(source))
    if not sets:
        raise InputError(
            f"folder '{source}' holds no set of maps; expected e.g. Oak_Color.jpg, Oak_NormalGL.jpg, Oak_Roughness.jpg"
        )
    return [material_resource(maps) for maps in sets]


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
    damaged: list[str] | None,
    *,
    is_meant: Callable[[Path], bool] = _any,
) -> list[Resource]:
    """Resources of files, of all files below folders that are meant, and of "builtin".

    What is wrong with a damaged file of a folder goes to ``damaged`` if that is a list.
    """
    found: list[Resource] = []
    for source in sources:
        if source == "builtin":
            found += [load(f"builtin:{n}") for n in builtins]
        elif not Path(source).is_dir():
            found.append(load(source))
        else:
            files = [p for p in Path(source).rglob("*") if p.suffix.lower() in suffixes and is_meant(p)]
            inside = sorted(str(p) for p in files if p.is_file() and not p.name.startswith("."))
            if not inside:
                raise InputError(f"folder '{source}' holds no {' '.join(suffixes)} file that can be used")
            sound = [r for path in inside if (r := _loaded(path, load, damaged))]
            if not sound:
                raise InputError(f"folder '{source}' holds nothing but damaged files, e.g. {(damaged or [''])[-1]}")
            found += sound
    return found


def _loaded(path: str, load: Callable[[str], Resource], damaged: list[str] | None) -> Resource | None:
    try:
        return load(path)
    except InputError as error:
        if damaged is None:
            raise InputError(f"{error}; or leave out what is damaged: skip_damaged: true") from error
        damaged.append(str(error))
        return None
