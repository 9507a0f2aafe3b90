"""``cyclorama preview``: what a recipe's scenes look like."""

from pathlib import Path

import pytest
from PIL import Image

from program import RECIPE

pytestmark = pytest.mark.gl


def test_a_preview_is_one_picture_and_tables_of_what_was_drawn(program):
    Path("die.yaml").write_text(RECIPE)
    out = program.does("preview", "die.yaml", "-n", 3, "--set", "camera.distance_m.uniform=[0.3,0.4]")
    assert "look at die-preview.jpg" in out
    assert "3 images" in out
    (line,) = [line for line in out.splitlines() if line.startswith("camera.distance_m")]
    assert "uniform 0.3, 0.4" in line
    # Three pictures of 64 x 48 and room for a fourth.
    with Image.open("die-preview.jpg") as picture:
        width, height = picture.size
    assert width / (4 * height) == pytest.approx(64 / 48, abs=0.05)


def test_a_preset_without_targets_is_shown_with_built_in_models(program):
    out = program.does("preview", "floating", "-n", 1, "-o", "seen.jpg", "--set", "image={width: 64, height: 48}")
    assert "look at seen.jpg" in out
    assert Path("seen.jpg").is_file()
    assert "expected at least one model" in program.refuses("generate", "floating", "-n", 1, "-o", "data")


def test_an_output_that_is_no_pictures_name_and_an_engine_that_is_none_are_refused_at_once(program):
    assert program.refuses("preview", "floating", "-o", "seen.foo") == (
        "seen.foo: expected a name that ends in .jpg or .jpeg or .png"
    )
    sentence = "--engine vulkan: no such engine. Expected one of: analytic, auto, cycles, mixed, raster."
    assert program.refuses("preview", "floating", "--engine", "vulkan") == sentence
    assert program.refuses("generate", "floating", "--engine", "vulkan", "-n", 1, "-o", "data") == sentence
    assert program.refuses("check", "builtin:mug", "-o", "seen.foo").startswith("seen.foo: expected a name")
