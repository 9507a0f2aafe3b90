"""The one exception that a user can cause."""

import errno
import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from itertools import groupby

# Names that differ in a number, of which each is named.
MOST_ALIKE = 4
NUMBER = re.compile(r"(?<=-)(\d+|[A-Z])$")


class InputError(ValueError):
    """Something a user gave is wrong: one sentence of what, where, what was expected, what to do next.

    The command line prints it and exits with 2; nothing else ever reaches a user as a sentence.
    """


def nearest(name: str, valid: Iterable[str]) -> str:
    """Names the nearest of ``valid`` (" Did you mean 'x'?"), or nothing where none is near: for names of files."""
    near = get_close_matches(name, sorted(set(valid)), n=1, cutoff=0.6)
    return f" Did you mean '{near[0]}'?" if near else ""


def did_you_mean(name: str, valid: Iterable[str]) -> str:
    """Names the nearest of ``valid``, or all where none is near, "part-0 ... part-99" of many alike: for our names."""
    names = sorted(set(valid))
    return nearest(name, names) or (f" Expected one of: {', '.join(_shortened(names))}." if names else "")


def _shortened(names: Iterable[str]) -> Iterator[str]:
    """Of many names that differ in their number, or letter, alone, the first and the last."""
    for _, group in groupby(names, lambda name: NUMBER.sub("", name)):
        alike = sorted(group, key=lambda name: (len(name), name))
        yield from alike if len(alike) <= MOST_ALIKE else [f"{alike[0]} ... {alike[-1]}"]


# Failures of the place, not of what is written there: nothing else would fare better.
NO_ROOM = (errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EFBIG)
NO_PERMISSION = (errno.EACCES, errno.EPERM)
NO_PLACE = (errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.ELOOP)


def no_room(error: OSError, place: object) -> str | None:
    """What to tell the user if ``place`` can't be used at all; None if the error means something else."""
    # A write that fails half-way does not know the file's name.
    where = error.filename or place
    if error.errno in NO_PERMISSION:  # It doesn't tell whether the file was to be read or written.
        return f"no permission for '{where}' ({error.strerror}); allow it, or choose another place"
    if error.errno in NO_ROOM + NO_PLACE:
        return f"can't write '{where}': {error.strerror}; make room or choose another folder"
    return None
