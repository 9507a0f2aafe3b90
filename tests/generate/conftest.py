"""An engine, a label and an executor that a user's package brings, and that misbehave on request."""

import os
import sys

import pytest

from cyclorama.core.plugins import plugin_names

MODULE = '''
import os, signal, time
from pathlib import Path
from cyclorama.core.errors import InputError
from cyclorama.generate.executors.local import Local
from cyclorama.render.engines.analytic import Analytic

WISHES = Path(os.environ["MOODY_WISHES"])


def granted(wish):
    """Whether it was wished for; "once" wishes are used up."""
    if (WISHES / wish).exists():
        return True
    if (WISHES / f"{wish}-once").exists():
        (WISHES / f"{wish}-once").unlink()
        return True
    return False


def await_record(index):
    """Wait until that image is finished, which is for another thread to do."""
    (root,) = WISHES.parent.glob("data")
    for _ in range(1000):
        if (root / f"records/0000/{index:07d}.json").exists():
            return
        time.sleep(0.02)
    raise RuntimeError(f"image {index} is not finished while the next is rendered")


class Moody(Analytic):
    """Renders, and does what lies in the folder of wishes."""

    def __init__(self, library, settings):
        if granted("refuse"):
            raise InputError("no mood to start")
        if granted("crash"):
            raise RuntimeError("crashed at the start")
        super().__init__(library, settings)

    def render(self, scene):
        print("noise on stdout")
        with (WISHES / "log").open("a") as log:
            log.write(f"{scene.index} {os.getpid()}\\n")
        if granted("patient") and scene.index:
            await_record(scene.index - 1)
        if granted("slow"):
            time.sleep(0.1)
        if granted(f"hang-{scene.index}"):
            time.sleep(600)
        if granted(f"die-{scene.index}"):
            os.kill(os.getpid(), signal.SIGKILL)
        if granted(f"fail-{scene.index}"):
            raise RuntimeError("a bad mood")
        return super().render(scene)


class Touchy:
    """A label that is never there."""

    @staticmethod
    def measure(frame, instance):
        if granted(f"stall-{frame.scene.index}"):
            time.sleep(600)
        if granted(f"crumble-{frame.scene.index}"):
            os.kill(os.getpid(), signal.SIGKILL)
        if granted(f"spoil-{frame.scene.index}"):
            raise RuntimeError("a bad label")


class Hasty(Local):
    """Replaces workers after two images, and has little patience."""

    def __init__(self, *, workers, image_timeout_s):
        super().__init__(workers=workers, recycle_after=2, image_timeout_s=min(3, image_timeout_s))
'''
ENTRY_POINTS = """
[cyclorama.render.engines]
moody = moody:Moody
[cyclorama.label.objects]
touchy = moody:Touchy
[cyclorama.generate.executors]
hasty = moody:Hasty
"""


class Wishes:
    """What the engine is to do, and what it did."""

    def __init__(self, folder):
        self.folder = folder

    def make(self, *wishes):
        for wish in wishes:
            (self.folder / wish).touch()

    def drop(self, wish):
        (self.folder / wish).unlink()

    def log(self):
        """(index, process) of every image begun, in order."""
        path = self.folder / "log"
        return [tuple(map(int, line.split())) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def wishes(tmp_path, monkeypatch):
    package, folder = tmp_path / "package", tmp_path / "wishes"
    info = package / "moody-1.0.dist-info"
    info.mkdir(parents=True)
    folder.mkdir()
    (package / "moody.py").write_text(MODULE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: moody\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.setenv("MOODY_WISHES", str(folder))
    monkeypatch.setenv("PYTHONPATH", str(package), prepend=os.pathsep)
    monkeypatch.syspath_prepend(package)
    monkeypatch.delitem(sys.modules, "moody", raising=False)
    plugin_names.cache_clear()
    yield Wishes(folder)
    plugin_names.cache_clear()
