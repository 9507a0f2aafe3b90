"""What distractors are besides shapes: cards, hard negatives, targets without a label."""

import json
from collections import Counter

import numpy as np
import pytest
import trimesh
from PIL import Image
from pydantic import ValidationError

from cyclorama.core.plain import from_plain, to_plain
from cyclorama.core.scene import Scene
from cyclorama.render.geometry import cast
from cyclorama.scene import Assets, Recipe, gather, sample_scene
from cyclorama.scene.randomizers.distractors import CARD_M


def recipe_of(targets=({"model": "builtin:die"},), **distractors):
    plain = {
        "targets": targets, "image": {"width": 64, "height": 48}, "camera": {"distance_m": 0.3},
        "empty_share": 0, "objects": {"scale": 1.5}, "layout": {"max_overlap": 1, "tries": 200},
        "distractors": {"count": 6, **distractors},
    }  # fmt: skip
    return Recipe.model_validate(plain)


def clutter(recipe, assets, count=25):
    scenes = [sample_scene(recipe, assets, seed=0, index=i) for i in range(count)]
    return [i for scene in scenes for i in scene.instances if i.layer == "distractor"], scenes


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.setenv("CYCLORAMA_CACHE", str(tmp_path / "cache"))
    trimesh.creation.box((0.03, 0.02, 0.02)).export(tmp_path / "brick.ply")
    for shade in (50, 200):
        Image.new("RGB", (8, 8), (shade,) * 3).save(tmp_path / f"{shade}.png")
    return tmp_path


def test_distractors_are_cards_hard_negatives_and_unlabelled_targets_as_often_as_told(files):
    shares = {"hard_negative_share": 0.2, "of_targets": 0.3, "cards": 0.25}
    recipe = recipe_of(hard_negatives=[str(files / "brick.ply")], photos=[str(files)], **shares)
    assets = gather(recipe)
    found, scenes = clutter(recipe, assets)
    roles = Counter(str(role) for scene in scenes for role in np.atleast_1d(scene.draws["clutter.role"]))
    for role, share in {"hard_negative": 0.2, "target": 0.3, "card": 0.25, "model": 0.25}.items():
        assert roles[role] / roles.total() == pytest.approx(share, abs=0.1)
    by_name = {name: [i for i in found if i.model.startswith(name)] for name in ("brick", "die", "card")}
    assert all(i.category is None for i in found)
    assert all(i.scale == (1.5, 1.5, 1.5) for i in (*by_name["brick"], *by_name["die"]))
    assert all(i.surface.base_color is None and i.surface.texture is None for i in by_name["brick"])
    assert all(i.surface.base_color or i.surface.texture for i in by_name["die"])
    assert {i.surface.texture for i in by_name["card"]} == set(assets.files["distractors.photos"])
    aspects = [i.scale[0] / i.scale[1] for i in by_name["card"]]
    assert 0.6 < min(aspects) < max(aspects) < 1.7


def test_targets_without_a_label_never_keep_the_material_of_their_file(files):
    recipe = recipe_of([{"model": str(files / "brick.ply")}], of_targets=1, own_material=1)
    found, _ = clutter(recipe, gather(recipe), 5)
    assert found
    assert all(i.surface.base_color or i.surface.texture for i in found)


def test_a_picture_covers_its_card_once():
    recipe = recipe_of(cards=1)
    assets = gather(recipe)
    found, _ = clutter(recipe, assets, 3)
    low, high = assets.library.model(found[0].model).bounds_m
    np.testing.assert_allclose(low[:2], 0, atol=1e-7)
    np.testing.assert_allclose(high[:2], CARD_M[:2], atol=1e-7)
    assert {i.surface.tile_m for i in found} == {CARD_M}


def test_procedural_shapes_are_known_to_any_process_from_the_scene_alone():
    recipe = recipe_of(models=["builtin:letter", "builtin:supershape"])
    assets = gather(recipe)
    assert len(assets.files["distractors.models"]) == 136
    found, scenes = clutter(recipe, assets, 4)
    assert len({i.model for i in found}) > 10
    again = Assets.from_plain(json.loads(json.dumps(assets.to_plain())))
    loaded = from_plain(Scene, json.loads(json.dumps(to_plain(scenes[0]))))
    ids = [cast(s, a.library).instance_ids for s, a in ((scenes[0], assets), (loaded, again))]
    np.testing.assert_array_equal(*ids)


def test_nothing_is_drawn_for_roles_that_a_recipe_does_not_have():
    _, scenes = clutter(recipe_of(), gather(recipe_of()), 3)
    assert not any("role" in name for scene in scenes for name in scene.draws)


def test_shares_that_add_up_to_more_than_all_are_refused():
    with pytest.raises(ValidationError, match="add up to more than 1"):
        recipe_of(cards=0.6, of_targets=0.5)
