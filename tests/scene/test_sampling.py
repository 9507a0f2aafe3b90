"""A scene depends on (recipe, assets, seed, index) and on nothing else."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
import trimesh

from cyclorama.core.errors import InputError
from cyclorama.core.geometry import projected, transformed
from cyclorama.core.plain import from_plain, to_plain
from cyclorama.core.scene import Scene
from cyclorama.scene import Assets, Recipe, gather, load_recipe, sample_scene
from cyclorama.scene.layouts.floating import Floating
from cyclorama.scene.sampler import AFTER_LAYOUT, BEFORE_LAYOUT, OF_SCENE
from cyclorama.scene.template import recipe_template

TARGETS = [{"model": "builtin:mug"}, {"model": "builtin:die", "weight": 0.5}]
LAYOUTS = {
    "floating": {"layout": {"kind": "floating", "count": {"randint": [1, 3]}}},
    "tabletop": {"layout": {"kind": "tabletop"}, "objects": {"orientation": "stable"}},
}


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CYCLORAMA_CACHE", str(tmp_path / "cache"))


def recipe_of(**sections):
    image = {"width": 96, "height": 72}
    return Recipe.model_validate({"targets": TARGETS, "image": image, "distractors": {"count": 3}, **sections})


# What every recipe here can show, unless it has targets or textures of its own.
ASSETS = gather(recipe_of())


def text_of(recipe, seed=0, index=0, assets=ASSETS):
    return json.dumps(to_plain(sample_scene(recipe, assets, seed=seed, index=index)))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_scene_is_the_same_in_any_order_and_in_any_process(layout):
    recipe = recipe_of(**LAYOUTS[layout], distractors={"count": 1})
    assets = gather(recipe)
    forward = [text_of(recipe, index=i) for i in range(4)]
    backward = [text_of(recipe, index=i, assets=assets) for i in reversed(range(4))][::-1]
    assert forward == backward
    program = (
        "import json, sys; from cyclorama.core.plain import to_plain; from cyclorama.scene import *\n"
        "recipe, assets = (json.loads(line) for line in sys.stdin)\n"
        "recipe, assets = Recipe.model_validate(recipe), Assets.from_plain(assets)\n"
        "print(json.dumps(to_plain(sample_scene(recipe, assets, seed=0, index=3))))\n"
    )
    lines = f"{json.dumps(recipe.model_dump(mode='json'))}\n{json.dumps(assets.to_plain())}\n"
    other = subprocess.run([sys.executable, "-c", program], input=lines, capture_output=True, text=True, check=True)
    assert other.stdout.strip() == forward[3]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_seed_and_every_index_is_another_scene(layout):
    recipe = recipe_of(**LAYOUTS[layout])
    scenes = [sample_scene(recipe, ASSETS, seed=s, index=i) for s in (0, 1, 2**40) for i in (0, 1, 10**6)]
    for part in ("camera", "environment", "sensor"):
        assert len({json.dumps(to_plain(getattr(scene, part))) for scene in scenes}) == len(scenes)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_scene_survives_json_to_the_last_bit(layout):
    recipe = recipe_of(**LAYOUTS[layout])
    scene = sample_scene(recipe, ASSETS, seed=3, index=1)
    text = json.dumps(to_plain(scene))
    again = from_plain(Scene, json.loads(text))
    assert json.dumps(to_plain(again)) == text
    np.testing.assert_array_equal(again.camera.world_from_camera, scene.camera.world_from_camera)
    assert (again.lamps, again.environment, again.backdrop) == (scene.lamps, scene.environment, scene.backdrop)
    assert [i.surface for i in again.instances] == [i.surface for i in scene.instances]


CHANGES = {
    "material": {"material": {"hue_shift_deg": {"uniform": [-90, 90]}, "roughness": 0.5, "probability": 1}},
    "distractors": {"distractors": {"count": 3, "textured": 0}},
    "ground": {"ground": {"color_probability": 1}},
    "environment": {"environment": {"strength": 9}},
    "lamps": {"lamps": {"count": 7}},
    "backdrop": {"backdrop": {"photo": 0}},
    "sensor": {"sensor": {"jpeg_quality": None, "blur_sigma_px": 0}},
    "render": {"render": {"engine": "mixed"}},
}


def by_part(scene):
    """What each randomizer decides, as text."""
    surfaces = {
        name: [to_plain(i.surface) for i in scene.instances if i.layer == layer]
        for name, layer in (("material", "target"), ("distractors", "distractor"), ("ground", "ground"))
    }
    rest = {name: getattr(scene, name) for name in ("camera", "environment", "lamps", "backdrop", "sensor")}
    rest["render"] = scene.draws.get("render.engine")
    poses = [(i.model, i.category, i.scale, to_plain(i.world_from_object)) for i in scene.instances]
    return {name: json.dumps(to_plain(part)) for name, part in (surfaces | rest | {"layout": poses}).items()}


def test_every_randomizer_that_looks_at_placed_things_is_tried_here():
    assert set(CHANGES) == set(AFTER_LAYOUT)


@pytest.mark.parametrize("part", CHANGES)
def test_changing_a_part_of_the_recipe_moves_no_other_part(part):
    base = recipe_of(**LAYOUTS["tabletop"])
    changed = recipe_of(**{**LAYOUTS["tabletop"], **CHANGES[part]})
    moved = set()
    for index in range(8):
        before, after = (by_part(sample_scene(r, ASSETS, seed=0, index=index)) for r in (base, changed))
        moved |= {name for name in before if before[name] != after[name]}
    assert moved == {part}


def test_clutter_is_drawn_apart_from_targets():
    few, many = recipe_of(distractors={"count": 0}), recipe_of(distractors={"count": 5})
    for index in range(8):
        targets = [
            [i for i in sample_scene(r, ASSETS, seed=0, index=index).instances if i.layer == "target"]
            for r in (few, many)
        ]
        assert [to_plain(i) for i in targets[0]] == [to_plain(i) for i in targets[1]]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_instances_are_numbered_from_one_and_only_targets_have_a_category(layout):
    recipe = recipe_of(**LAYOUTS[layout], categories=["cat", "die", "mug"])
    categories = set()
    for index in range(12):
        scene = sample_scene(recipe, ASSETS, seed=0, index=index)
        assert [i.id for i in scene.instances] == list(range(1, len(scene.instances) + 1))
        assert scene.labelled == tuple(i for i in scene.instances if i.layer == "target")
        assert {i.model for i in scene.instances} <= set(ASSETS.library.resources)
        assert sum(i.layer == "ground" for i in scene.instances) == (layout == "tabletop")
        categories |= {i.category for i in scene.labelled}
    assert categories == {"mug", "die"}


def test_targets_come_in_the_shares_of_their_weights():
    targets = [
        {"model": "builtin:die", "category": "a", "weight": 1},
        {"model": "builtin:die", "category": "b", "weight": 3},
    ]
    recipe = recipe_of(targets=targets, layout={"count": 5, "tries": 1}, distractors={"count": 0}, empty_share=0)
    assets = gather(recipe)
    seen = [i.category for n in range(60) for i in sample_scene(recipe, assets, seed=0, index=n).labelled]
    assert seen.count("b") / len(seen) == pytest.approx(0.75, abs=0.08)


@pytest.mark.parametrize(("share", "empty"), [(0, 0), (1, 20), (0.5, 10)])
def test_images_without_targets_have_their_share_and_keep_their_clutter(share, empty):
    recipe = recipe_of(empty_share=share, distractors={"count": 2})
    scenes = [sample_scene(recipe, ASSETS, seed=0, index=i) for i in range(20)]
    lonely = [s for s in scenes if not s.labelled]
    assert len(lonely) == pytest.approx(empty, abs=0 if share in (0, 1) else 5)
    assert all(s.draws["layout.empty"] is not bool(s.labelled) for s in scenes)
    assert all(s.instances for s in lonely)


def test_the_record_tells_how_many_targets_were_asked_for_and_placed():
    recipe = recipe_of(layout={"count": 20, "max_overlap": 0}, empty_share=0)
    scene = sample_scene(recipe, ASSETS, seed=0, index=0)
    assert scene.draws["layout.asked"] == scene.draws["layout.count"] == 20
    assert scene.draws["layout.placed"] == len(scene.labelled) < 20


def test_a_scene_that_no_target_fits_is_refused_with_what_to_do():
    recipe = recipe_of(targets=TARGETS[:1], camera={"distance_m": 0.05}, layout={"max_crop": 0}, empty_share=0)
    with pytest.raises(InputError, match=r"scene 7, drawn 20 times: no target fits .* move the camera away"):
        sample_scene(recipe, gather(recipe), seed=0, index=7)


VIEWS = 4


def shared(scene):
    """What all views of a scene show, as text."""
    parts = (scene.instances, scene.lamps, scene.environment)
    looks = {k: v for k, v in scene.draws.items() if k.split(".")[0] in ("layout", "clutter", "scene", *OF_SCENE)}
    return json.dumps(to_plain([*parts, looks]))


def in_view(instance, camera, library):
    """Share of an instance's vertices that are before the camera and inside the image."""
    vertices = library.model(instance.model).vertices_m
    seen = transformed(np.linalg.inv(camera.world_from_camera) @ instance.world_from_model, vertices)
    pixels = projected(camera.k, np.maximum(seen, [-np.inf, -np.inf, 1e-6]))
    return ((seen[:, 2] > 0) & (pixels >= 0).all(axis=1) & (pixels < [camera.width, camera.height]).all(axis=1)).mean()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_views_of_a_scene_show_the_same_things_to_cameras_of_their_own(layout):
    recipe = recipe_of(**LAYOUTS[layout], views_per_scene=VIEWS, empty_share=0)
    scenes = [sample_scene(recipe, ASSETS, seed=0, index=i) for i in range(6 * VIEWS)]
    assert [s.index for s in scenes] == list(range(6 * VIEWS))
    assert [s.draws["scene.number"] for s in scenes] == [i // VIEWS for i in range(6 * VIEWS)]
    groups = [{shared(s) for s in scenes[i : i + VIEWS]} for i in range(0, 6 * VIEWS, VIEWS)]
    assert [len(group) for group in groups] == [1] * 6
    assert len(set.union(*groups)) == 6
    for part in ("camera", "sensor"):
        assert len({json.dumps(to_plain(getattr(s, part))) for s in scenes}) == len(scenes)
    for scene in scenes:
        assert max(in_view(i, scene.camera, ASSETS.library) for i in scene.labelled) > 0.3


def test_the_first_view_of_a_scene_is_what_it_would_be_alone():
    """Things are placed for its camera."""
    alone, several = recipe_of(), recipe_of(views_per_scene=VIEWS)
    before, after = (by_part(sample_scene(r, ASSETS, seed=0, index=0)) for r in (alone, several))
    assert before == after
    assert "scene.number" not in sample_scene(alone, ASSETS, seed=0, index=0).draws


def test_an_image_whose_cameras_all_miss_is_refused_with_what_to_do():
    """Floating things fill a narrow view; from another side they are elsewhere."""
    recipe = recipe_of(
        targets=TARGETS[1:],
        views_per_scene=VIEWS,
        empty_share=0,
        camera={"fov_deg": 3, "distance_m": 3, "look_at_jitter_m": {"uniform": [2, 3]}},
        layout={"count": 1, "max_crop": 0},
        distractors={"count": 0},
    )
    assets = gather(recipe)
    assert sample_scene(recipe, assets, seed=0, index=4).labelled
    with pytest.raises(InputError, match=r"image 5: none of 20 cameras sees a target of scene 1; move .* lower views_"):
        sample_scene(recipe, assets, seed=0, index=5)


@pytest.mark.parametrize(("share", "traced"), [(0, 0), (1, 60), (0.25, 15)])
def test_mixed_engines_have_their_shares_and_the_record_names_each_images(share, traced):
    recipe = recipe_of(render={"engine": "mixed", "cycles_share": share}, distractors={"count": 0})
    drawn = [sample_scene(recipe, ASSETS, seed=0, index=i).draws["render.engine"] for i in range(60)]
    assert set(drawn) <= {"cycles", "raster"}
    assert drawn.count("cycles") == pytest.approx(traced, abs=0 if share in (0, 1) else 7)
    assert "render.engine" not in sample_scene(recipe_of(), ASSETS, seed=0, index=0).draws


def brick_recipe(folder, **sections):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "brick.ply").write_bytes(trimesh.creation.box((0.1, 0.2, 0.3)).export(file_type="ply"))
    return recipe_of(targets=[{"model": str(folder / "brick.ply"), "category": "brick"}], **sections)


