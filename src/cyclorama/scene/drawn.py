"""What was drawn in a number of scenes, beside what the recipe asked for."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

from cyclorama.core.scene import Scene
from cyclorama.scene.distributions import Distribution
from cyclorama.scene.recipe import Recipe

# Where the recipe has what is recorded under another name.
KEYS = {
    "layout.scale": "objects.scale",
    "clutter.count": "distractors.count",
    "clutter.model": "distractors.model",
    "clutter.relative_size": "distractors.relative_size",
}


@dataclass(frozen=True)
class Drawn:
    """All that was drawn under one name.

    Attributes:
        name: The recipe's key, or "part.parameter" of what has none.
        asked: What the recipe says of it, as YAML has it; empty where it has no such key.
        numbers: The values, where they are numbers.
        counts: How often each came, where they are names or yes and no; the most frequent first.
    """

    name: str
    asked: str
    numbers: tuple[float, ...] = ()
    counts: Mapping[str, int] | None = None


def drawn(recipe: Recipe, scenes: Iterable[Scene]) -> list[Drawn]:
    """Every name under which the scenes' records hold numbers or names, sorted; colours are left out."""
    values: dict[str, list[Any]] = {}
    for scene in scenes:
        for name, value in scene.draws.items():
            values.setdefault(name, []).extend(_single(value))
    named = sorted((KEYS.get(name, name), many) for name, many in values.items())
    found = (_summary(name, many, _asked(recipe, name)) for name, many in named)
    return [one for one in found if one]


def _single(value: Any) -> list[Any]:
    """A parameter that a scene drew several times is a list; a colour is one value of three numbers."""
    return list(value) if isinstance(value, list) else [value]


def _summary(name: str, values: Sequence[Any], asked: str) -> Drawn | None:
    if all(isinstance(v, str | bool) for v in values):
        counts = Counter("yes" if v is True else "no" if v is False else str(v) for v in values)
        return Drawn(name, asked, counts=dict(counts.most_common()))
    if all(isinstance(v, Real) for v in values):
        return Drawn(name, asked, numbers=tuple(float(v) for v in values))
    return None


def _asked(recipe: Recipe, name: str) -> str:
    at = recipe.at(name)
    return str(at) if isinstance(at, Distribution | int | float) else ""
