"""How many processors there are for us, and how many workers suit them."""

import os

from cyclorama.core.plugins import plugin
from cyclorama.core.render import ENGINES


def usable_cores() -> int:
    """Those that this process may run on, which in a container or a job of a cluster are fewer than the machine's."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def suitable_workers(engine: str) -> int:
    """Workers that make most images an hour on this machine, with the engine of that name."""
    return max(1, usable_cores() // int(plugin(ENGINES, engine).cores_per_worker))
