"""A plugin's file name is its registry entry: ``formats/coco.py`` holds ``Coco``.

A user's own package brings plugins through the entry-point group named as the folder is,
for example ``cyclorama.dataset.formats``.
"""

import pkgutil
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from cyclorama.core.errors import InputError, did_you_mean


def class_name(name: str) -> str:
    """The class that file ``name`` defines: ``faster_rcnn`` holds ``FasterRcnn``."""
    return "".join(part.capitalize() for part in name.split("_"))


@cache
def plugin_names(folder: str) -> tuple[str, ...]:
    """Names of all plugins of the package ``folder`` and of its entry-point group, sorted."""
    own = {m.name for m in pkgutil.iter_modules(import_module(folder).__path__) if not m.name.startswith("_")}
    return tuple(sorted(own | {e.name for e in entry_points(group=folder)}))


@cache
def plugin(folder: str, name: str) -> Any:
    """The class of plugin ``name`` in the package ``folder``.

    Raises:
        InputError: No such plugin; names the nearest.
    """
    if name not in plugin_names(folder):
        kind = folder.rpartition(".")[2].removesuffix("s")
        raise InputError(f"no {kind} '{name}'.{did_you_mean(name, plugin_names(folder))}")
    for entry in entry_points(group=folder, name=name):
        return entry.load()
    return getattr(import_module(f"{folder}.{name}"), class_name(name))


def plugins(folder: str) -> dict[str, Any]:
    """All plugins of ``folder`` by name."""
    return {name: plugin(folder, name) for name in plugin_names(folder)}
