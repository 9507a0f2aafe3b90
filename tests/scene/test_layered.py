"""What the layered layout promises, measured with the ray caster and on every vertex."""

import dataclasses
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.optimize import linprog
from scipy.stats import kstest

from arranged import recipe_of, scenes_of, vertices
from cyclorama.core.errors import InputError
from cyclorama.render.geometry import Caster
from cyclorama.scene.placing.curriculum import Curriculum, linear_in_area, views
from cyclorama.scene.placing.silhouettes import apart


def layered(indices, *, models=("mug", "bottle", "box", "die"), seed=0, distractors=None, camera=None, **layout):
    recipe = recipe_of(
        "layered", "any", models=models, layout=layout, distractors=distractors or {"count": 1}, camera=camera or {}
    )
    return scenes_of(recipe, indices, seed=seed)


def layers_of(scene):
    """Instances of foreground, occluders and background."""
    behind = len(scene.instances) - len(scene.draws["layout.background_scale"])
    before = behind - scene.draws["layout.occluders"]
    return scene.instances[:before], scene.instances[before:behind], scene.instances[behind:]


def test_the_curriculum_has_every_pose_once_and_goes_from_near_to_far():
    curriculum = Curriculum(levels=3, subdivisions=0, turns=4, targets=2)
    steps = [curriculum.step(n) for n in range(len(curriculum))]
    assert len(set(steps)) == len(steps) == 3 * 12 * 4 * 2
    order = [(s.level, s.view, s.turn, s.target) for s in steps]
    assert order == sorted(order)
    assert curriculum.step(len(curriculum)) == steps[0]


@pytest.mark.parametrize(("subdivisions", "count"), [(0, 12), (1, 42), (2, 162)])
def test_views_are_spread_evenly_over_the_sphere(subdivisions, count):
    found = views(subdivisions)
    assert len(found) == count
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-9)
    angles = np.arccos(np.clip(found @ found.T - 2 * np.eye(count), -1, 1)).min(axis=1)
    assert angles.max() < 1.3 * angles.min()


def test_areas_change_by_the_same_amount_from_each_level_to_the_next():
    steps = np.diff(linear_in_area(5, 0.6, 0.2) ** 2)
    np.testing.assert_allclose(steps, (0.2**2 - 0.6**2) / 4)


def test_scenes_made_by_themselves_show_the_curriculum_one_after_the_other():
    """Seen from the camera, each target shows the side that its step asks for, turned in the picture as it asks."""
    library, scenes = layered(
        [7, 2, 3], curriculum_scenes=0, count=3, subdivisions=0, turns=6, distractors={"count": 0}
    )
    curriculum = Curriculum(4, 0, 6, 4)
    for scene in scenes:
        for place, target in enumerate(scene.labelled):
            step = curriculum.step(scene.index * 3 + place)
            assert target.category == ("mug", "bottle", "box", "die")[step.target]
            assert scene.draws["layout.view"][place] == step.view
            model = library.model(target.model)
            eye = scene.camera.world_from_camera[:3, 3]
            seen_from = np.linalg.inv(target.world_from_object) @ [*eye, 1]
            way = seen_from[:3] - model.center_m * target.scale
            np.testing.assert_allclose(way / np.linalg.norm(way), views(0)[step.view], atol=1e-9)


def test_over_its_scenes_the_curriculum_shows_levels_views_turns_and_targets_equally_often():
    scenes = layered(range(96), curriculum_scenes=96, count=3, levels=3, tries=400)[1]
    targets = Counter(i.category for s in scenes for i in s.labelled)
    drawn = {n: np.concatenate([s.draws[f"layout.{n}"] for s in scenes]) for n in ("level", "view", "turn")}
    assert sum(targets.values()) > 0.97 * 3 * 96
    assert max(targets.values()) < 1.5 * min(targets.values())
    assert (np.diff(drawn["level"]) >= 0).all()
    np.testing.assert_allclose(np.bincount(drawn["level"]), 96, atol=3)
    assert kstest((drawn["view"] + 0.5) / 42, "uniform").pvalue > 0.01
    assert kstest((drawn["turn"] + 0.5) / 36, "uniform").pvalue > 0.01


def test_pixels_of_a_ball_change_linearly_from_level_to_level():
    library, scenes = layered(
        range(20), models=("sphere",), curriculum_scenes=20, count=2, levels=5, nearest_size=0.5, farthest_size=0.2
    )
    caster, pixels = Caster(library), {}
    for scene in scenes:
        outlines = caster.cast(scene).silhouettes
        for target, level in zip(scene.labelled, scene.draws["layout.level"], strict=True):
            pixels.setdefault(level, []).append(outlines[target.id].total_px)
    means = np.array([np.mean(pixels[level]) for level in range(5)])
    expected = np.pi / 4 * 120**2 * np.linspace(0.5**2, 0.2**2, 5)
    # Off the optical axis a ball looks a little larger.
    np.testing.assert_allclose(means / expected, 1.05, atol=0.08)


@pytest.mark.parametrize("models", [["builtin"], ["builtin:torus", "builtin:tube"]])
@pytest.mark.parametrize("distortion", [None, {"k1": -0.2}, {"k1": 0.2}])
def test_the_background_alone_leaves_no_pixel_free(models, distortion):
    camera = {"distortion": distortion} if distortion else {}
    library, scenes = layered(range(4), distractors={"count": 1, "models": models}, camera=camera, curriculum_scenes=4)
    caster = Caster(library)
    for scene in scenes:
        behind = dataclasses.replace(scene, instances=layers_of(scene)[2])
        assert (caster.cast(behind).instance_ids > 0).all()


