"""What layouts promise, measured with the ray caster and on every vertex."""

import numpy as np
import pytest

import arranged
from arranged import hull_gap_m, things, vertices
from cyclorama.core.geometry import transformed
from cyclorama.core.plain import to_plain
from cyclorama.core.plugins import class_name, plugins
from cyclorama.render.geometry import Caster
from cyclorama.scene.randomizer import Randomizer
from cyclorama.scene.sampler import AFTER_LAYOUT, BEFORE_LAYOUT, LAYOUTS, RANDOMIZERS

# The caster sees a box in whole pixels.
PIXEL = 1.0


def recipe_of(kind, orientation="any", **sections):
    return arranged.recipe_of(kind, orientation, **({"camera": {"distance_m": {"uniform": [0.5, 1.2]}}} | sections))


def scenes_of(recipe, count):
    return arranged.scenes_of(recipe, range(count))


def area(box):
    return float(np.prod(np.maximum(np.subtract(box[2:], box[:2]), 0)))


def shared(a, b):
    return area([*np.maximum(a[:2], b[:2]), *np.minimum(a[2:], b[2:])])


def shrunk(box):
    """Without the half pixel by which whole pixels may be more than the box, on every side."""
    return [box[0] + PIXEL / 2, box[1] + PIXEL / 2, box[2] - PIXEL / 2, box[3] - PIXEL / 2]


@pytest.mark.parametrize(("max_crop", "max_overlap"), [(0.0, 0.0), (0.3, 0.2), (0.6, 1.0)])
def test_floating_targets_are_cropped_and_overlap_no_more_than_allowed(max_crop, max_overlap):
    layout = {"count": 6, "max_crop": max_crop, "max_overlap": max_overlap}
    recipe = recipe_of("floating", layout=layout, distractors={"count": 0})
    library, scenes = scenes_of(recipe, 12)
    caster = Caster(library)
    most_cropped = most_overlapped = 0.0
    for scene in scenes:
        boxes = [s.extent_xyxy for s in caster.cast(scene).silhouettes.values()]
        frame = [0, 0, scene.camera.width, scene.camera.height]
        for n, box in enumerate(boxes):
            cropped = 1 - shared(shrunk(box), frame) / area(shrunk(box))
            most_cropped = max(most_cropped, cropped)
            for other in boxes[:n]:
                overlap = shared(shrunk(box), shrunk(other)) / min(area(box), area(other))
                most_overlapped = max(most_overlapped, overlap)
    assert most_cropped <= max_crop + 0.02
    assert most_overlapped <= max_overlap + 0.02
    # Limits that are there to be used.
    assert most_cropped >= 0.5 * max_crop
    assert most_overlapped >= 0.3 * max_overlap


def test_floating_things_keep_apart_and_stay_around_the_distance_at_which_the_camera_looks():
    library, scenes = scenes_of(recipe_of("floating", layout={"count": 4}), 20)
    for scene in scenes:
        balls = [(i, library.model(i.model)) for i in things(scene)]
        centers = [transformed(i.world_from_model, m.center_m[None])[0] for i, m in balls]
        radii = [m.radius_m * i.scale[0] for i, m in balls]
        distance = np.linalg.norm(scene.camera.world_from_camera[:3, 3])
        depths = transformed(np.linalg.inv(scene.camera.world_from_camera), np.array(centers))[:, 2]
        assert (depths >= 0.7 * distance - 1e-9).all()
        assert (depths <= 1.5 * distance + 1e-9).all()
        for n in range(len(balls)):
            for k in range(n):
                assert np.linalg.norm(centers[n] - centers[k]) >= 0.6 * (radii[n] + radii[k]) - 1e-9


@pytest.mark.parametrize("orientation", ["any", "upright", "flipped", "stable"])
def test_on_a_tabletop_the_lowest_vertex_of_everything_touches_the_plane(orientation):
    library, scenes = scenes_of(recipe_of("tabletop", orientation), 8)
    lowest = [vertices(i, library)[:, 2].min() for scene in scenes for i in things(scene)]
    assert len(lowest) > 16
    np.testing.assert_allclose(lowest, 0, atol=1e-6)


@pytest.mark.parametrize("orientation", ["any", "stable"])
def test_on_a_tabletop_footprints_do_not_meet(orientation):
    """Hulls of every vertex: what stands apart on the ground can't run into each other above it."""
    recipe = recipe_of("tabletop", orientation, layout={"count": 5, "spread_m": 0.12}, distractors={"count": 5})
    library, scenes = scenes_of(recipe, 12)
    nearest = np.inf
    for scene in scenes:
        feet = [vertices(i, library)[:, :2] for i in things(scene)]
        gaps = [hull_gap_m(a, b) for n, a in enumerate(feet) for b in feet[:n]]
        nearest = min(nearest, *gaps)
    assert -1e-6 <= nearest < 0.01


