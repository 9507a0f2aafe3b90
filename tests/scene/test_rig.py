"""Views of one scene that a single camera decides: along paths, and in pairs."""

import numpy as np
import pytest
from pydantic import ValidationError

import arranged
from cyclorama.core.errors import InputError
from cyclorama.core.geometry import rotation_about
from cyclorama.core.plain import to_plain
from cyclorama.render.geometry import Caster
from cyclorama.scene import Recipe

VIEWS = 6


def recipe_of(kind="tabletop", views=VIEWS, **camera):
    camera = {"distance_m": {"uniform": [0.6, 1.2]}, "elevation_deg": {"uniform": [30, 60]}, **camera}
    return arranged.recipe_of(kind, camera=camera, views_per_scene=views)


def scenes_of(recipe, indices=range(VIEWS)):
    return arranged.scenes_of(recipe, indices)[1]


def poses(scenes):
    return np.array([s.camera.world_from_camera for s in scenes])


def without_camera(scene):
    plain = to_plain(scene)
    plain["sensor"].pop("noise_seed")
    return {k: v for k, v in plain.items() if k not in ("index", "camera")}


PATHS = {
    "turntable": {"kind": "turntable"},
    "arc": {"kind": "arc", "sweep_deg": {"uniform": [20, 90]}, "rise_deg": 10},
    "line": {"kind": "line", "length_m": {"uniform": [0.1, 0.3]}, "direction": [1, 0, 0.5]},
    "dolly": {"kind": "dolly", "nearing": {"uniform": [0.6, 0.8]}},
}


@pytest.mark.parametrize("kind", PATHS)
def test_frames_of_a_path_share_everything_but_camera_and_noise(kind):
    recipe = recipe_of(path=PATHS[kind])
    frames = scenes_of(recipe, range(2 * VIEWS))
    for scene in (frames[:VIEWS], frames[VIEWS:]):
        assert all(without_camera(frame) == without_camera(scene[0]) for frame in scene)
        assert all((f.camera.k == scene[0].camera.k).all() for f in scene)
        assert len({f.camera.world_from_camera.tobytes() for f in scene}) == VIEWS
        assert len({f.sensor.noise_seed for f in scene}) == VIEWS
    assert without_camera(frames[0]) != without_camera(frames[VIEWS])
    assert to_plain(frames[4]) == to_plain(scenes_of(recipe, [4])[0])


@pytest.mark.parametrize("rig", [{"path": {"kind": "arc"}}, {"stereo": {}}, {"path": {"kind": "arc"}, "stereo": {}}])
def test_views_that_share_a_camera_are_metered_in_the_first_unless_each_is_to_be_in_itself(rig):
    locked = scenes_of(recipe_of(**rig))
    leaders = [0] * VIEWS if "path" in rig else [0, 0, 2, 2, 4, 4]
    for scene, leader in zip(locked, leaders, strict=True):
        assert to_plain(scene.meter) == to_plain(locked[leader].camera)
    sections = {"camera": {**rig}, "views_per_scene": VIEWS, "sensor": {"exposure": "auto"}}
    assert all(s.meter is None for s in arranged.scenes_of(arranged.recipe_of("tabletop", **sections), range(VIEWS))[1])


def test_views_with_cameras_of_their_own_are_exposed_by_their_own():
    assert all(s.meter is None for s in scenes_of(recipe_of()))


@pytest.mark.parametrize("turns", [1, -1, 2])
def test_turntable_frames_are_equally_spaced_all_around(turns):
    frames = poses(scenes_of(recipe_of(path={"kind": "turntable", "turns": turns})))
    turn = rotation_about([0, 0, 1], 2 * np.pi * turns / VIEWS)
    for before, after in zip(frames, np.roll(frames, -1, axis=0), strict=True):
        np.testing.assert_allclose(after[:3], turn @ before[:3], atol=1e-12)


def test_an_arc_sweeps_and_rises_by_the_angles_drawn_around_the_camera_drawn():
    frames = scenes_of(recipe_of(path={"kind": "arc", "sweep_deg": 80, "rise_deg": 20}))
    eyes = poses(frames)[:, :3, 3]
    distances = np.linalg.norm(eyes, axis=1)
    np.testing.assert_allclose(distances, distances[0])
    azimuths = np.degrees(np.unwrap(np.arctan2(eyes[:, 1], eyes[:, 0])))
    elevations = np.degrees(np.arcsin(eyes[:, 2] / distances))
    np.testing.assert_allclose(np.diff(azimuths), 80 / (VIEWS - 1))
    np.testing.assert_allclose(np.diff(elevations), 20 / (VIEWS - 1))
    assert elevations.mean() == pytest.approx(frames[0].draws["camera.elevation_deg"])


