"""An engine in a process of its own, as everywhere: the test process asks it for pictures."""

import gc
import os
import subprocess
import sys
import warnings
from multiprocessing import Pipe
from multiprocessing.connection import Connection

from cyclorama.core.plugins import plugin
from cyclorama.core.render import RenderSettings

LIMIT_S = 120


class Studio:
    """The parent's end.

    What Blender's process writes goes to three files of ``folder``: stdout, stderr and the log that the engine
    sends Blender's own words to.
    """

    def __init__(self, library, folder, *, engine="cycles", **settings):
        self.folder, self.name = folder, engine
        self._pipe, theirs = Pipe()
        command = [sys.executable, __file__, str(theirs.fileno())]
        environment = {**os.environ, "CYCLORAMA_BLENDER_LOG": str(folder / "log")}
        with theirs, (folder / "stdout").open("w") as out, (folder / "stderr").open("w") as err:
            fd = theirs.fileno()
            self._process = subprocess.Popen(command, env=environment, stdout=out, stderr=err, pass_fds=[fd])
        self.library = library
        self.open(**settings)

    def open(self, **settings):
        """Take an engine with other settings in place of the one there is."""
        self._ask("open", self.library, RenderSettings(self.name, **{"device": "cpu", "threads": 2, **settings}))

    def render(self, scene):
        """(H, W, 4) light."""
        return self._ask("render", scene)

    def engines(self):
        """How many engines are in the memory of Blender's process."""
        return self._ask("engines")

    def evaluate(self, expression):
        """What a Python expression with ``bpy`` comes to in Blender's process."""
        return self._ask("evaluate", expression)

    def close(self):
        self._pipe.close()
        try:
            assert self._process.wait(10) == 0, self._last_words()
        finally:
            self._process.kill()
            self._process.wait()

    def _last_words(self):
        return (self.folder / "stderr").read_text()[-3000:]

    def _ask(self, *question):
        self._pipe.send(question)
        assert self._pipe.poll(LIMIT_S), f"no answer to {question[0]}"
        try:
            answer = self._pipe.recv()
        except EOFError:
            raise AssertionError(self._last_words()) from None
        if isinstance(answer, Exception):
            raise answer
        return answer


class Blender:
    """The child's end."""

    def __init__(self):
        self._engine = None

    def open(self, library, settings):
        if self._engine is not None:
            self._engine.close()
        self._engine = plugin("cyclorama.render.engines", settings.engine)(library, settings)

    def render(self, scene):
        return self._engine.render(scene)

    def engines(self):
        gc.collect()
        return sum(isinstance(o, type(self._engine)) for o in gc.get_objects())

    def evaluate(self, expression):
        import bpy

        return eval(expression, {"bpy": bpy})


def main():
    warnings.filterwarnings("error", module="cyclorama")
    blender, pipe = Blender(), Connection(int(sys.argv[1]))
    while True:
        try:
            verb, *arguments = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send(getattr(blender, verb)(*arguments))
        except Exception as error:  # noqa: BLE001 - whatever goes wrong is told to the parent
            pipe.send(error)


if __name__ == "__main__":
    main()
