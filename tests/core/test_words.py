"""Numbers of things in sentences."""

import pytest

from cyclorama.core.words import counted


@pytest.mark.parametrize(("number", "said"), [(0, "0 images"), (1, "1 image"), (2, "2 images")])
def test_one_thing_is_no_several(number, said):
    assert counted(number, "image") == said
