"""What layouts with physics promise, measured on every vertex of the true meshes."""

import numpy as np
import pytest
from scipy.spatial import ConvexHull

from arranged import pieces, recipe_of, scenes_of, things, vertices
from cyclorama.assets.builtin import model
from cyclorama.core.errors import InputError
from cyclorama.core.geometry import inverse, transformed
from cyclorama.scene.layout import Placed, PlacementError, Thing
from cyclorama.scene.placing import dropping
from cyclorama.scene.placing.dropping import come_to_rest
from cyclorama.scene.placing.physics import Settled

# What is convex, so that no test has to wait for a mug to be taken apart.
MODELS = ("bottle", "box", "die")
TABLE = {"kind": "tabletop", "physics": True, "count": 6, "spread_m": 0.08}
WIDE = {"distance_m": 1.4, "elevation_deg": {"uniform": [45, 80]}}


def scenes(kind, count, **sections):
    sections = {"models": MODELS, "camera": WIDE, "distractors": {"count": 0}, **sections}
    recipe = recipe_of(kind, sections.pop("orientation", "any"), **sections)
    return scenes_of(recipe, range(count))


def deepest_m(clouds):
    """Depth of the deepest corner of one convex hull in another."""
    planes = [ConvexHull(c).equations for c in clouds]
    depths = [0.0]
    for n, cloud in enumerate(clouds):
        depths += [-(cloud @ p[:, :3].T + p[:, 3]).max(axis=1).min() for k, p in enumerate(planes) if k != n]
    return max(depths)


@pytest.mark.parametrize("orientation", ["any", "stable"])
def test_on_a_table_with_physics_things_lie_on_the_table_or_each_other(orientation):
    library, found = scenes("tabletop", 4, layout=TABLE, orientation=orientation)
    lowest = []
    for scene in found:
        clouds = [vertices(i, library) for i in things(scene)]
        assert len(clouds) == scene.draws["layout.placed"] >= 4
        assert deepest_m(clouds) < 1.2e-3
        lowest.append([c[:, 2].min() for c in clouds])
    heights = np.concatenate(lowest)
    assert heights.min() > -1e-3
    assert all(min(scene) < 1e-3 for scene in lowest), "something bears the others"
    assert orientation == "stable" or heights.max() > 0.01, "something lies on another"


def bin_of(scene, library):
    """The bin's frame and its corners in it: floor first."""
    boxes = pieces(scene, "bin")
    frame = boxes[0].world_from_object.copy()
    frame[2, 3] = 0
    return frame, [vertices(b, library, frame) for b in boxes]


def test_in_a_bin_things_are_within_the_walls_and_not_in_each_other():
    layout = {"kind": "bin", "count": 10, "width_m": 0.4, "depth_m": 0.3, "height_m": 0.12}
    library, found = scenes("bin", 5, layout=layout)
    share = []
    for scene in found:
        frame, boxes = bin_of(scene, library)
        assert len(boxes) == 5
        floor = boxes[0]
        np.testing.assert_allclose(np.ptp(floor, axis=0)[:2], [0.4, 0.3], atol=1e-6)
        assert max(b[:, 2].max() for b in boxes) == pytest.approx(0.12 + floor[:, 2].max(), abs=1e-6)
        clouds = [vertices(i, library, frame) for i in things(scene)]
        assert deepest_m([*clouds, *boxes]) < 1.2e-3
        assert min(c[:, 2].min() for c in clouds) > floor[:, 2].max() - 1e-3
        share.append(len(clouds) / 10)
    assert np.mean(share) > 0.8


def test_a_bin_is_as_large_as_its_things_need():
    _, small = scenes("bin", 2, layout={"kind": "bin", "count": 2}, models=("die",))
    _, large = scenes("bin", 2, layout={"kind": "bin", "count": 12}, models=("box",))
    assert max(s.draws["layout.bin_m"][0] for s in small) < 0.15
    assert min(s.draws["layout.bin_m"][0] for s in large) > 0.4


@pytest.mark.parametrize("scale", [0.1, 20.0])
def test_things_of_every_size_fit_the_bin_that_is_made_for_them(scale):
    camera = {"distance_m": 1.3 * scale, "elevation_deg": {"uniform": [45, 80]}}
    layout = {"kind": "bin", "count": {"randint": [1, 5]}}
    library, found = scenes("bin", 4, layout=layout, camera=camera, objects={"scale": scale}, distractors={"count": 2})
    for scene in found:
        frame, boxes = bin_of(scene, library)
        clouds = [vertices(i, library, frame) for i in things(scene)]
        assert len(clouds) == scene.draws["layout.count"] + 2 - scene.draws["layout.dropped"]
        assert min(c[:, 2].min() for c in clouds) > boxes[0][:, 2].max() - 2e-3 * scale


