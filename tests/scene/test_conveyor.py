"""What a conveyor promises, on every vertex."""

import numpy as np
import pytest

from arranged import box, nearest_gap_m, pieces, recipe_of, scenes_of, things, vertices
from cyclorama.core.errors import InputError
from cyclorama.core.geometry import rigid
from cyclorama.render.geometry import Caster

ABOVE = {"elevation_deg": {"uniform": [55, 89]}, "distance_m": {"uniform": [0.6, 1.2]}}


def belts(count=10, *, orientation="stable", camera=None, **layout):
    recipe = recipe_of("conveyor", orientation, layout={"count": 5, **layout}, camera=ABOVE | (camera or {}))
    return scenes_of(recipe, range(count))


def frame_of(scene):
    """World from the conveyor: x along the belt."""
    return rigid(pieces(scene, "belt")[0].world_from_object[:3, :3], [0, 0, 0])


@pytest.mark.parametrize("orientation", ["any", "upright", "stable"])
def test_every_thing_lies_on_the_belt_between_the_rails_and_touches_no_other(orientation):
    library, scenes = belts(orientation=orientation)
    nearest = np.inf
    for scene in scenes:
        frame = frame_of(scene)
        rails = np.array([box(vertices(i, library, frame)) for i in pieces(scene, "rail")])
        low, high = rails[rails[:, 0, 1] < 0][0, 1, 1], rails[rails[:, 0, 1] > 0][0, 0, 1]
        assert high - low == pytest.approx(scene.draws["layout.width_m"], rel=1e-3)
        found = [vertices(i, library, frame) for i in things(scene)]
        for corners in found:
            assert corners[:, 2].min() == pytest.approx(0, abs=1e-6)
            assert low - 1e-6 <= corners[:, 1].min()
            assert corners[:, 1].max() <= high + 1e-6
        nearest = min(nearest, nearest_gap_m(found))
    assert -1e-6 < nearest < 0.01


def test_most_things_find_a_place():
    _, scenes = belts(20)
    assert sum(s.draws["layout.placed"] for s in scenes) > 0.9 * sum(s.draws["layout.asked"] for s in scenes)


def test_the_belt_runs_across_the_picture_as_asked_for():
    library, scenes = belts(12, yaw_deg=0, camera={"elevation_deg": 80, "roll_deg": 0, "look_at_jitter_m": 0})
    caster = Caster(library)
    for scene in scenes:
        belt, right = frame_of(scene)[:3, 0], scene.camera.world_from_camera[:3, 0]
        assert belt @ right == pytest.approx(1)
        ids = caster.cast(scene).instance_ids
        assert (ids > 0).all(), "belt and floor fill the picture"
        number = pieces(scene, "belt")[0].id
        assert number in ids[:, 0]
        assert number in ids[:, -1]


def test_targets_are_cropped_no_more_than_allowed():
    library, scenes = belts(12, max_crop=0.2, camera={"distance_m": 0.5})
    caster, cropped = Caster(library), []
    for scene in scenes:
        outlines = caster.cast(scene).silhouettes
        for target in scene.labelled:
            x0, y0, x1, y1 = np.array(outlines[target.id].extent_xyxy, float) + [0.5, 0.5, -0.5, -0.5]
            inside = max(min(x1, 160) - max(x0, 0), 0) * max(min(y1, 120) - max(y0, 0), 0)
            cropped.append(1 - inside / ((x1 - x0) * (y1 - y0)))
    assert 0.05 < max(cropped) <= 0.22


def test_a_belt_too_narrow_is_refused_with_what_to_do():
    with pytest.raises(InputError, match=r"layout\.width_m"):
        belts(1, width_m=0.01)
