"""Every key of a recipe with its default, unit and range, as a page; from the classes that check recipes."""

import inspect
import re
from collections.abc import Iterator, Sequence
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from cyclorama.core.plugins import plugins
from cyclorama.scene.distributions import Distribution, Limits
from cyclorama.scene.fields import Files, Section
from cyclorama.scene.layout import LAYOUTS, LayoutOptions
from cyclorama.scene.recipe import Recipe, Target

# What the end of a key's name says of its unit.
UNITS = {
    "m": "m", "mm": "mm", "deg": "degrees", "px": "pixels", "w": "W", "ev": "stops", "s": "s", "ms": "ms", "m_s": "m/s",
    "deg_s": "degrees/s", "e": "electrons", "hz": "Hz", "k": "K",
}  # fmt: skip
HEAD = "| key | default | unit | range | |\n|---|---|---|---|---|"


def reference() -> str:
    """Markdown: a table of keys for each section, and for each layout."""
    parts = [_table("The recipe", Recipe, ""), _table("targets, each", Target, "")]
    for name, field in Recipe.model_fields.items():
        if name == "layout":
            parts += _layouts()
        elif (section := _section_of(field.annotation)) is not None:
            parts.append(_table(name, section, f"{name}."))
    return "\n\n".join(parts) + "\n"


def _layouts() -> Iterator[str]:
    """What all layouts have, and then of each what is its own."""
    yield _table("layout, of any kind", LayoutOptions, "layout.")
    for kind, layout in plugins(LAYOUTS).items():
        common = LayoutOptions.model_fields
        own = [n for n, f in layout.options.model_fields.items() if n not in common or f.default != common[n].default]
        yield _table(f"layout: {{kind: {kind}}}", layout.options, "layout.", [n for n in own if n != "kind"])


def descriptions(section: type[BaseModel]) -> dict[str, str]:
    """What the docstrings of a section's class, and of those it comes from, say of each key."""
    found: dict[str, str] = {}
    for one in reversed(section.__mro__):
        text = inspect.cleandoc(one.__doc__ or "").partition("Attributes:\n")[2]
        for name, said in re.findall(r"^    (\w+): ((?:.+\n?)(?:^        .+\n?)*)", text, re.MULTILINE):
            found[name] = " ".join(said.split()).replace("``", "`")
    return found


def _table(title: str, section: type[BaseModel], path: str, names: Sequence[str] | None = None) -> str:
    """A heading, what the section is, and its keys, or those of some names."""
    said = inspect.cleandoc(section.__doc__ or "").partition("\n\n")[0].replace("\n", " ").replace("``", "`")
    rows = list(_rows(section, path, names))
    return "\n\n".join([f"### {title}", said, *(["\n".join([HEAD, *rows])] if rows else [])])


def _rows(section: type[BaseModel], path: str, names: Sequence[str] | None = None) -> Iterator[str]:
    said = descriptions(section)
    for name, field in section.model_fields.items():
        if names is not None and name not in names:
            continue
        inner = _section_of(field.annotation)
        if inner is not None:
            if section is Recipe:
                continue  # Has a table of its own.
            yield f"| `{path}{name}` | {_default(field)} | | | {said.get(name, _first_line(inner))} |"
            yield from _rows(inner, f"{path}{name}.")
        else:
            cells = (f"`{path}{name}`", _default(field), _unit(name), _range(field), said.get(name, ""))
            yield f"| {' | '.join(cells)} |"


def _first_line(section: type[BaseModel]) -> str:
    return inspect.cleandoc(section.__doc__ or "").partition("\n")[0]


def _section_of(annotation: Any) -> type[Section] | None:
    """The section that a key holds, if it holds one."""
    options = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    for option in (inner for one in options for inner in (one, *get_args(one))):
        if isinstance(option, type) and issubclass(option, Section) and option is not Target:
            return option
    return None


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "*needed*"
    value = field.get_default(call_default_factory=True)
    if value is None:
        return "-"
    return f"`{value}`" if isinstance(value, Distribution | str | int | float) else f"`{_plain(value)}`"


def _plain(value: Any) -> str:
    if isinstance(value, BaseModel):
        return "{}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {v}" for k, v in value.items()) + "}"
    return "[" + ", ".join(str(v) for v in value) + "]" if isinstance(value, list | tuple) else str(value)


def _unit(name: str) -> str:
    """By the longest ending that is known; whatever has none is a number, a share or a name."""
    words = name.split("_")
    endings = ("_".join(words[start:]) for start in range(1, len(words)))
    return next((UNITS[ending] for ending in endings if ending in UNITS), "")


def _range(field: FieldInfo) -> str:
    limits = [m for m in _metadata(field) if isinstance(m, Limits)]
    if limits:
        kind = "whole numbers" if limits[0].whole else "numbers"
        return f"{limits[0].low:g} .. {limits[0].high:g}, {kind}"
    if any(isinstance(m, Files) for m in field.metadata):
        return f"{next(m.kind for m in field.metadata if isinstance(m, Files))} files, folders or `builtin`"
    names = dict.fromkeys(v for a in _all(field.annotation) if get_origin(a) is Literal for v in get_args(a))
    if names:
        return ", ".join(f"`{n}`" for n in names)
    bounds = {key: getattr(m, key) for m in field.metadata for key in ("gt", "ge", "lt", "le") if hasattr(m, key)}
    signs = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}
    if {"ge", "le"} <= bounds.keys():
        return f"{bounds['ge']:g} .. {bounds['le']:g}"
    return ", ".join(f"{signs[key]} {value:g}" for key, value in bounds.items())


def _metadata(field: FieldInfo) -> Iterator[Any]:
    """The field's own, and that of an annotation that may be left out."""
    yield from field.metadata
    for option in _all(field.annotation):
        yield from getattr(option, "__metadata__", ())


def _all(annotation: Any) -> Iterator[Any]:
    """An annotation and everything inside of it."""
    yield annotation
    for inner in get_args(annotation):
        if inner is not annotation and get_origin(annotation) is not Literal:
            yield from _all(inner)
