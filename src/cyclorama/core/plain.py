"""Frozen dataclasses to JSON-able values and back, exactly: floats survive to the last bit."""

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

T = TypeVar("T")


def to_plain(value: Any) -> Any:
    """Dataclasses become dicts, arrays and tuples become lists, NumPy numbers become Python's."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, list | tuple):
        return [to_plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): to_plain(v) for k, v in value.items()}
    return value


def from_plain(kind: type[T], value: Any) -> T:
    """The dataclass ``kind`` from what ``to_plain`` made of it.

    Raises:
        TypeError: A field is missing or unknown.
    """
    hints = get_type_hints(kind)
    return kind(**{name: _read(hints.get(name, Any), v) for name, v in value.items()})


def _read(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    origin, args = get_origin(hint), get_args(hint)
    if origin in (types.UnionType, Union):
        return _read(next(a for a in args if a is not type(None)), value)
    if isinstance(hint, type) and is_dataclass(hint):
        return from_plain(hint, value)
    if origin is tuple:
        kinds = [args[0]] * len(value) if args[-1] is Ellipsis else args
        return tuple(_read(k, v) for k, v in zip(kinds, value, strict=True))
    if origin is Mapping:
        return {key: _read(args[1], v) for key, v in value.items()}
    if origin is np.ndarray:
        return np.asarray(value)
    return value