def test_what_does_not_fit_the_bin_is_named():
    with pytest.raises(InputError, match=r"'box' is .* m across and the bin .*raise layout.width_m"):
        scenes("bin", 1, layout={"kind": "bin", "width_m": 0.05, "depth_m": 0.05}, models=("box",))


def test_clutter_that_does_not_fit_the_bin_is_left_out():
    layout = {"kind": "bin", "width_m": 0.2, "depth_m": 0.2, "count": 2}
    clutter = {"count": 4, "relative_size": {"choice": [0.5, 30]}}
    library, found = scenes("bin", 4, layout=layout, models=("die",), distractors=clutter)
    for scene in found:
        assert scene.labelled
        models = [(library.model(i.model), i.scale) for i in things(scene)]
        assert max(np.sort(np.ptp(m.bounds_m, axis=0) * scale)[1] for m, scale in models) <= 0.2
        assert scene.draws["layout.bin_m"][2] < 0.2
    assert max(s.draws["layout.dropped"] for s in found) > 0


@pytest.mark.parametrize("kind", ["bin", "tabletop"])
def test_stretched_cards_come_to_rest(kind):
    """A card that is five times as wide and a fifth as thick is thinner than what physics can take."""
    clutter = {"count": 8, "cards": 1}
    shapes = {"distractors": 1, "aspect": {"choice": [0.2, 5]}}
    layout = TABLE if kind == "tabletop" else {"kind": "bin", "count": 3}
    _, found = scenes(kind, 6, layout=layout, models=("die", "box"), distractors=clutter, geometry=shapes)
    assert all(scene.labelled for scene in found)


def test_stacks_stand_on_each_other():
    layout = {"kind": "stack", "count": 2, "high": 3, "alike": 1}
    library, found = scenes("stack", 4, layout=layout, models=("box",), orientation="upright")
    heights = []
    for scene in found:
        clouds = [vertices(i, library) for i in things(scene)]
        assert deepest_m(clouds) < 1.2e-3
        assert len(clouds) == sum(scene.draws["layout.heights"])
        heights += scene.draws["layout.heights"]
        bottoms = sorted(c[:, 2].min() for c in clouds)
        tops = sorted(c[:, 2].max() for c in clouds)
        for bottom in bottoms:
            assert abs(bottom) < 1e-3 or min(abs(bottom - top) for top in tops) < 3e-3
    assert max(heights) == 3
    assert np.mean(heights) > 2


@pytest.mark.slow
def test_mugs_stand_on_or_in_each_other():
    layout = {"kind": "stack", "count": 1, "high": 2, "alike": 1, "aside": 0}
    library, found = scenes("stack", 3, layout=layout, models=("mug",), orientation="upright")
    for scene in found:
        (low, high) = sorted(vertices(i, library)[:, 2].min() for i in things(scene))
        assert abs(low) < 1e-3
        assert 0.05 < high < 0.14


@pytest.mark.parametrize("kind", ["tabletop", "bin", "stack"])
def test_the_same_seed_gives_the_same_scene(kind):
    layout = TABLE if kind == "tabletop" else {"kind": kind, "count": 3}
    (_, [one]), (_, [other]) = (scenes(kind, 1, layout=layout) for _ in range(2))
    for a, b in zip(one.instances, other.instances, strict=True):
        np.testing.assert_array_equal(a.world_from_object, b.world_from_object)


@pytest.mark.parametrize("layout", [TABLE, {"kind": "bin", "count": 8}])
def test_what_the_camera_sees_too_little_of_is_taken_away_before_the_others_come_to_rest(layout):
    near = {"distance_m": 0.5, "elevation_deg": 60}
    layout = {**layout, "max_crop": 0.2, "tries": 1}
    library, found = scenes(layout["kind"], 3, layout=layout, camera=near)
    for scene in found:
        camera = scene.camera
        for instance in scene.labelled:
            seen = camera.projected(transformed(inverse(camera.world_from_camera), vertices(instance, library)))
            low, high = seen.min(axis=0), seen.max(axis=0)
            inside = np.clip([low, high], 0, [camera.width, camera.height])
            assert 1 - np.prod(inside[1] - inside[0]) / np.prod(high - low) <= 0.2 + 1e-6


def test_what_never_rests_is_named(monkeypatch):
    monkeypatch.setattr(dropping, "settle", lambda b, _: Settled(np.eye(4)[None], np.zeros(len(b), bool)))
    thing = Thing(model("die", "die"), "die", np.ones(3), "any")
    with pytest.raises(PlacementError, match=r"'die' did not come to rest; lower layout\.count"):
        come_to_rest([Placed(thing, np.eye(4))], (), list)
