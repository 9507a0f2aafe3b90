"""Scenes inside an environment map."""

import numpy as np

import arranged
from arranged import things, vertices
from cyclorama.core.scene import CATCHER


def scenes_of(count, **layout):
    recipe = arranged.recipe_of("hdri", layout=layout)
    return arranged.scenes_of(recipe, range(count))


def lowest_m(scene, library):
    return np.array([vertices(i, library)[:, 2].min() for i in things(scene)])


def test_things_stand_on_what_catches_their_shadow_before_the_environment():
    library, scenes = scenes_of(6)
    for scene in scenes:
        assert scene.backdrop.kind == "environment"
        assert [i.layer for i in scene.instances][-1] == CATCHER
        assert np.abs(lowest_m(scene, library)).max() < 1e-6


def test_lifted_things_float_as_high_as_the_recipe_says():
    library, scenes = scenes_of(12, lift_m={"uniform": [0.05, 0.15]})
    heights = np.concatenate([lowest_m(scene, library) for scene in scenes])
    assert 0.05 - 1e-6 <= heights.min() < 0.07
    assert 0.13 < heights.max() <= 0.15 + 1e-6
