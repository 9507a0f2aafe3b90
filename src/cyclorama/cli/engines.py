"""--engine, which stands for a key of the recipe."""

from cyclorama.core.errors import InputError, did_you_mean
from cyclorama.core.plugins import plugin_names
from cyclorama.core.render import ENGINES


def engine_change(name: str) -> str:
    """As a change of the recipe: path=value.

    Raises:
        InputError: There is no such engine.
    """
    names = ("auto", *plugin_names(ENGINES))
    if name not in names:
        raise InputError(f"--engine {name}: no such engine.{did_you_mean(name, names)}")
    return f"render.engine={name}"
