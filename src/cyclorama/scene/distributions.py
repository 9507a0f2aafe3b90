"""Numbers that may be drawn: ``0.4`` or ``{uniform: [0.4, 1.2]}`` wherever a recipe has a number."""

import sys
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

KINDS = ("uniform", "loguniform", "normal", "area", "choice", "randint")
LARGEST = sys.float_info.max


@dataclass(frozen=True)
class Distribution:
    """What a number may be.

    Attributes:
        kind: "constant", "uniform", "loguniform", "normal" (mean, standard deviation), "area" (elevations in degrees
            between which all places of a sphere are alike: their sine is uniform), "choice" or "randint" (both ends
            included).
        values: The distribution's parameters; for "choice" all that can be chosen.
        bounds: Lowest and highest value that the field allows; a normal's draws are clipped to them.
    """

    kind: str
    values: tuple[float, ...]
    bounds: tuple[float, float] = (-np.inf, np.inf)

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(float(v) for v in self.values))

    def draw(self, rng: np.random.Generator) -> float:
        """One number."""
        a, b = self.values[0], self.values[-1]
        match self.kind:
            case "constant":
                return a
            case "uniform":
                return float(rng.uniform(a, b))
            case "loguniform":
                # The logarithm of a limit comes back a rounding beside it.
                return float(np.clip(np.exp(rng.uniform(np.log(a), np.log(b))), a, b))
            case "normal":
                return float(np.clip(rng.normal(a, b), *self.bounds))
            case "area":
                low, high = np.sin(np.radians([a, b]))
                return float(np.clip(np.degrees(np.arcsin(rng.uniform(low, high))), a, b))
            case "choice":
                return self.values[int(rng.integers(len(self.values)))]
            case _:
                return float(rng.integers(int(a), int(b) + 1))

    @property
    def range(self) -> tuple[float, float]:
        """Lowest and highest number that can be drawn."""
        if self.kind == "normal":
            return self.bounds
        return min(self.values), max(self.values)

    @property
    def median(self) -> float:
        """As many draws are above as below; of whole numbers and choices, one of them."""
        a, b = self.values[0], self.values[-1]
        match self.kind:
            case "uniform":
                return (a + b) / 2
            case "loguniform":
                return float(np.sqrt(a * b))
            case "area":
                return float(np.degrees(np.arcsin(np.mean(np.sin(np.radians([a, b]))))))
            case "choice":
                return sorted(self.values)[len(self.values) // 2]
            case "randint":
                return float((int(a) + int(b)) // 2)
            case _:
                return a

    def __str__(self) -> str:
        """For people."""
        values = ", ".join(f"{v:g}" for v in self.values)
        return values if self.kind == "constant" else f"{self.kind} {values}"

    def to_plain(self) -> Any:
        """As a recipe has it."""
        values = [int(v) if v.is_integer() else v for v in self.values]
        return values[0] if self.kind == "constant" else {self.kind: values}


def plain(value: Any) -> Any:
    """A key's value as a recipe has it: of a distribution what it writes, of all else the value."""
    return value.to_plain() if isinstance(value, Distribution) else value


def distribution_from(value: Any, low: float, high: float, *, whole: bool) -> Distribution:
    """The distribution that a recipe's value stands for.

    Args:
        value: A number, a dict with one of KINDS, or a distribution made in Python.
        low: Lowest number that makes sense.
        high: Highest number that makes sense.
        whole: Whether only whole numbers make sense.

    Raises:
        ValueError: It is none, or could give a number that makes no sense.
    """
    if isinstance(value, Distribution):
        made = replace(value, bounds=(low, high))
    elif _is_number(value):
        made = Distribution("constant", (float(value),), (low, high))
    elif isinstance(value, dict) and len(value) == 1 and next(iter(value)) in KINDS:
        made = Distribution(next(iter(value)), _parameters(*next(iter(value.items()))), (low, high))
    else:
        kinds = ", ".join(f"{{{k}: [...]}}" for k in KINDS)
        raise ValueError(f"expected a number or one of {kinds}, found {value!r}")
    # A normal's draws are clipped; with its mean outside of the limits most would be one of them.
    lowest, highest = made.values[:1] * 2 if made.kind == "normal" else made.range
    if lowest < low or highest > high:
        raise ValueError(f"{lowest if lowest < low else highest:g} is outside of {low:g} .. {high:g}")
    if whole and (made.kind not in ("constant", "choice", "randint") or any(v != int(v) for v in made.values)):
        raise ValueError("expected a whole number, {randint: [low, high]} or {choice: [...]} of whole numbers")
    return made


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -LARGEST <= value <= LARGEST


def _parameters(kind: str, values: Any) -> tuple[float, ...]:
    if not isinstance(values, list) or not values or not all(_is_number(v) for v in values):
        raise ValueError(f"{kind} takes a list of numbers")
    if kind != "choice" and len(values) != 2:
        raise ValueError(f"{kind} takes two numbers, not {len(values)}")
    if kind == "normal" and values[1] < 0:
        raise ValueError(f"standard deviation {values[1]:g} is negative")
    if kind in ("uniform", "loguniform", "area", "randint") and values[0] > values[1]:
        raise ValueError(f"low {values[0]:g} is above high {values[1]:g}")
    if kind == "randint" and any(v != int(v) for v in values):
        raise ValueError(f"randint takes whole numbers, found {values}")
    if kind == "area" and not -90 <= values[0] <= values[1] <= 90:
        raise ValueError(f"area takes elevations from -90 to 90 degrees, found {values}")
    if kind == "loguniform" and values[0] <= 0:
        raise ValueError(f"loguniform starts at {values[0]:g}; expected more than 0")
    return tuple(float(v) for v in values)


@dataclass(frozen=True)
class Limits:
    """Annotates a recipe's field: which numbers make sense, for checks and for the JSON schema."""

    low: float
    high: float
    whole: bool

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Checks values by ``distribution_from`` and writes them as a recipe has them."""
        return core_schema.no_info_plain_validator_function(
            lambda value: distribution_from(value, self.low, self.high, whole=self.whole),
            serialization=core_schema.plain_serializer_function_ser_schema(Distribution.to_plain),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """A number, or an object with one distribution."""
        one: dict[str, Any] = {"type": "integer" if self.whole else "number"}
        one |= {} if np.isinf(self.low) else {"minimum": self.low}
        one |= {} if np.isinf(self.high) else {"maximum": self.high}
        kinds = ("choice", "randint") if self.whole else KINDS
        distribution = {
            "type": "object",
            "properties": {key: {"type": "array", "items": one, "minItems": 1} for key in kinds},
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
        }
        return {"anyOf": [one, distribution]}


def number(low: float = -np.inf, high: float = np.inf) -> Limits:
    """Annotation of a field that holds a number between two limits, or a distribution over such."""
    return Limits(low, high, whole=False)


def whole_number(low: float = 0, high: float = 10_000) -> Limits:
    """Annotation of a field that holds a whole number between two limits, or a distribution over such."""
    return Limits(low, high, whole=True)