def test_layers_are_behind_each_other():
    library, scenes = layered(range(12), curriculum_scenes=12, occluder_probability=1)
    for scene in scenes:
        camera_from_world = np.linalg.inv(scene.camera.world_from_camera)
        front, occluders, behind = (
            np.concatenate(
                [np.zeros(0)]
                + [(vertices(i, library) @ camera_from_world[2, :3] + camera_from_world[2, 3]) for i in layer]
            )
            for layer in layers_of(scene)
        )
        assert occluders.max(initial=0) < front.min()
        assert front.max() < behind.min()


def test_what_is_behind_is_as_large_as_asked_for_relative_to_targets():
    _, scenes = layered(range(8), curriculum_scenes=8, background_scale={"uniform": [0.8, 1.2]})
    scales = np.concatenate([s.draws["layout.background_scale"] for s in scenes])
    assert kstest((scales - 0.8) / 0.4, "uniform").pvalue > 0.01


@pytest.mark.parametrize("poses", ["curriculum", "random"])
def test_targets_are_cropped_and_overlap_no_more_than_allowed(poses):
    library, scenes = layered(range(16), poses=poses, curriculum_scenes=16, max_crop=0.3, max_overlap=0.2, count=8)
    caster, found = Caster(library), {"crop": [], "overlap": []}
    for scene in scenes:
        outlines = caster.cast(scene).silhouettes
        boxes = [np.array(outlines[i.id].extent_xyxy, float) + [0.5, 0.5, -0.5, -0.5] for i in scene.labelled]
        for n, box in enumerate(boxes):
            found["crop"].append(1 - shared(box, [0, 0, 160, 120]) / shared(box, box))
            found["overlap"] += [shared(box, b) / min(shared(box, box), shared(b, b)) for b in boxes[:n]]
        assert max(scene.draws["layout.crop"]) <= 0.3
        assert max(scene.draws["layout.overlap"]) <= 0.2
    assert 0.2 < max(found["crop"]) <= 0.32
    assert 0.1 < max(found["overlap"]) <= 0.22


def shared(a, b):
    return float(np.prod(np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0)))


def test_occluders_cover_as_much_as_asked_for():
    library, scenes = layered(
        range(16), models=("box",), curriculum_scenes=16, count=3, occluder_probability=0.8, distractors={"count": 0}
    )
    caster, achieved, hidden, asked, placed = Caster(library), [], [], 0, 0
    for scene in scenes:
        front, occluders, _ = layers_of(scene)
        alone = [caster.cast(dataclasses.replace(scene, instances=(i,))).instance_ids > 0 for i in front]
        before = caster.cast(dataclasses.replace(scene, instances=occluders)).instance_ids > 0
        covers = [float((a & before).sum() / a.sum()) for a in alone if a.any()]
        achieved += covers
        hidden += scene.draws["layout.occluded"]
        asked += len(scene.draws["layout.occluder_cover"])
        placed += len(occluders)
    assert max(hidden) <= 0.3
    most = [h for h in hidden if h > 0.08]
    assert kstest((np.array(most) - 0.1) / 0.2, "uniform").pvalue > 0.01
    assert asked == pytest.approx(0.8 * len(hidden), rel=0.15)
    assert placed > 0.8 * asked
    # Shapes with holes cover less than their outlines; pictures cut targets off.
    np.testing.assert_allclose(np.median(np.array(achieved) - hidden), 0, atol=0.02)


def test_random_poses_are_uniform_in_area():
    _, scenes = layered(
        range(60), poses="random", models=("sphere",), count=2, distractors={"count": 0}, farthest_size=0.2
    )
    covered = np.concatenate([s.draws["layout.covered"] for s in scenes])
    low, high = (np.pi / 4 * d**2 * 120**2 / (120 * 160) for d in (0.2, 0.6))
    assert kstest((covered - low) / (high - low), "uniform").statistic < 0.2


def test_an_image_without_targets_has_its_background():
    recipe = recipe_of("layered", empty_share=1, distractors={"count": 0})
    library, (scene,) = scenes_of(recipe, [0])
    assert not scene.labelled
    assert (Caster(library).cast(scene).instance_ids > 0).all()


def test_a_background_of_specks_is_refused_with_what_to_do():
    with pytest.raises(InputError, match=r"layout\.background_scale"):
        layered([0], nearest_size=0.05, farthest_size=0.05, background_scale=0.2)
    library, (scene,) = layered([0], nearest_size=0.05, farthest_size=0.05, background_scale=0.8)
    assert (Caster(library).cast(scene).instance_ids > 0).all()


def test_a_curriculum_of_a_changing_number_of_targets_is_refused_with_what_to_do():
    with pytest.raises(ValidationError, match="poses: random"):
        recipe_of("layered", layout={"count": {"randint": [3, 9]}})
    recipe_of("layered", layout={"count": {"randint": [3, 9]}, "poses": "random"})


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.floats(0, 3))
def test_what_is_found_apart_has_a_plane_between(seed, distance):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(12, 3)), rng.normal(size=(9, 3)) + [distance, 0, 0]
    # The widest slab between them, by its normal, place and half its width: no wider than 0 where two hulls meet.
    rows = np.hstack([np.vstack([a, -b]), np.repeat([[-1.0, 1.0], [1.0, 1.0]], [len(a), len(b)], axis=0)])
    bounds = [(-1, 1)] * 3 + [(None, None)] * 2
    clearance = linprog([0, 0, 0, 0, -1], A_ub=rows, b_ub=np.zeros(len(rows)), bounds=bounds).x[-1]
    assert not apart(a, b) or clearance > 1e-9
    if clearance > 0.1:
        assert apart(a, b, steps=200)