def test_a_line_is_straight_even_and_as_long_as_drawn():
    frames = scenes_of(recipe_of(path=PATHS["line"]))
    steps = np.diff(poses(frames)[:, :3, 3], axis=0)
    np.testing.assert_allclose(steps, np.broadcast_to(steps[0], steps.shape), atol=1e-12)
    assert np.linalg.norm(steps.sum(axis=0)) == pytest.approx(frames[0].draws["camera.path.length_m"])
    right, _, ahead = poses(frames)[0][:3, :3].T @ steps[0]
    assert ahead == pytest.approx(right / 2)
    assert (poses(frames)[:, :3, :3] == poses(frames)[0, :3, :3]).all()


def test_a_dolly_nears_the_middle_by_the_share_drawn():
    frames = scenes_of(recipe_of(path=PATHS["dolly"]))
    distances = np.linalg.norm(poses(frames)[:, :3, 3], axis=1)
    np.testing.assert_allclose(distances[1:] / distances[:-1], distances[1] / distances[0])
    assert distances[-1] / distances[0] == pytest.approx(frames[0].draws["camera.path.nearing"])


def test_the_right_view_is_the_left_one_shifted_by_its_disparity():
    """By f b / z along the row: each point's pixel, depth and instance are found there again, unless it is hidden."""
    recipe = recipe_of(stereo={"baseline_m": {"uniform": [0.03, 0.06]}})
    library, scenes = arranged.scenes_of(recipe, range(VIEWS))
    caster, found = Caster(library), []
    for left, right in zip(scenes[::2], scenes[1::2], strict=True):
        assert without_camera(left) == without_camera(right)
        assert (left.camera.k == right.camera.k).all()
        a, b = caster.cast(left), caster.cast(right)
        rows, columns = np.nonzero(np.isfinite(a.depth_m))
        depth = a.depth_m[rows, columns]
        disparity = left.camera.k[0, 0] * left.draws["camera.stereo.baseline_m"] / depth
        there = np.floor(columns + 0.5 - disparity).astype(int)
        inside = there >= 0
        rows, columns, there = rows[inside], columns[inside], there[inside]
        same = a.instance_ids[rows, columns] == b.instance_ids[rows, there]
        near = np.isclose(a.depth_m[rows, columns], b.depth_m[rows, there], rtol=0.02)
        found.append((same & near).mean())
    assert min(found) > 0.85
    assert np.mean(found) > 0.9


def test_each_pair_has_a_camera_of_its_own_and_one_rig():
    scenes = scenes_of(recipe_of(stereo={"baseline_m": {"uniform": [0.03, 0.06]}}))
    assert len({s.camera.world_from_camera.tobytes() for s in scenes[::2]}) == VIEWS // 2
    assert len({s.draws["camera.stereo.baseline_m"] for s in scenes}) == 1


def test_pairs_go_along_a_path_together():
    scenes = scenes_of(recipe_of(path={"kind": "turntable"}, stereo={"baseline_m": 0.05}))
    left, right = poses(scenes[::2]), poses(scenes[1::2])
    np.testing.assert_allclose(
        np.linalg.inv(left) @ right, np.broadcast_to(np.linalg.inv(left[0]) @ right[0], left.shape), atol=1e-9
    )
    turn = rotation_about([0, 0, 1], 2 * np.pi / (VIEWS // 2))
    np.testing.assert_allclose(left[1][:3], turn @ left[0][:3], atol=1e-12)


@pytest.mark.parametrize(
    ("camera", "views", "words"),
    [
        ({"path": {"kind": "turntable"}}, 1, "path: views_per_scene is 1; expected more"),
        ({"stereo": {}}, 3, "stereo: views come in pairs, and views_per_scene is 3; expected an even number"),
        ({"path": {"kind": "arc", "turns": 2}}, 4, "turns is of a path of kind turntable, not arc"),
        ({"path": {"kind": "line", "direction": [0, 0, 0]}}, 4, "direction is 0, 0, 0"),
    ],
)
def test_what_makes_no_path_is_refused(camera, views, words):
    with pytest.raises(ValidationError, match=words):
        recipe_of(views=views, **camera)


def test_a_path_that_leads_below_the_ground_is_refused_with_what_to_do():
    recipe = recipe_of(path={"kind": "line", "length_m": 20, "direction": [0, 1, 0]})
    with pytest.raises(InputError, match=r"path leads below the ground.*shorten camera\.path"):
        scenes_of(recipe)


@pytest.mark.parametrize("kind", PATHS)
def test_a_recipe_with_a_path_means_the_same_when_it_was_written_and_read(kind):
    recipe = recipe_of(path=PATHS[kind], stereo={})
    again = Recipe.model_validate(recipe.model_dump(mode="json"))
    assert again.camera == recipe.camera
