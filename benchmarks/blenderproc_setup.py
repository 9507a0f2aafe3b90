"""BlenderProc in a Python environment of its own, made when it is first asked for."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

VERSIONS = ("blenderproc==2.8.0", "bpy==4.2.0")
# Blender 4.2 brings NumPy 1.24; what BlenderProc pins was built for that major version.
NUMPY = "numpy<2"
LET_IMPORT = {"OUTSIDE_OF_THE_INTERNAL_BLENDER_PYTHON_ENVIRONMENT_BUT_IN_RUN_SCRIPT": "1"}
PINNED = (
    "from blenderproc.python.utility.DefaultConfig import DefaultConfig; "
    "print('\\n'.join(DefaultConfig.default_pip_packages))"
)


def blenderproc_python(folder: Path) -> Path:
    """A Python with BlenderProc and Blender 4.2 in ``folder``/venv; installed from PyPI if it is not there.

    BlenderProc would install packages into its own Blender when it starts; here they are installed with the same pins.

    Raises:
        SystemExit: There is no Python 3.11, for which alone Blender 4.2 is published, or pip fails.
    """
    python, finished = folder / "venv" / "bin" / "python", folder / "venv" / "finished"
    if finished.is_file():
        return python
    base = _python_311()
    print(f"-- install {' and '.join(VERSIONS)} in {folder / 'venv'} (3 GB)", flush=True)
    # What an interrupted installation left is removed.
    _run([base, "-m", "venv", "--clear", folder / "venv"], "make an environment for BlenderProc")
    _install(python, [*VERSIONS, NUMPY])
    _install(python, [*_pinned(python), NUMPY])
    finished.touch()
    return python


def _python_311() -> str:
    """The Python that runs this, or another that is found, of the version that Blender 4.2 is published for."""
    found = sys.executable if sys.version_info[:2] == (3, 11) else shutil.which("python3.11")
    if found is None:
        raise SystemExit(
            f"BlenderProc needs Python 3.11 for {VERSIONS[1]}, and there is no python3.11: install it, or leave "
            "BlenderProc out with --only cycles-8,raster"
        )
    return found


def _pinned(python: Path) -> list[str]:
    """The packages that BlenderProc would install into its own Blender."""
    return _run([python, "-c", PINNED], "list BlenderProc's packages", env={**os.environ, **LET_IMPORT}).split()


def _install(python: Path, packages: list[str]) -> None:
    _run([python, "-m", "pip", "install", "--quiet", *packages], "install BlenderProc's packages")


def _run(command: list[Any], purpose: str, env: dict[str, str] | None = None) -> str:
    """What the command prints; the end of what it complains about, if it fails, ends this program."""
    tried = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    if tried.returncode:
        raise SystemExit(f"can't {purpose}:\n{(tried.stderr or tried.stdout).strip()[-2000:]}")
    return tried.stdout
