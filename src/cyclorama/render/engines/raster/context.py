"""OpenGL without a window."""

import os
import platform
import re
from typing import Any

import moderngl

from cyclorama.core.errors import InputError
from cyclorama.core.render import RenderSettings

PACKAGES = "libegl1 libgl1 libgl1-mesa-dri"
# Mesa's rasterizers that run on the processor.
SOFTWARE = re.compile("llvmpipe|softpipe|swrast|swr", re.IGNORECASE)
DEVICES = 16
# What moderngl says of a number that no device has.
NO_MORE = "requested device index"


def open_context(settings: RenderSettings) -> moderngl.Context:
    """A context of the device that the settings ask for, OpenGL 3.3 or newer; one per process.

    "auto" takes the first graphics card that EGL knows, the processor where there is none. Devices that can't be opened
    are passed over.

    Raises:
        InputError: There is no EGL, no driver, too old a driver, or no graphics card where one is asked for.
    """
    if settings.threads:
        os.environ["LP_NUM_THREADS"] = str(settings.threads)
    wanted = {"auto": (False, True), "cpu": (True,)}.get(settings.device, (False,))
    found = _found(wanted[0])
    chosen = next((is_software for is_software in wanted if is_software in found), None)
    names = ", ".join(c.info["GL_RENDERER"] for c in found.values())
    for is_software, context in found.items():
        if is_software != chosen:
            context.release()
    if chosen is not None:
        return found[chosen]
    raise InputError(f"device '{settings.device}': EGL has none for the raster engine (it has: {names}); take 'auto'")


def _found(is_software: bool) -> dict[bool, moderngl.Context]:
    """Contexts of the first device of each kind, by whether it is software; up to one of the kind that is looked for.

    Raises:
        InputError: None can be opened.
    """
    found: dict[bool, moderngl.Context] = {}
    problem: Exception | None = None
    for index in range(DEVICES):
        try:
            context = _context(index)
        except Exception as error:  # noqa: BLE001 - moderngl raises plain exceptions.
            problem = problem or error
            if NO_MORE in str(error):
                break
            continue
        kind = bool(SOFTWARE.search(context.info["GL_RENDERER"]))
        if kind in found:
            context.release()
            continue
        found[kind] = context
        if kind == is_software:
            break
    if not found:
        raise InputError(f"the raster engine can't open OpenGL 3.3 through EGL ({problem}): {_advice()}") from problem
    return found


def _advice() -> str:
    """What to do where there is no EGL."""
    if platform.system() == "Linux":
        return f"apt-get install {PACKAGES}, or update a graphics card's driver; or take --engine cycles"
    return "it runs on Linux only, also in a container or WSL 2; here take --engine cycles"


def _context(index: int) -> moderngl.Context:
    """The context of EGL's device of that number."""
    options: Any = {"backend": "egl", "device_index": index, "libegl": "libEGL.so.1", "libgl": "libGL.so.1"}
    return moderngl.create_context(standalone=True, **options)
