"""Scenes of models whose parts move."""

import json

import numpy as np
import pytest

from cyclorama.assets.library import FileLibrary
from cyclorama.assets.resources import model_resource
from cyclorama.core.articulation import id_and_shares, posed_id
from cyclorama.core.errors import InputError
from cyclorama.core.geometry import look_at, rigid
from cyclorama.core.plain import from_plain, to_plain
from cyclorama.core.scene import Camera, Instance, Scene
from cyclorama.render.geometry import cast
from cyclorama.scene import Assets, Recipe, gather, load_recipe, sample_scene
from cyclorama.scene.template import recipe_template
from robots import write_cabinet


@pytest.fixture(scope="module")
def cabinet(tmp_path_factory):
    return write_cabinet(tmp_path_factory.mktemp("robots"))


def recipe_of(model, **sections):
    plain = {
        "targets": [{"model": str(model)}],
        "image": {"width": 64, "height": 48},
        "camera": {"distance_m": 4},
        "empty_share": 0,
        "distractors": {"count": 1},
    }
    return Recipe.model_validate(plain | sections)


def scenes(recipe, count):
    assets = gather(recipe)
    return assets, [sample_scene(recipe, assets, seed=0, index=i) for i in range(count)]


def configurations(found):
    return [id_and_shares(i.model)[1] for scene in found for i in scene.instances if i.layer == "target"]


def test_joints_stay_at_rest_unless_the_recipe_opens_them(cabinet):
    _, found = scenes(recipe_of(cabinet, geometry={"twist_deg": 10}), 4)
    assert not any(configurations(found))
    assert not any("joints" in name for scene in found for name in scene.draws)


def test_the_recipe_that_init_writes_opens_what_has_joints(cabinet, tmp_path):
    resource = model_resource(cabinet)
    library = FileLibrary([resource])
    model, frozen = library.model(resource.id), library.model(posed_id(resource.id, {0: 1}))
    (tmp_path / "made.yaml").write_text(recipe_template("made", str(cabinet), model, "m"))
    assert load_recipe(str(tmp_path / "made.yaml")).geometry.joints.range == (0, 1)
    assert "joints" not in recipe_template("made", str(cabinet), frozen, "m")


def test_each_joint_is_drawn_by_itself_with_the_probability_of_a_change(cabinet):
    _, found = scenes(recipe_of(cabinet, geometry={"joints": {"uniform": [0, 1]}, "probability": 0.6}), 40)
    drawn = configurations(found)
    assert np.mean([bool(shares) for shares in drawn]) == pytest.approx(0.6, abs=0.15)
    opened = np.array([[shares[i] for i in range(3)] for shares in drawn if shares])
    assert opened.min() >= 0
    assert opened.max() <= 1
    assert opened.std(axis=0).min() > 0.2
    assert np.abs(np.corrcoef(opened.T) - np.eye(3)).max() < 0.4
    last = next(s for s in reversed(found) if any(configurations([s])))
    shown = {value for shares in configurations([last]) for value in shares.values()}
    assert shown <= {round(value, 4) for value in np.atleast_1d(last.draws["geometry.joints"])}


def test_labels_show_the_drawer_where_it_is_drawn(cabinet):
    """From in front of it, depth is less by the way that it came out; the door's end is where its corner is."""
    recipe = recipe_of(cabinet, geometry={"joints": 1})
    assets = gather(recipe)
    (id,) = assets.targets
    camera = Camera(96, 96, [[120, 0, 48], [0, 120, 48], [0, 0, 1]], look_at([-0.22, -2, 0], [-0.22, 0, 0]))

    def seen(model):
        scene = Scene(0, 0, camera, (Instance(1, model, rigid(np.eye(3), [0, 0, 0]), "cabinet"),))
        return cast(scene, assets.library)

    rest, opened = seen(id), seen(f"{id}~joint0=1.0,joint1=0.8")
    assert rest.depth_m[44, 46] == pytest.approx(2 - 0.22, abs=1e-4)
    assert opened.depth_m[44, 46] == pytest.approx(2 - 0.22 - 0.8 * 0.3, abs=1e-4)
    for label, corner in ((rest, [0.52, 0, 1.8]), (opened, [0.54, 0, 1.5])):
        last = np.flatnonzero(label.instance_ids.any(axis=0))[-1]
        assert 0 <= camera.projected(np.array([corner]))[0, 0] - (last + 0.5) < 1


def test_the_saved_scene_shows_the_same_configuration(cabinet):
    recipe = recipe_of(cabinet, geometry={"joints": {"uniform": [-1, 1]}, "bend_deg": 20})
    assets, found = scenes(recipe, 3)
    for scene in found:
        again = Assets.from_plain(json.loads(json.dumps(assets.to_plain())))
        loaded = from_plain(Scene, json.loads(json.dumps(to_plain(scene))))
        ids, repeated = (cast(s, a.library).instance_ids for s, a in ((scene, assets), (loaded, again)))
        np.testing.assert_array_equal(ids, repeated)
        assert ids.any()


def test_open_cabinets_come_to_rest_by_physics(cabinet):
    layout = {"kind": "bin", "count": 2}
    recipe = recipe_of(cabinet, layout=layout, geometry={"joints": 1})
    _, found = scenes(recipe, 1)
    assert all(len(shares) == 3 for shares in configurations(found))


def test_a_recipe_that_opens_what_has_no_joints_is_refused():
    with pytest.raises(InputError, match=r"geometry\.joints: no joint to open in mug; name a \.urdf file"):
        gather(recipe_of("builtin:mug", geometry={"joints": 0.5}))
    gather(recipe_of("builtin:mug", geometry={"joints": 0.5, "probability": 0}))
