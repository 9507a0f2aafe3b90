"""How many processors there are for us."""

import os


def usable_cores() -> int:
    """Those that this process may run on, which in a container or a job of a cluster are fewer than the machine's."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
