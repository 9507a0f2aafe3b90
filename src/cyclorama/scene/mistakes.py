"""What is wrong with a recipe: a sentence for each mistake, with its place."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from cyclorama.core.errors import did_you_mean
from cyclorama.core.plugins import plugin
from cyclorama.scene.layout import LAYOUTS
from cyclorama.scene.recipe import Recipe

Path_ = tuple[str | int, ...]
# So many are told at once.
MOST = 10
# What pydantic adds to the place of a mistake: which of several types it tried.
OF_PYDANTIC = re.compile(r"^function-|^constrained-|\[")


def sentences(error: ValidationError, place: Callable[[Path_], str]) -> str:
    """Lines, one for each mistake, up to MOST.

    Args:
        error: What pydantic found.
        place: Where the value at a path stands, or its nearest parent: "file:line".
    """
    told = [_sentence(mistake, path, place(path)) for mistake, path in _mistakes(error)]
    more = [f"and {len(told) - MOST} more mistakes"] if len(told) > MOST else []
    return "\n".join([*told[:MOST], *more])


def _mistakes(error: ValidationError) -> Iterator[tuple[ErrorDetails, Path_]]:
    """Each with its path in the recipe; where pydantic tried several types, the first one's."""
    known: list[Path_] = []
    for mistake in error.errors():
        path = _path(mistake["loc"])
        if not any(path[: len(other)] == other[: len(path)] for other in known):
            known.append(path)
            yield mistake, path


def _path(loc: Path_) -> Path_:
    path = tuple(k for k in loc if isinstance(k, int) or not OF_PYDANTIC.search(k))
    # Without the layout's kind, which pydantic puts there.
    return path[:1] + path[2:] if path[:1] == ("layout",) else path


def _sentence(mistake: ErrorDetails, path: Path_, where: str) -> str:
    named = "".join(f"[{k}]" if isinstance(k, int) else f".{k}" for k in path).lstrip(".") or "recipe"
    what = mistake["msg"].removeprefix("Value error, ")
    if mistake["type"] == "extra_forbidden":
        what = f"unknown key.{did_you_mean(str(path[-1]), _known_keys(mistake['loc'][:-1]))}"
    elif mistake["type"] != "value_error":
        what = f"{what}, found {mistake['input']!r}"
    return f"{where}: {named}: {what}"


def _known_keys(loc: Path_) -> list[str]:
    """What may stand at a place that pydantic names."""
    if loc[:1] == ("layout",):
        return [*plugin(LAYOUTS, str(loc[1])).options.model_fields]
    model: Any = Recipe
    for key in loc:
        if isinstance(key, int):
            continue
        annotation = model.model_fields[key].annotation
        inner = getattr(annotation, "__args__", (annotation,))
        model = next((a for a in inner if isinstance(a, type) and issubclass(a, BaseModel)), None)
        if model is None:
            return []
    return [*model.model_fields, *(["extends"] if model is Recipe else [])]
