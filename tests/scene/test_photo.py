"""Scenes in a photograph: its light, its shadow, and everything of one photograph."""

import numpy as np
import pytest

import arranged
from cyclorama.core.lights import photo_of_light
from cyclorama.core.plain import to_plain
from cyclorama.core.scene import CATCHER
from cyclorama.scene import Recipe


def recipe_of(**sections):
    return arranged.recipe_of(sections.pop("kind", "photo"), **sections)


def scenes_of(recipe, count=8):
    return arranged.scenes_of(recipe, range(count))[1]


def test_a_photo_scene_is_lit_by_its_own_backdrop_from_where_the_camera_looks():
    for scene in scenes_of(recipe_of()):
        assert scene.backdrop.kind == "photo"
        assert photo_of_light(scene.environment.map) == scene.backdrop.photo == scene.draws["environment.photo"]
        assert not scene.backdrop.mirrored
        ahead = scene.camera.world_from_camera[:2, 2]
        turn = scene.environment.rotation_rad
        assert ahead @ [np.cos(turn), np.sin(turn)] == pytest.approx(np.linalg.norm(ahead))


def test_things_rest_as_on_a_tabletop_and_the_ground_catches_shadow():
    photos, tables = (scenes_of(recipe_of(kind=kind)) for kind in ("photo", "tabletop"))
    for photo, table in zip(photos, tables, strict=True):
        assert [i.layer for i in photo.instances][-1] == CATCHER
        pairs = zip(photo.instances[:-1], table.instances[:-1], strict=True)
        assert all((a.world_from_object == b.world_from_object).all() and a.model == b.model for a, b in pairs)


def test_the_light_of_a_photograph_can_be_made_from_the_scenes_words():
    library, (scene, *_) = arranged.scenes_of(recipe_of(), range(1))
    light = library.environment(scene.environment.map)
    np.testing.assert_array_equal(
        type(library).from_plain(library.to_plain()).environment(scene.environment.map), light
    )
    assert light.mean() > 0


def test_the_share_of_scenes_lit_by_photographs_is_the_recipes():
    recipe = recipe_of(kind="tabletop", environment={"from_photo": 0.5})
    scenes = scenes_of(recipe, 40)
    lit = [photo_of_light(s.environment.map) is not None for s in scenes]
    assert np.mean(lit) == pytest.approx(0.5, abs=0.2)
    assert all(s.backdrop.kind == "photo" for s, is_lit in zip(scenes, lit, strict=True) if is_lit)


def test_all_views_of_a_scene_have_its_light():
    scenes = scenes_of(recipe_of(views_per_scene=3), 6)
    for views in (scenes[:3], scenes[3:]):
        assert len({to_plain(v.environment)["map"] for v in views}) == 1
        assert len({v.environment.rotation_rad for v in views}) == 1
        assert len({v.backdrop.photo for v in views}) == 1


def test_what_the_recipe_says_of_backdrop_and_light_goes_before_the_layout():
    recipe = recipe_of(backdrop={"color": 1, "environment": 0, "photo": 0}, environment={"from_photo": 0})
    assert {s.backdrop.kind for s in scenes_of(recipe, 4)} == {"color"}
    again = Recipe.model_validate(recipe.model_dump(mode="json"))
    assert (again.backdrop, again.environment) == (recipe.backdrop, recipe.environment)
    kept = Recipe.model_validate(recipe_of().model_dump(mode="json"))
    assert (kept.backdrop.photo, kept.backdrop.color, kept.environment.from_photo) == (1, 0, 1)


def test_other_layouts_keep_their_shares():
    recipe = recipe_of(kind="tabletop")
    assert (recipe.backdrop.environment, recipe.backdrop.color, recipe.backdrop.photo) == (1, 1, 1)
    assert recipe.environment.from_photo == 0
