"""One Blender for all tests of its engine."""

import pytest

from stage import SHELF
from studio import Studio


@pytest.fixture(scope="session")
def studio(tmp_path_factory):
    """The cycles engine at the quality that users get; tests leave it as they found it."""
    studio = Studio(SHELF, tmp_path_factory.mktemp("studio"))
    yield studio
    studio.close()
