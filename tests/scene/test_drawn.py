"""What is told of many scenes."""

import json

import numpy as np
import pytest
from scipy.stats import kstest

from cyclorama.core.plain import from_plain, to_plain
from cyclorama.core.scene import Camera, Scene
from cyclorama.scene import Recipe, gather, sample_scene
from cyclorama.scene.drawn import drawn
from cyclorama.scene.randomizers.distractors import DistractorsOptions

RECIPE = Recipe.model_validate(
    {"targets": [{"model": "builtin:die"}], "layout": {"count": 1, "max_crop": 1}, "distractors": {"count": 0}}
)


def scene_with(draws):
    return Scene(0, 0, Camera(8, 8, np.eye(3), np.eye(4)), draws=draws)


def by_name(draws):
    return {one.name: one for one in drawn(RECIPE, [scene_with(d) for d in draws])}


def test_numbers_names_and_decisions_are_told_each_in_its_way():
    found = by_name(
        [
            {
                "lamps.power_w": [5, 6.5],
                "lamps.kind": "sun",
                "layout.empty": False,
                "lamps.color": {"rgb": [1.0, 0.5, 0.2]},
            },
            {"lamps.power_w": 7, "lamps.kind": ["area", "sun"], "layout.empty": True},
        ]
    )
    assert found["lamps.power_w"].numbers == (5.0, 6.5, 7.0)
    assert found["lamps.power_w"].asked == "uniform 5, 60"
    assert found["lamps.kind"].counts == {"sun": 2, "area": 1}
    assert found["layout.empty"].counts == {"no": 1, "yes": 1}
    assert "lamps.color" not in found, "a colour is no number"


def test_what_is_recorded_under_another_name_is_told_with_the_recipes_words():
    assert by_name([{"clutter.count": 3}])["distractors.count"].asked == "0"
    assert by_name([{"layout.placed": 3}])["layout.placed"].asked == ""


@pytest.mark.parametrize(
    "name", ["camera.distance_m", "camera.azimuth_deg", "environment.rotation_deg", "sensor.noise_sigma"]
)
def test_many_scenes_have_the_distribution_that_the_recipe_asks_for(name):
    """Kolmogorov-Smirnov over 300 scenes: a wrong range or shape has p far below a thousandth."""
    assets = gather(RECIPE)
    scenes = [sample_scene(RECIPE, assets, seed=0, index=i) for i in range(300)]
    numbers = {one.name: one.numbers for one in drawn(RECIPE, scenes)}[name]
    section, key = name.split(".")
    low, high = getattr(getattr(RECIPE, section), key).range
    assert kstest(numbers, "uniform", (low, high - low)).pvalue > 0.01


def test_colours_are_left_out_of_records_too():
    """A record is JSON, which has lists only."""
    recipe = RECIPE.model_copy(update={"distractors": DistractorsOptions(count=2)})
    scenes = [sample_scene(recipe, gather(recipe), seed=0, index=i) for i in range(6)]
    read = [from_plain(Scene, json.loads(json.dumps(to_plain(scene)))) for scene in scenes]
    assert drawn(recipe, read) == drawn(recipe, scenes)
    names = {one.name for one in drawn(recipe, read)}
    assert names.isdisjoint({"environment.tint", "sensor.white_balance", "distractors.color"})