def fingerprint(recipe):
    return recipe.fingerprint(gather(recipe).ids())


def test_the_fingerprint_knows_what_assets_hold_and_not_where_they_lie(tmp_path):
    recipe = brick_recipe(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b" / "c")
    moved = recipe_of(targets=[{"model": str(tmp_path / "b/c/brick.ply"), "category": "brick"}])
    before = fingerprint(recipe)
    assert fingerprint(moved) == before
    assert text_of(moved, assets=gather(moved)) == text_of(recipe, assets=gather(recipe))
    (tmp_path / "a" / "brick.ply").write_bytes(trimesh.creation.box((0.1, 0.2, 0.4)).export(file_type="ply"))
    assert fingerprint(recipe) != before


@pytest.mark.parametrize(
    "sections",
    [
        {"camera": {"roll_deg": 0}},
        {"image": {"width": 96, "height": 80}},
        {"sensor": {"jpeg_quality": None}},
        {"environment": {"maps": ["builtin:studio"]}},
        {"render": {"quality": "best"}},
        {"render": {"engine": "analytic"}},
        {"render": {"cycles_share": 0.5}},
        {"render": {"photorealistic": True}},
        {"views_per_scene": 2},
        {"labels": ["box"]},
        {"categories": ["other", "brick"]},
    ],
    ids=json.dumps,
)
def test_the_fingerprint_changes_with_all_that_decides_the_pictures(sections, tmp_path):
    plain = fingerprint(brick_recipe(tmp_path))
    assert fingerprint(brick_recipe(tmp_path, **sections)) != plain


@pytest.mark.parametrize(
    "sections",
    [{"name": "other"}, {"render": {"device": "cpu"}}, {"render": {"engine": "raster", "photorealistic": True}}],
    ids=json.dumps,
)
def test_the_fingerprint_does_not_change_with_what_changes_no_picture(sections, tmp_path):
    assert fingerprint(brick_recipe(tmp_path, **sections)) == fingerprint(brick_recipe(tmp_path))


def test_assets_survive_json(tmp_path):
    recipe = brick_recipe(tmp_path, distractors={"count": 3, "models": ["builtin", str(tmp_path)]})
    assets = gather(recipe)
    again = Assets.from_plain(json.loads(json.dumps(assets.to_plain())))
    assert again.ids() == assets.ids()
    assert again.to_plain() == assets.to_plain()
    assert text_of(recipe, assets=again) == text_of(recipe, assets=assets)


def test_parts_that_are_never_shown_are_not_imported():
    assert not gather(recipe_of(distractors={"count": 0, "models": ["no/such/folder"]})).files["distractors.models"]


def test_the_camera_stands_before_things_are_placed():
    assert BEFORE_LAYOUT == ("camera",)


def test_scenes_of_a_written_recipe_never_fail(tmp_path):
    model = ASSETS.library.model(ASSETS.targets[0])
    (tmp_path / "mug.yaml").write_text(
        recipe_template("mug", "builtin:mug", model, "m").replace("    unit: m", "    #")
    )
    recipe = load_recipe(str(tmp_path / "mug.yaml"), ["distractors.count=0", "environment.maps=[builtin:studio]"])
    assets = gather(recipe)
    scenes = [sample_scene(recipe, assets, seed=0, index=i) for i in range(150)]
    assert all(any(n.category for n in s.instances) for s in scenes if s.draws["layout.asked"])


def test_orientations_are_drawn_by_their_weights():
    recipe = recipe_of(
        targets=[{"model": "builtin:bottle"}],
        layout={"kind": "tabletop", "count": 3},
        objects={"orientation": {"upright": 3, "stable": 1}},
        distractors={"count": 0},
    )
    assets = gather(recipe)
    scenes = [sample_scene(recipe, assets, seed=0, index=i) for i in range(60)]
    drawn = [name for s in scenes for name in s.draws.get("layout.orientation", [])]
    assert 0.65 < drawn.count("upright") / len(drawn) < 0.85
    standing = [n.world_from_object[2, 2] > 0.99 for s in scenes for n in s.instances if n.category]
    assert 0.65 < np.mean(standing) < 0.9


def test_things_are_placed_once_for_views_in_a_row_whatever_was_asked_for_between(monkeypatch):
    recipe, calls, place = recipe_of(views_per_scene=VIEWS), [], Floating.place
    monkeypatch.setattr(Floating, "place", staticmethod(lambda *given: (calls.append(1), place(*given))[1]))
    in_a_row = [text_of(recipe, index=i) for i in range(2 * VIEWS)]
    placed = len(calls)
    back_and_forth = [text_of(recipe, index=i) for n in range(VIEWS) for i in (n, VIEWS + n)]
    assert placed == 2
    assert len(calls) > placed
    assert sorted(in_a_row) == sorted(back_and_forth)