def most_hidden(**layout):
    """Largest overlap of a target's image box and another's."""
    recipe = recipe_of(
        "tabletop",
        layout={"count": 4, "spread_m": 0.15, **layout},
        distractors={"count": 4},
        camera={"elevation_deg": {"uniform": [5, 40]}, "distance_m": 0.7},
    )
    library, scenes = scenes_of(recipe, 12)
    caster, most, count = Caster(library), 0.0, 0
    for scene in scenes:
        layers = {i.id: i.layer for i in things(scene)}
        seen = [(layers[id], s.extent_xyxy) for id, s in caster.cast(scene).silhouettes.items() if id in layers]
        count += len(seen)
        for n, (layer, box) in enumerate(seen):
            for other_layer, other in seen[:n]:
                if "target" in (layer, other_layer):
                    most = max(most, shared(shrunk(box), shrunk(other)) / min(area(box), area(other)))
    return most, count


def test_on_a_tabletop_things_hide_each_other_unless_the_recipe_limits_it():
    free, limited = most_hidden(), most_hidden(max_overlap=0.1)
    assert free[0] > 0.5
    assert limited[0] <= 0.1 + 0.02
    assert limited[1] > 0.7 * free[1], "few things are lost for it"


def test_a_limit_of_overlap_is_part_of_the_fingerprint():
    for kind in ("floating", "tabletop"):
        limits = ({}, {"max_overlap": 0.3}, {"max_overlap": 0.2})
        assert len({recipe_of(kind, layout=limit).fingerprint([]) for limit in limits}) == 3


def test_on_a_tabletop_targets_are_cropped_no_more_than_allowed():
    library, scenes = scenes_of(recipe_of("tabletop", layout={"count": 5, "max_crop": 0.2, "spread_m": 0.4}), 12)
    caster = Caster(library)
    cropped = []
    for scene in scenes:
        boxes = [shrunk(s.extent_xyxy) for s in caster.cast(scene).silhouettes.values()]
        frame = [0, 0, scene.camera.width, scene.camera.height]
        cropped += [1 - shared(box, frame) / area(box) for box in boxes]
    assert 0.1 <= max(cropped) <= 0.22


def test_on_a_tabletop_things_spread_as_far_as_the_recipe_says():
    recipe = recipe_of(
        "tabletop",
        "stable",
        models=("die",),
        layout={"count": 1, "spread_m": 0.2, "max_crop": 1},
        distractors={"count": 0},
    )
    library, scenes = scenes_of(recipe, 60)
    places = [vertices(i, library)[:, :2] for scene in scenes for i in scene.labelled]
    distances = np.linalg.norm([(p.min(axis=0) + p.max(axis=0)) / 2 for p in places], axis=1)
    assert 0.18 < distances.max() <= 0.2 + 1e-9
    # Uniform in area: half of the things lie beyond 1 / sqrt(2) of the radius.
    assert np.median(distances) == pytest.approx(0.2 / np.sqrt(2), rel=0.2)


@pytest.mark.parametrize(("orientation", "up"), [("upright", 1), ("flipped", -1)])
@pytest.mark.parametrize("kind", ["floating", "tabletop"])
def test_upright_and_flipped_things_are_turned_about_the_vertical_only(kind, orientation, up):
    _, scenes = scenes_of(recipe_of(kind, orientation, distractors={"count": 0}), 6)
    turns = [i.world_from_object[:3, :3] for scene in scenes for i in scene.labelled]
    np.testing.assert_allclose([t[:, 2] for t in turns], np.broadcast_to([0, 0, up], (len(turns), 3)), atol=1e-12)
    assert np.ptp([np.arctan2(t[1, 0], t[0, 0]) for t in turns]) > 2


@pytest.mark.parametrize("kind", sorted(plugins(LAYOUTS)))
@pytest.mark.parametrize("orientation", ["any", "upright", "stable"])
def test_every_layout_places_whole_right_handed_things_of_the_size_asked_for(kind, orientation):
    """The conformance test of ``scene/layouts``."""
    layout = plugins(LAYOUTS)[kind]
    assert layout.__name__ == class_name(kind)
    assert layout.__doc__
    _, scenes = scenes_of(recipe_of(kind, orientation), 3)
    for scene in scenes:
        assert any(i.layer == layout.options.ground_layer for i in scene.instances) == layout.options.has_ground
        for instance in things(scene):
            rotation = instance.world_from_object[:3, :3]
            np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-9)
            assert np.linalg.det(rotation) == pytest.approx(1)
            assert len(set(instance.scale)) == 1
            assert 0.7 <= instance.scale[0] <= 1.3 or instance.layer == "distractor"


@pytest.mark.parametrize("kind", sorted(plugins(LAYOUTS)))
def test_every_layout_gives_the_same_scene_again_and_another_for_another_index(kind):
    recipe = recipe_of(kind, "stable")
    scenes = [to_plain(s.instances) for indices in ([2], [0, 1, 2]) for s in arranged.scenes_of(recipe, indices)[1]]
    assert scenes[0] == scenes[3]
    assert scenes[1] != scenes[2]


def test_every_randomizer_has_its_turn():
    """The conformance test of ``scene/randomizers``: each file is applied, once."""
    assert sorted((*BEFORE_LAYOUT, *AFTER_LAYOUT)) == sorted(plugins(RANDOMIZERS))
    for name, randomizer in plugins(RANDOMIZERS).items():
        assert randomizer.__name__ == class_name(name)
        assert randomizer.__doc__
        assert callable(randomizer.apply)
        assert vars(randomizer).keys() <= vars(Randomizer).keys() | {"__firstlineno__", "__static_attributes__"}
