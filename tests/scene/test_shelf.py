"""What a shelf promises, on every vertex."""

import numpy as np
import pytest

from arranged import box, hull_gap_m, pieces, recipe_of, scenes_of, things, vertices
from cyclorama.core.errors import InputError
from cyclorama.core.geometry import rigid
from cyclorama.render.geometry import Caster

FRONT = {"elevation_deg": {"uniform": [-10, 30]}, "distance_m": {"uniform": [0.6, 1.2]}}


def shelves(orientation="upright", count=10, *, camera=None, **layout):
    recipe = recipe_of("shelf", orientation, layout=layout, camera=FRONT | (camera or {}))
    return scenes_of(recipe, range(count))


def frame_of(scene):
    """World from the shelf: x along its front, y out of it."""
    rotation = pieces(scene, "back")[0].world_from_object[:3, :3]
    return rigid(rotation, [0, 0, 0])


@pytest.mark.parametrize("orientation", ["any", "upright", "stable"])
def test_every_thing_stands_on_a_board_and_within_the_shelf(orientation):
    library, scenes = shelves(orientation)
    for scene in scenes:
        frame = frame_of(scene)
        boards = [box(vertices(i, library, frame)) for i in pieces(scene, "shelf")]
        tops = np.array([b[1, 2] for b in boards if np.ptp(b[:, 2]) < np.ptp(b[:, 0])])
        low, high = np.min([b[0] for b in boards], axis=0), np.max([b[1] for b in boards], axis=0)
        for thing in things(scene):
            lowest, highest = box(vertices(thing, library, frame))
            assert np.abs(tops - lowest[2]).min() < 1e-6
            above = tops[tops > lowest[2] + 1e-6]
            assert highest[2] < above.min()
            assert (lowest >= low - 1e-6).all()
            assert (highest <= high + 1e-6).all()


@pytest.mark.parametrize("orientation", ["any", "upright"])
def test_things_on_a_board_keep_apart(orientation):
    library, scenes = shelves(orientation, gap=0.02, yaw_deg={"uniform": [-30, 30]}, wide=3, deep=2)
    nearest = np.inf
    for scene in scenes:
        found = [vertices(i, library) for i in things(scene)]
        floors = np.round([v[:, 2].min() for v in found], 5)
        for floor in np.unique(floors):
            row = [v[:, :2] for v, f in zip(found, floors, strict=True) if f == floor]
            nearest = min([nearest, *(hull_gap_m(a, b) for n, a in enumerate(row) for b in row[:n])])
    assert 0 < nearest < 0.01


def test_copies_in_a_facing_are_alike():
    _, scenes = shelves(wide=3, deep=2, missing=0)
    for scene in scenes:
        parts = {}
        for thing in things(scene):
            parts.setdefault(thing.part, []).append((thing.model, thing.scale, thing.surface))
        assert all(looks.count(looks[0]) == len(looks) for looks in parts.values())
        assert max(len(looks) for looks in parts.values()) == 6
        assert len(parts) <= scene.draws["layout.facings"] == scene.draws["layout.asked"] + 3


def test_the_front_is_turned_to_the_camera_as_far_as_allowed():
    _, scenes = shelves(count=60, max_yaw_deg=30)
    angles = []
    for scene in scenes:
        x, y = scene.camera.world_from_camera[:2, 3]
        out = frame_of(scene)[:3, 1]
        angles.append(np.degrees(np.arctan2(out[1], out[0]) - np.arctan2(y, x) + 3 * np.pi) % 360 - 180)
    assert max(np.abs(angles)) <= 30 + 1e-6
    assert np.ptp(angles) > 50


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_as_many_are_missing_as_asked_for_and_never_from_behind(missing):
    _, scenes = shelves(count=30, missing=missing, deep=1, wide=4)
    stocked = sum(s.draws["layout.stocked"] for s in scenes)
    places = sum(4 * s.draws["layout.facings"] for s in scenes)
    assert stocked / places == pytest.approx(1 - missing, abs=0.05)


def test_targets_can_be_seen_past_the_boards():
    library, scenes = shelves(count=8)
    caster = Caster(library)
    for scene in scenes:
        targets = {i.id for i in scene.labelled}
        assert targets & set(np.unique(caster.cast(scene).instance_ids))


def test_a_camera_in_the_shelf_is_refused_with_what_to_do():
    with pytest.raises(InputError, match="camera"):
        shelves(count=1, camera={"distance_m": 0.002, "elevation_deg": 0})
