"""One process for each engine that all its tests share."""

import pytest

from stage import SHELF
from studio import Studio

MARKS = {"cycles": pytest.mark.blender, "raster": pytest.mark.gl}


@pytest.fixture(scope="session")
def studio(tmp_path_factory):
    """The cycles engine at the quality that users get; tests leave it as they found it."""
    studio = Studio(SHELF, tmp_path_factory.mktemp("studio"))
    yield studio
    studio.close()


@pytest.fixture(scope="session", params=[pytest.param(name, marks=mark) for name, mark in MARKS.items()])
def engine(request, tmp_path_factory):
    """Each engine that photographs could be taken for, at the quality that users get."""
    if request.param == "cycles":
        yield request.getfixturevalue("studio")
        return
    studio = Studio(SHELF, tmp_path_factory.mktemp(request.param), engine=request.param)
    yield studio
    studio.close()
