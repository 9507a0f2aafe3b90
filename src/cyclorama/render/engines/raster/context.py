"""OpenGL without a window."""

import os
import re
from typing import Any

import moderngl

from cyclorama.core.errors import InputError
from cyclorama.core.render import RenderSettings

PACKAGES = "libegl1 libgl1 libgl1-mesa-dri"
# Mesa's rasterizers that run on the processor.
SOFTWARE = re.compile("llvmpipe|softpipe|swrast|swr", re.IGNORECASE)
OLDEST = 330
DEVICES = 16


def open_context(settings: RenderSettings) -> moderngl.Context:
    """A context of the device that the settings ask for; one per process.

    "auto" takes the first graphics card that EGL knows, the processor where there is none.

    Raises:
        InputError: There is no EGL, no driver, too old a driver, or no graphics card where one is asked for.
    """
    if settings.threads:
        os.environ["LP_NUM_THREADS"] = str(settings.threads)
    wanted = {"auto": (False, True), "cpu": (True,)}.get(settings.device, (False,))
    found: dict[bool, moderngl.Context] = {}
    for index in range(DEVICES):
        context = _context(index)
        if context is None:
            break
        found.setdefault(bool(SOFTWARE.search(context.info["GL_RENDERER"])), context)
        if wanted[0] in found:
            break
    for is_software in wanted:
        if is_software in found:
            return _checked(found[is_software])
    names = ", ".join(c.info["GL_RENDERER"] for c in found.values())
    raise InputError(f"device '{settings.device}': EGL has none for the raster engine (it has: {names}); take 'auto'")


def _context(index: int) -> moderngl.Context | None:
    """The context of EGL's device of that number; None if there are fewer devices.

    Raises:
        InputError: Not even the first opens.
    """
    try:
        options: Any = {"backend": "egl", "device_index": index, "libegl": "libEGL.so.1", "libgl": "libGL.so.1"}
        return moderngl.create_context(standalone=True, **options)
    except Exception as error:
        if index:
            return None
        # moderngl raises plain exceptions.
        raise InputError(
            f"the raster engine can't open OpenGL through EGL ({error}): apt-get install {PACKAGES}, or a graphics "
            "card's driver; or take --engine cycles"
        ) from error


def _checked(context: moderngl.Context) -> moderngl.Context:
    if context.version_code < OLDEST:
        raise InputError(
            f"the raster engine needs OpenGL 3.3; {context.info['GL_RENDERER']} has {context.info['GL_VERSION']}: "
            f"update its driver, or apt-get install {PACKAGES}"
        )
    return context
