"""What a room promises, on every vertex."""

from collections import Counter

import numpy as np
import pytest
from scipy.spatial import ConvexHull

from arranged import box, hull_gap_m, nearest_gap_m, pieces, recipe_of, scenes_of, things, vertices
from cyclorama.core.errors import InputError
from cyclorama.render.geometry import Caster
from cyclorama.scene.placing.furniture import PIECES

VIEW = {"elevation_deg": {"uniform": [8, 55]}, "distance_m": {"uniform": [0.6, 1.6]}}


def rooms(count=8, *, orientation="stable", models=("mug", "bottle", "box", "die"), camera=None, seed=1, **layout):
    recipe = recipe_of(
        "room", orientation, models=models, layout=layout, camera=VIEW | (camera or {}), distractors={"count": 4}
    )
    return scenes_of(recipe, range(count), seed=seed)


def setting(scene):
    return [i for i in scene.instances if i.layer == "setting"]


@pytest.mark.parametrize("orientation", ["any", "upright", "stable"])
def test_every_thing_stands_wholly_on_something_level(orientation):
    library, scenes = rooms(orientation=orientation, elsewhere=0.5)
    heights = []
    for scene in scenes:
        bases = [vertices(i, library) for i in setting(scene)]
        for thing in things(scene):
            corners = vertices(thing, library)
            bearing = [b for b in bases if abs(b[:, 2].max() - corners[:, 2].min()) < 1e-6]
            assert any(np.allclose(outside(corners[:, :2], b[:, :2]), 0, atol=1e-6) for b in bearing)
            heights.append(corners[:, 2].min())
    assert np.ptp(heights) > 0.5
    assert np.mean(np.abs(heights) < 1e-6) > 0.5, "most stand where the camera looks"


def outside(points, polygon):
    """By how much points lie outside of a polygon's hull."""
    return max(0.0, max(hull_reach(points, polygon)))


def hull_reach(points, polygon):
    return (ConvexHull(polygon).equations @ np.hstack([points, np.ones((len(points), 1))]).T).max(axis=1)


@pytest.mark.parametrize("orientation", ["any", "stable"])
def test_nothing_is_in_anything_else(orientation):
    library, scenes = rooms(orientation=orientation, elsewhere=0.5, count=6)
    for scene in scenes:
        found = [vertices(i, library) for i in things(scene)]
        assert nearest_gap_m(found) > -1e-6
        for base in (vertices(i, library) for i in setting(scene)):
            for corners in found:
                above = max(corners[:, 2].min() - base[:, 2].max(), base[:, 2].min() - corners[:, 2].max())
                assert above > -1e-6 or hull_gap_m(corners[:, :2], base[:, :2]) > -1e-6


def test_pieces_of_furniture_keep_apart():
    library, scenes = rooms(furniture=8)
    kinds = Counter()
    for scene in scenes:
        kinds.update(scene.draws["layout.furniture"])
        by_kind = {}
        for piece in setting(scene):
            name = " ".join(piece.part.split()[:2])
            if name.split()[0] in PIECES and not name.startswith("chair"):
                by_kind.setdefault(name, []).append(vertices(piece, library)[:, :2])
        hulls = [np.vstack(parts) for parts in by_kind.values()]
        assert all(hull_gap_m(a, b) > 0 for n, a in enumerate(hulls) for b in hulls[:n])
    assert set(kinds) >= {"table", "cabinet", "wardrobe", "bookshelf", "chair", "sofa", "lamp"}


@pytest.mark.parametrize("distance_m", [0.6, 4.0])
def test_the_camera_is_in_the_room_and_in_nothing_else(distance_m):
    library, scenes = rooms(camera={"distance_m": distance_m})
    for scene in scenes:
        eye = scene.camera.world_from_camera[:3, 3]
        (floor,) = pieces(scene, "floor")
        local = np.linalg.inv(floor.world_from_model) @ [*eye, 1]
        low, high = box(library.model(floor.model).vertices_m)
        assert (local[:2] > low[:2]).all()
        assert (local[:2] < high[:2]).all()
        for piece in setting(scene):
            low, high = box(library.model(piece.model).vertices_m)
            inside = (np.linalg.inv(piece.world_from_model) @ [*eye, 1])[:3]
            assert ((inside < low) | (inside > high)).any()
        assert len(pieces(scene, "wall")) >= scene.draws["layout.walls"]


def test_every_target_is_seen_by_the_camera():
    library, scenes = rooms(max_crop=0.3, elsewhere=0.4)
    caster = Caster(library)
    asked = seen = 0
    for scene in scenes:
        visible = set(np.unique(caster.cast(scene).instance_ids))
        asked += len(scene.labelled)
        seen += sum(i.id in visible for i in scene.labelled)
    # Another thing may hide a small one.
    assert seen >= 0.9 * asked


def test_targets_stand_on_what_the_recipe_says():
    for kind in ("table", "round_table", "coffee_table", "cabinet", "floor"):
        _, scenes = rooms(3, support={kind: 1})
        assert {s.draws["layout.support"] for s in scenes} == {kind}
    # Where the camera is low it would be below some floors, and such scenes are drawn anew.
    _, scenes = rooms(80, support={"table": 3, "floor": 1}, furniture=0, camera={"elevation_deg": 40})
    floors = sum(s.draws["layout.support"] == "floor" for s in scenes)
    assert floors == pytest.approx(20, abs=9)


def test_what_is_too_large_for_a_table_stands_on_the_floor():
    library, scenes = scenes_of(
        recipe_of(
            "room",
            layout={"support": {"table": 1}},
            objects={"orientation": "upright", "scale": 12},
            camera={"distance_m": 6, "elevation_deg": 30},
            distractors={"count": 0},
        ),
        range(4),
    )
    for scene in scenes:
        assert scene.draws["layout.support"] == "floor"
        assert all(abs(vertices(i, library)[:, 2].min()) < 1e-6 for i in scene.labelled)


def test_the_ceilings_light_glows_whatever_covers_the_setting():
    _, scenes = rooms(6, ceiling=1, light=10, light_color=0, furniture=0)
    for scene in scenes:
        (light,) = pieces(scene, "ceiling light")
        assert light.surface.emission == (10, 10, 10)
        assert all(i.surface.emission is None for i in scene.instances if i.part in ("wall", "ceiling", "floor"))


def test_a_camera_under_the_floor_is_refused_with_what_to_do():
    with pytest.raises(InputError, match=r"camera\.elevation_deg"):
        rooms(1, support={"floor": 1}, camera={"elevation_deg": -40})
