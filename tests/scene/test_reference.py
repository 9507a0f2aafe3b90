"""The page of all keys, docs/recipes.md."""

import importlib.util
import re
from pathlib import Path

import pytest

from cyclorama.core.plugins import plugins
from cyclorama.scene import load_recipe, preset_names
from cyclorama.scene.layout import LAYOUTS
from cyclorama.scene.reference import reference

PAGE = Path(__file__).parents[2] / "docs" / "recipes.md"
ROWS = [[cell.strip() for cell in line.split(" | ")] for line in reference().splitlines() if line.startswith("| `")]


def test_every_key_is_told_with_a_default_and_what_it_means():
    assert len(ROWS) > 150
    assert [row[0] for row in ROWS if row[-1] in ("", "|") or not row[1]] == []


@pytest.mark.parametrize(
    ("key", "default", "unit", "range_"),
    [
        ("camera.distance_m", "uniform 0.4, 1", "m", "0.001 .. 1000, numbers"),
        ("camera.focal_length_mm", "uniform 26, 50", "mm", "1 .. 2000, numbers"),
        ("camera.distortion.k1", "0", "", "-10 .. 10, numbers"),
        ("lamps.count", "randint 0, 2", "", "0 .. 32, whole numbers"),
        ("empty_share", "0.05", "", "0 .. 1"),
        ("targets", "*needed*", "", ""),
    ],
)
def test_default_unit_and_range_are_those_that_are_checked(key, default, unit, range_):
    (row,) = [row for row in ROWS if row[0] == f"| `{key}`"]
    assert [row[1].strip("`"), row[2], row[3]] == [default, unit, range_]


def test_every_layout_has_a_part():
    for kind in plugins(LAYOUTS):
        assert f"### layout: {{kind: {kind}}}" in reference()


def test_the_page_is_up_to_date():
    spec = importlib.util.spec_from_file_location("recipes_page", PAGE.parents[1] / "scripts" / "recipes_page.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert PAGE.read_text("utf-8") == module.page(), "write it anew: python scripts/recipes_page.py"


def test_the_page_shows_every_preset_with_its_picture():
    text = PAGE.read_text("utf-8")
    shown = re.findall(r"!\[(\S+)\]\((images/presets/\S+?)\)", text)
    assert sorted(name for name, _ in shown) == sorted(set(preset_names()) - {"demo"})
    assert all((PAGE.parent / path).is_file() for _, path in shown)


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_is_a_recipe(name):
    recipe = load_recipe(name, targets=load_recipe("demo").targets)
    assert recipe.layout.kind in plugins(LAYOUTS)
