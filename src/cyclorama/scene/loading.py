"""Recipe files: YAML with line numbers, presets, overrides, and errors that say where."""

import json
import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from cyclorama.core.errors import InputError, did_you_mean
from cyclorama.core.plugins import plugin, plugin_names
from cyclorama.scene.layout import LAYOUTS
from cyclorama.scene.mistakes import Path_, sentences
from cyclorama.scene.recipe import Recipe, Target, file_keys


class _Loader(yaml.SafeLoader):
    """PyYAML keeps to YAML 1.1, where 1e-3 is a text; in a recipe it is a number."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"), list("-+0123456789")
)


class Document:
    """Plain values of a recipe and where each was written."""

    def __init__(self, values: dict[str, Any], places: dict[Path_, str]) -> None:
        self.values = values
        self.places = places

    def place(self, path: Path_) -> str:
        """Where the value at ``path`` or its nearest parent stands: "file:line"."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, "recipe")


def preset_names() -> list[str]:
    """Names of the recipes that ship in the package."""
    return sorted(Path(f.name).stem for f in files("cyclorama.scene").joinpath("presets").iterdir())


def is_recipe(source: Path) -> bool:
    """Whether it is the name of a preset, or a file that says what is to be found or what it extends.

    A dataset's .yaml, which YOLO has, says neither.
    """
    if source.suffix.lower() not in (".yaml", ".yml"):
        return not source.exists() and str(source) in preset_names()
    try:
        plain = yaml.safe_load(source.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        return False
    except yaml.YAMLError:
        return True  # Whoever reads it says what is wrong with it.
    return isinstance(plain, dict) and not plain.keys().isdisjoint(("targets", "extends"))


def load_recipe(source: str | Path, overrides: Sequence[str] = (), *, targets: Sequence[Target] = ()) -> Recipe:
    """A checked recipe.

    Args:
        source: File, or a preset's name.
        overrides: "path=value" as on the command line, e.g. "camera.distance_m.uniform=[0.3,0.9]".
        targets: Those of a recipe that names none.

    Raises:
        InputError: Names file, line, path, value and what was expected, of each mistake on a line.
    """
    document = _read(str(source), ())
    for text in overrides:
        _override(document, text)
    if targets:
        document.values.setdefault("targets", [target.model_dump(mode="json") for target in targets])
    if not document.values.get("targets"):
        raise InputError(f"{source}: targets: expected at least one model to be found, e.g. '- model: cup.ply'")
    document.values.setdefault("name", Path(str(source)).stem)
    try:
        recipe = Recipe.model_validate(document.values)
    except ValidationError as error:
        raise InputError(sentences(error, document.place)) from error
    recipe._source_path = Path(source) if Path(source).is_file() else None
    return recipe


def _read(source: str, seen: tuple[str, ...], *, said_in: str = "", folder: Path = Path()) -> Document:
    """A recipe on top of all that it extends.

    Args:
        source: File, or a preset's name.
        seen: Where we come from, against circles.
        said_in: "file:line: extends: " of the recipe that extends this one.
        folder: That recipe's folder, where a file is looked for first.
    """
    path = folder / source if (folder / source).is_file() else Path(source)
    if source in preset_names():
        text, name = files("cyclorama.scene").joinpath("presets", f"{source}.yaml").read_text("utf-8"), source
    elif path.is_file():
        try:
            text, name = path.read_text("utf-8"), str(path)
        except UnicodeDecodeError as error:
            raise InputError(f"{path}: is not a text file; expected a recipe in YAML") from error
    else:
        beside = (folder / source).parent
        near = [*preset_names(), *(str(Path(source).parent / p.name) for p in beside.glob("*.y*ml"))]
        raise InputError(f"{said_in}no recipe '{source}'.{did_you_mean(source, near)}")
    known = name if source == name and source in preset_names() else str(path.resolve())
    if known in seen:
        raise InputError(f"{said_in}{name} extends itself")
    try:
        document = _parse(text, name)
    except RecursionError as error:
        raise InputError(f"{name}: a value contains itself ('&' and '*'), or too many others; write it out") from error
    _resolve_paths(document, path.parent)
    base = document.values.pop("extends", None)
    if base is None:
        return document
    said_in = f"{document.place(('extends',))}: extends: "
    under = _read(str(base), (*seen, known), said_in=said_in, folder=path.parent)
    return Document(
        _merged(_for_layout_of(document.values, under.values), document.values), under.places | document.places
    )


def _parse(text: str, name: str) -> Document:
    try:
        node = yaml.compose(text, _Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(f"{name}:{line}: is not YAML: {error.problem}") from error
    except yaml.YAMLError as error:  # A character that YAML does not allow.
        raise InputError(f"{name}: is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(node, yaml.MappingNode):
        raise InputError(f"{name}:1: expected a recipe, 'key: value' lines")
    places: dict[Path_, str] = {}
    values = _plain(node, (), name, places)
    return Document(values, places)


def _plain(node: yaml.Node, path: Path_, name: str, places: dict[Path_, str]) -> Any:
    places[path] = f"{name}:{node.start_mark.line + 1}"
    if isinstance(node, yaml.MappingNode):
        values: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise InputError(f"{name}:{key.start_mark.line + 1}: expected a name before the colon")
            if key.value in values:
                raise InputError(f"{name}:{key.start_mark.line + 1}: '{key.value}' is given twice")
            values[key.value] = _plain(value, (*path, key.value), name, places)
            places[(*path, key.value)] = f"{name}:{key.start_mark.line + 1}"
        return values
    if isinstance(node, yaml.SequenceNode):
        return [_plain(value, (*path, i), name, places) for i, value in enumerate(node.value)]
    try:
        return _Loader("").construct_object(node)
    except (yaml.YAMLError, ValueError) as error:  # A tag that we don't know, a date that is none.
        raise InputError(f"{places[path]}: can't be read as a value: '{node.value}'; put it in quotes") from error


def _resolve_paths(document: Document, folder: Path) -> None:
    """Paths in a recipe are relative to the recipe's file."""

    def resolved(text: Any) -> Any:
        if not isinstance(text, str) or text in ("builtin", "none") or text.startswith("builtin:"):
            return text
        return str(folder / Path(text).expanduser())

    targets = document.values.get("targets")
    for target in targets if isinstance(targets, list) else []:
        if isinstance(target, dict):
            target.update({key: resolved(target[key]) for key in ("model", "texture") if key in target})
    for section, field in file_keys():
        content = document.values.get(section)
        if isinstance(content, dict) and isinstance(content.get(field), list):
            content[field] = [resolved(item) for item in content[field]]
        elif isinstance(content, dict) and field in content:
            content[field] = resolved(content[field])


def _is_distribution(value: Any) -> bool:
    from cyclorama.scene.distributions import KINDS

    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in KINDS


def _merged(under: Any, over: Any) -> Any:
    """``over`` on top of ``under``; a distribution replaces another whole."""
    if isinstance(under, dict) and isinstance(over, dict) and not _is_distribution(over):
        return {**under, **{k: _merged(under[k], v) if k in under else v for k, v in over.items()}}
    return over


def _for_layout_of(over: dict[str, Any], under: dict[str, Any]) -> dict[str, Any]:
    """``under`` with a layout that one of another kind can be put on."""
    new, old = over.get("layout"), under.get("layout")
    if not isinstance(new, dict) or not isinstance(old, dict) or new.get("kind") in (None, old.get("kind")):
        return under
    return {**under, "layout": _of_kind(old, new["kind"])}


def _of_kind(layout: dict[str, Any], kind: Any) -> dict[str, Any]:
    """Those keys of a layout that one of another kind has, too."""
    known = plugin(LAYOUTS, kind).options.model_fields if kind in (*plugin_names(LAYOUTS),) else layout
    return {key: value for key, value in layout.items() if key in known}


def _override(document: Document, text: str) -> None:
    name, equals, value_text = text.partition("=")
    keys: Path_ = tuple(int(k) if k.isdigit() else k for k in re.findall(r"[^.\[\]]+", name))
    if not equals or not keys:
        raise InputError(f"--set {text}: expected path=value, e.g. camera.distance_m=0.5")
    if keys[0] == "extends":
        raise InputError(f"--set {text}: only a recipe's file can say what it extends")
    try:
        value = yaml.load(value_text, _Loader)
        json.dumps(value, default=str, skipkeys=True)  # Refuses what contains itself.
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"--set {text}: '{value_text}' is not a YAML value") from error
    if len(keys) > 1 and _is_distribution({keys[-1]: value}):
        keys, value = keys[:-1], {keys[-1]: value}
    at: Any = document.values
    for depth, key in enumerate(keys[:-1]):
        if isinstance(at, list) and isinstance(key, int) and key < len(at):
            at = at[key]
        elif isinstance(at, dict):
            at = at.setdefault(str(key), {})
            document.places.setdefault(keys[: depth + 1], "--set")
            if not isinstance(at, dict | list):
                raise InputError(f"--set {text}: '{key}' is a value and has nothing inside")
        else:
            raise InputError(f"--set {text}: there is no '{key}'")
    if isinstance(at, list):
        raise InputError(f"--set {text}: expected a name after the list's item")
    if not isinstance(at, dict):
        raise InputError(f"--set {text}: '{at}' is a value and has nothing inside")
    at[str(keys[-1])] = value
    document.places[keys] = "--set"
    if keys == ("layout", "kind"):
        document.values["layout"] = _of_kind(at, value)
