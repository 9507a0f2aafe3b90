"""The one exception that a user can cause."""

from collections.abc import Iterable
from difflib import get_close_matches


class InputError(ValueError):
    """Something a user gave is wrong: one sentence of what, where, what was expected, what to do next.

    The command line prints it and exits with 2; nothing else ever reaches a user as a sentence.
    """


def did_you_mean(name: str, valid: Iterable[str]) -> str:
    """Names the nearest of ``valid`` ("Did you mean 'x'?"), or all of them where none is near."""
    names = sorted(set(valid))
    near = get_close_matches(name, names, n=1, cutoff=0.6)
    if near:
        return f" Did you mean '{near[0]}'?"
    return f" Expected one of: {', '.join(names)}." if names else ""
