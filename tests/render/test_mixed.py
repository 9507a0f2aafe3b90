"""Both engines in one."""

import pytest

from cyclorama.core.errors import InputError
from cyclorama.core.render import RenderSettings
from cyclorama.render.engines import mixed


def test_if_one_engine_can_not_be_opened_the_other_is_closed(monkeypatch):
    closed = []

    class Opened:
        def __init__(self, library, settings):
            if settings.engine == "cycles":
                raise InputError("no Blender")

        def close(self):
            closed.append(self)

    monkeypatch.setattr(mixed, "plugin", lambda package, name: Opened)
    with pytest.raises(InputError, match="no Blender"):
        mixed.Mixed(None, RenderSettings("mixed"))
    assert len(closed) == 1
