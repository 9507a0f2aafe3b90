"""Scenes of vessels with liquid."""

import json

import numpy as np
import pytest

from cyclorama.assets.liquids import LIQUIDS
from cyclorama.core.errors import InputError
from cyclorama.core.filling import Filling, filled_id, id_and_filling
from cyclorama.core.geometry import look_at, rigid, transformed
from cyclorama.core.plain import from_plain, to_plain
from cyclorama.core.scene import Camera, Instance, Scene, Surface
from cyclorama.render.bvh import Bvh
from cyclorama.render.geometry import cast
from cyclorama.render.surface import base_colors
from cyclorama.scene import Assets, Recipe, gather, sample_scene


def recipe_of(model="builtin:mug", **sections):
    plain = {
        "targets": [{"model": model}],
        "image": {"width": 64, "height": 48},
        "camera": {"distance_m": 0.6},
        "empty_share": 0,
        "distractors": {"count": 1},
        "layout": {"kind": "tabletop"},
        "objects": {"orientation": "upright"},
    }
    return Recipe.model_validate(plain | sections)


ASSETS = gather(recipe_of())
FILL = {"fill": {"uniform": [0.3, 0.8]}, "liquids": ["coffee", "milk"]}


def scenes(recipe, count, assets=ASSETS):
    return [sample_scene(recipe, assets, seed=0, index=i) for i in range(count)]


def targets(found):
    return [i for scene in found for i in scene.instances if i.layer == "target"]


def test_vessels_are_empty_unless_the_recipe_fills_them_and_all_else_is_the_same():
    plain, full = scenes(recipe_of(), 4), scenes(recipe_of(geometry=FILL), 4)
    for a, b in zip(plain, full, strict=True):
        assert not any(name.startswith("geometry.") for name in a.draws)
        assert {name: v for name, v in b.draws.items() if not name.startswith("geometry.")} == a.draws
        for before, after in zip(a.instances, b.instances, strict=True):
            assert id_and_filling(after.model)[0] == before.model
            np.testing.assert_array_equal(after.world_from_object, before.world_from_object)


def test_share_liquid_and_how_often_are_drawn_as_asked_for_and_recorded():
    found = scenes(recipe_of(geometry={**FILL, "probability": 0.6}), 30)
    fillings = [id_and_filling(i.model)[1] for i in targets(found)]
    assert np.mean([f is not None for f in fillings]) == pytest.approx(0.6, abs=0.15)
    shares = [f.share for f in fillings if f]
    assert 0.3 <= min(shares) < 0.4
    assert 0.7 < max(shares) <= 0.8
    assert {f.liquid for f in fillings if f} == {"coffee", "milk"}
    assert {f.up for f in fillings if f} == {(0.0, 0.0, 1.0)}
    scene = next(s for s in found if any(id_and_filling(i.model)[1] for i in targets([s])))
    shown = {f.share for i in targets([scene]) if (f := id_and_filling(i.model)[1])}
    assert shown <= {round(v, 4) for v in np.atleast_1d(scene.draws["geometry.liquid.fill"])}
    assert not any(id_and_filling(i.model)[1] for s in found for i in s.instances if i.layer == "distractor")


def test_the_surface_is_level_in_the_world_however_a_stretched_mug_stands():
    recipe = recipe_of(
        layout={"kind": "floating"}, objects={"orientation": "any"},
        geometry={**FILL, "aspect": {"uniform": [0.6, 1.6]}},
    )  # fmt: skip
    seen = 0
    for instance in targets(scenes(recipe, 12)):
        if not id_and_filling(instance.model)[1]:
            continue
        model = ASSETS.library.model(instance.model)
        liquid = model.faces[model.face_materials == len(model.materials) - 1]
        heights = transformed(instance.world_from_model, model.vertices_m[np.unique(liquid)].astype(float))[:, 2]
        top = heights > heights.max() - 5e-4 * model.radius_m
        assert top.sum() >= 20
        seen += 1
    assert seen >= 3


def test_from_above_depth_is_that_of_the_coffee_and_the_label_covers_it():
    (id,) = ASSETS.targets
    camera = Camera(64, 64, [[100, 0, 32], [0, 100, 32], [0, 0, 1]], look_at([1e-3, 0, 1], [0, 0, 0]))

    def seen(model):
        return cast(Scene(0, 0, camera, (Instance(1, model, rigid(np.eye(3), [0, 0, 0]), "mug"),)), ASSETS.library)

    empty, full = seen(id), seen(filled_id(id, Filling(0.5, "coffee")))
    np.testing.assert_array_equal(empty.instance_ids, full.instance_ids)
    assert empty.depth_m[32, 32] - full.depth_m[32, 32] == pytest.approx((0.09675 - 0.0055) / 2, abs=1e-3)


def test_the_saved_scene_holds_the_same_liquid():
    for scene in scenes(recipe_of(geometry={**FILL, "dents": 1, "distractors": 1}), 2):
        again = Assets.from_plain(json.loads(json.dumps(ASSETS.to_plain())))
        loaded = from_plain(Scene, json.loads(json.dumps(to_plain(scene))))
        depths, repeated = (cast(s, a.library).depth_m for s, a in ((scene, ASSETS), (loaded, again)))
        np.testing.assert_array_equal(depths, repeated)


def test_what_can_not_hold_liquid_that_is_seen_is_refused():
    with pytest.raises(InputError, match=r"geometry\.fill: die can't hold liquid that is seen; expected a hollow"):
        gather(recipe_of("builtin:die", geometry=FILL))
    gather(recipe_of("builtin:die", geometry={**FILL, "probability": 0}))
    gather(recipe_of("builtin:die", geometry=FILL, material={"transmission": 1}))
    with pytest.raises(InputError, match=r"geometry\.fill: die can't"):
        gather(recipe_of("builtin:die", geometry=FILL, material={"transmission": 1, "probability": 0}))


def test_one_liquid_needs_no_brackets():
    assert recipe_of(geometry={"fill": 0.5, "liquids": "milk"}).geometry.liquids == ["milk"]


def test_an_unknown_liquid_is_told_with_the_nearest_name():
    with pytest.raises(ValueError, match=r"no liquid 'coffe'\. Did you mean 'coffee'"):
        recipe_of(geometry={"fill": 0.5, "liquids": ["coffe"]})


def test_liquids_keep_their_looks_in_a_painted_mug():
    """From above, the middle of the mug is coffee, its rim red."""
    (id,) = ASSETS.targets
    painted = Surface(base_color=(1.0, 0.0, 0.0), roughness=1.0, transmission=1.0)
    model = ASSETS.library.model(filled_id(id, Filling(0.5, "coffee")))
    hits = Bvh(model).first_hits(np.array([0, 0, 1.0]), np.array([[0, 0, -1.0], [-0.0395, 0, -0.905]]))
    coffee = LIQUIDS["coffee"]
    np.testing.assert_allclose(base_colors(model, hits, painted), [coffee.base_color[:3], (1, 0, 0)], atol=1e-6)
    assert painted.on(coffee) == Surface()
    assert painted.on(model.materials[0]) == painted
