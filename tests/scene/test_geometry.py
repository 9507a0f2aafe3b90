"""Things whose shape differs from their model's."""

import json

import numpy as np
import pytest

from cyclorama.assets.rest import stable_rotations
from cyclorama.core.deformation import id_and_deformation
from cyclorama.core.geometry import transformed
from cyclorama.core.plain import from_plain, to_plain
from cyclorama.core.scene import Scene
from cyclorama.render.geometry import cast
from cyclorama.scene import Assets, Recipe, gather, sample_scene

CHANGES = {
    "aspect": {"uniform": [0.8, 1.25]}, "bend_deg": {"uniform": [-30, 30]}, "twist_deg": {"uniform": [-20, 20]},
    "taper": {"uniform": [-0.4, 0.4]}, "dents": {"randint": [0, 3]}, "crumple": {"uniform": [0, 0.01]},
}  # fmt: skip


def recipe_of(**sections):
    plain = {
        "targets": [{"model": "builtin:die"}],
        "image": {"width": 64, "height": 48},
        "camera": {"distance_m": 0.2},
        "empty_share": 0,
        "distractors": {"count": 2},
    }
    return Recipe.model_validate(plain | sections)


ASSETS = gather(recipe_of())


def scenes(recipe, count=30):
    return [sample_scene(recipe, ASSETS, seed=0, index=i) for i in range(count)]


def deformations(scenes, layer="target"):
    return [id_and_deformation(i.model)[1] for scene in scenes for i in scene.instances if i.layer == layer]


def test_recipes_that_do_not_ask_for_it_show_models_as_they_are():
    for options in ({}, {"dents": 0, "dent_depth": 0.1}, {**CHANGES, "probability": 0}):
        found = scenes(recipe_of(geometry=options), 5)
        assert not any(deformations(found) + deformations(found, "distractor"))
        assert {i.scale for scene in found for i in scene.instances if i.layer == "target"} == {(1, 1, 1)}
    assert not any(name.startswith("geometry.") for scene in scenes(recipe_of(), 5) for name in scene.draws)


def test_what_the_layout_draws_is_the_same_with_or_without_deformations():
    plain, changed = scenes(recipe_of(), 5), scenes(recipe_of(geometry={"twist_deg": 10}), 5)
    for a, b in zip(plain, changed, strict=True):
        assert {n: v for n, v in b.draws.items() if not n.startswith(("geometry.", "layout.placed"))} == {
            n: v for n, v in a.draws.items() if n != "layout.placed"
        }


def test_shapes_differ_within_the_limits_and_as_recorded():
    found = scenes(recipe_of(geometry=CHANGES))
    made = deformations(found)
    assert all(made)
    for name, low, high in (("bend_rad", -30, 30), ("twist_rad", -20, 20)):
        values = np.degrees([getattr(d, name) for d in made])
        assert low <= values.min() < 0.7 * low
        assert 0.7 * high < values.max() <= high
    assert {d.dents for d in made} == {0, 1, 2, 3}
    assert len({d.seed for d in made}) == len(made)
    scales = np.array([i.scale for scene in found for i in scene.instances if i.layer == "target"])
    assert 0.8 <= scales.min() < 0.9 < 1.15 < scales.max() <= 1.25
    assert np.ptp(scales, axis=1).max() > 0.2
    assert not any(deformations(found, "distractor"))
    last = found[-1]
    drawn = np.atleast_1d(last.draws["geometry.bend_deg"])
    shown = np.degrees([d.bend_rad for d in deformations([last])])
    assert all(np.isclose(drawn, bend, atol=0.01).any() for bend in shown)


def test_a_share_of_targets_and_another_of_distractors_differ():
    found = scenes(recipe_of(geometry={"twist_deg": 10, "probability": 0.3, "distractors": 0.7}))
    assert np.mean([bool(d) for d in deformations(found)]) == pytest.approx(0.3, abs=0.15)
    assert np.mean([bool(d) for d in deformations(found, "distractor")]) == pytest.approx(0.7, abs=0.15)


def test_the_saved_scene_says_all_that_labels_need():
    """In another process, from plain text."""
    recipe = recipe_of(geometry={**CHANGES, "distractors": 1})
    for scene in scenes(recipe, 3):
        assets = Assets.from_plain(json.loads(json.dumps(ASSETS.to_plain())))
        loaded = from_plain(Scene, json.loads(json.dumps(to_plain(scene))))
        ids, again = (cast(s, a.library).instance_ids for s, a in ((scene, ASSETS), (loaded, assets)))
        np.testing.assert_array_equal(ids, again)
        assert ids.any()


def test_a_deformed_thing_rests_on_its_own_hull():
    """No corner is below the table, and three or more touch it."""
    geometry = {**CHANGES, "aspect": {"uniform": [0.5, 2]}}
    recipe = recipe_of(layout={"kind": "tabletop"}, objects={"orientation": "stable"}, geometry=geometry)
    seen = 0
    for scene in scenes(recipe, 8):
        for instance in (i for i in scene.instances if i.layer == "target"):
            model = ASSETS.library.model(instance.model)
            heights = transformed(instance.world_from_model, model.vertices_m.astype(float))[:, 2]
            assert heights.min() == pytest.approx(0, abs=1e-6)
            assert (heights < 1e-3 * model.radius_m).sum() >= 3
            assert len(stable_rotations(model)[1])
            seen += 1
    assert seen > 8
