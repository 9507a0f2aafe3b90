"""BlenderProc in a Python environment of its own, made when it is first asked for."""

import os
import subprocess
import sys
from pathlib import Path

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
        SystemExit: This is not Python 3.11, for which alone Blender 4.2 is published, or pip fails.
    """
    python, finished = folder / "venv" / "bin" / "python", folder / "venv" / "finished"
    if finished.is_file():
        return python
    if sys.version_info[:2] != (3, 11):
        found = ".".join(map(str, sys.version_info[:2]))
        raise SystemExit(
            f"BlenderProc needs Python 3.11 for {VERSIONS[1]}, and this is {found}: start the benchmark with 3.11, or "
            "leave BlenderProc out with --only cycles-8,raster"
        )
    print(f"-- install {' and '.join(VERSIONS)} in {folder / 'venv'} (3 GB)", flush=True)
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    _install(python, [*VERSIONS, NUMPY])
    _install(python, [*_pinned(python), NUMPY])
    finished.touch()
    return python


def _pinned(python: Path) -> list[str]:
    listed = subprocess.run(
        [python, "-c", PINNED], env={**os.environ, **LET_IMPORT}, check=True, capture_output=True, text=True
    )
    return listed.stdout.split()


def _install(python: Path, packages: list[str]) -> None:
    command = [python, "-m", "pip", "install", "--quiet", *packages]
    tried = subprocess.run(command, capture_output=True, text=True, check=False)
    if tried.returncode:
        raise SystemExit(f"pip can't install BlenderProc's packages:\n{tried.stderr.strip()[-2000:]}")
