"""Keypoints of models: read, kept, and moved with the surface that they are on."""

import numpy as np
import pytest
import trimesh

from cyclorama.assets import builtin
from cyclorama.assets.library import FileLibrary
from cyclorama.assets.resources import has_keypoints, model_resource
from cyclorama.core.articulation import posed_id
from cyclorama.core.deformation import Deformation, deformed_id
from cyclorama.core.errors import InputError
from cyclorama.core.filling import Filling, filled_id
from cyclorama.core.geometry import transformed
from cyclorama.core.joints import motions
from cyclorama.core.library import Resource, level_id
from cyclorama.core.skeleton import Skeleton
from robots import write_cabinet

MUG = Resource("mug-1", "model", "builtin:mug")
STATED = """
points:
  left_foot: [-10, 0, 0]
  right_foot: [10, 0, 0]
  head: [0, 5, 60]
bones: [[left_foot, head], [right_foot, head]]
sigmas: {head: 0.1}
depth: 2
"""


def written(folder, text=STATED, suffix=".stl"):
    """A box of 20 x 10 x 60 in the file's unit, and what is stated beside it."""
    path = folder / f"thing{suffix}"
    mesh = trimesh.creation.box((20, 10, 60))
    mesh.apply_translation([0, 0, 30])
    mesh.export(path)
    path.with_name("thing.keypoints.yaml").write_text(text)
    return path


def loaded(path, **options):
    resource = model_resource(path, **options)
    return FileLibrary([resource]).model(resource.id)


def distances(model, points_m):
    mesh = trimesh.Trimesh(model.vertices_m, model.faces, process=False)
    return trimesh.proximity.closest_point(mesh, points_m)[1]


def test_keypoints_are_taken_to_metres_and_z_up_with_the_vertices(tmp_path):
    marks = loaded(written(tmp_path), unit="mm").landmarks
    assert marks.skeleton == Skeleton(
        ("left_foot", "right_foot", "head"), ((0, 2), (1, 2)), (1, 0, 2), (0.05, 0.05, 0.1)
    )
    np.testing.assert_allclose(marks.points_m, np.array([[-10, 0, 0], [10, 0, 0], [0, 5, 60]]) / 1000, atol=1e-12)
    assert marks.depth_m == pytest.approx(0.002)
    turned = loaded(written(tmp_path), unit="mm", up="y").landmarks
    np.testing.assert_allclose(turned.points_m[2], [0, -0.06, 0.005], atol=1e-12)


@pytest.mark.parametrize("suffix", [".stl", ".ply", ".obj", ".glb"])
def test_a_stated_corner_is_on_the_surface_in_every_format(suffix, tmp_path):
    text = "points: {a: [10, 5, 60], b: [-10, 5, 0], c: [0, -5, 17]}"
    model = loaded(written(tmp_path, text, suffix), unit="cm")
    assert distances(model, model.landmarks.points_m).max() < 1e-6
    assert model.landmarks.depth_m == pytest.approx(0.02 * model.radius_m)


def test_kept_models_have_the_same_keypoints_and_changed_ones_are_other_models(tmp_path):
    path = written(tmp_path)
    first = model_resource(path, unit="mm")
    again = model_resource(path, unit="mm")
    assert again == first
    assert has_keypoints(first)
    path.with_name("thing.keypoints.yaml").write_text(STATED.replace("[0, 5, 60]", "[0, 4, 60]"))
    changed = model_resource(path, unit="mm")
    assert changed.id != first.id
    assert FileLibrary([changed]).model(changed.id).landmarks.points_m[2, 1] == pytest.approx(0.004)
    assert FileLibrary([first]).model(first.id).landmarks.points_m[2, 1] == pytest.approx(0.005)
    path.with_name("thing.keypoints.yaml").unlink()
    without = model_resource(path, unit="mm")
    assert not has_keypoints(without)
    assert FileLibrary([without]).model(without.id).landmarks is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("points: {}", "states no points"),
        ("[1, 2]", "states no points"),
        ("points: {a: [0, 0", "is not YAML"),
        ("points: {a: [0, 0]}", r"points.a: \[0, 0\]: expected \[x, y, z\]"),
        ("points: {a: 2020-13-45}", "is not YAML"),
        ("points: {a: [0, 0, .nan]}", "points.a"),
        (f"points: {{a: [0, 0, {'9' * 400}]}}", "points.a"),
        ("points: {a: [0, 0, 900]}", "diameters outside of the model"),
        ("points: {a: {link: b, at: [0, 0, 0]}}", r"expected \[x, y, z\]"),
        ("points: {a: [0, 0, 0]}\nbone: []", "no key 'bone'. Did you mean 'bones'"),
        ("points: {a: [0, 0, 0]}\nbones: [[a, b]]", "bones: no point 'b'"),
        ("points: {a: [0, 0, 0]}\nbones: [[a, a]]", "expected a pair of names"),
        ("points: {a: [0, 0, 0]}\nbones: [[[a, b], a]]", r"bones: \[\['a', 'b'\], 'a'\]: expected a pair of names"),
        ("points: {a: [0, 0, 0]}\nbones: 0", "bones: expected a list of pairs of names"),
        ("points: {a: [0, 0, 0]}\nmirrored: [[a]]", "expected a pair of names"),
        ("points: {a: [0, 0, 0]}\nmirrored: [[{a: 1}, a]]", "mirrored: .*: expected a pair of names"),
        ("points: {a: [0, 0, 0], b: [0, 0, 1], c: [1, 0, 0]}\nmirrored: [[a, b], [b, c]]", "counterpart"),
        ("points: {a: [0, 0, 0]}\nsigmas: {b: 0.1}", "sigmas: no point 'b'"),
        ("points: {a: [0, 0, 0]}\nsigmas: {a: 0}", "positive numbers"),
        ("points: {a: [0, 0, 0]}\nsigmas: {a: x}", "sigmas.a: 'x'"),
        ("points: {a: [0, 0, 0]}\ndepth: -1", "depth: -1"),
        (f"points: {{a: [0, 0, 0]}}\ndepth: {'9' * 400}", "depth: 9*: expected a number"),
    ],
)
def test_what_can_not_be_used_is_refused_with_file_and_place(text, said, tmp_path):
    path = written(tmp_path, text)
    with pytest.raises(InputError, match=said) as caught:
        loaded(path, unit="mm")
    assert "thing.keypoints.yaml" in str(caught.value)


def test_no_mirrored_pairs_is_something_else_than_leaving_them_out(tmp_path):
    assert loaded(written(tmp_path, STATED + "mirrored: []\n"), unit="mm").landmarks.skeleton.mirrored == (0, 1, 2)


@pytest.mark.parametrize("name", builtin.MARKED)
def test_keypoints_of_built_in_models_are_on_the_surface(name):
    model = builtin.model(name, name)
    assert distances(model, model.landmarks.points_m).max() < 1e-4
    assert [n for n in (*builtin.MODELS, *builtin.SHAPES) if builtin.model(n, n).landmarks] == list(builtin.MARKED)


@pytest.mark.parametrize(
    "deformation",
    [
        Deformation(bend_rad=0.8),
        Deformation(twist_rad=0.9),
        Deformation(taper=0.4),
        Deformation(dents=20, dent_depth=0.05, seed=3),
        Deformation(crumple=0.02, seed=3),
    ],
    ids=["bend", "twist", "taper", "dents", "crumple"],
)
@pytest.mark.parametrize("level", [0, 1])
def test_keypoints_stay_on_the_surface_when_it_is_deformed(deformation, level):
    library = FileLibrary([MUG])
    before, after = library.model(MUG.id), library.model(level_id(deformed_id(MUG.id, deformation), level))
    moved_by = np.linalg.norm(after.landmarks.points_m - before.landmarks.points_m, axis=1)
    assert moved_by.max() > 1e-3
    assert distances(after, after.landmarks.points_m).max() < (2e-4 if level == 0 else 2e-3)


def test_keypoints_of_a_vessel_stay_where_they_are_when_it_is_filled():
    library = FileLibrary([MUG])
    before, after = library.model(MUG.id), library.model(filled_id(MUG.id, Filling(0.8, "coffee")))
    np.testing.assert_array_equal(before.landmarks.points_m, after.landmarks.points_m)


@pytest.fixture
def cabinet(tmp_path):
    path = write_cabinet(tmp_path)
    points = {"corner": "{link: body, at: [0.3, 0.2, 0.4]}", "edge": "{link: door, at: [-0.3, -0.01, 0.1]}"}
    points["knob"] = "{link: handle, at: [0.05, 0, 0]}"
    lines = "".join(f"  {name}: {value}\n" for name, value in points.items())
    path.with_name("cabinet.keypoints.yaml").write_text(f"points:\n{lines}")
    return path


def test_keypoints_of_robots_are_of_links_and_move_with_their_joints(cabinet):
    resource = model_resource(cabinet)
    library = FileLibrary([resource])
    rest = library.model(resource.id)
    # The hinge is at (0.3, -0.2), the handle 0.04 m before the drawer's place at (-0.15, -0.2).
    np.testing.assert_allclose(rest.landmarks.points_m, [[0.3, 0.2, 0.4], [0, -0.21, 0.1], [-0.1, -0.24, 0]], atol=1e-9)
    assert rest.landmarks.joints.tolist() == [-1, 0, 2]
    shares = {0: 0.7, 1: 1.0, 2: 0.25}
    opened = library.model(posed_id(resource.id, shares))
    moves = motions(rest.joints, shares)
    for point, before, joint in zip(
        opened.landmarks.points_m, rest.landmarks.points_m, rest.landmarks.joints, strict=True
    ):
        np.testing.assert_allclose(point, transformed(moves[joint], before[None])[0], atol=1e-9)
    assert distances(opened, opened.landmarks.points_m).max() < 0.011
    # Out by the drawer's 0.3 m, and the handle's end by a quarter turn about y, from x to -z.
    np.testing.assert_allclose(opened.landmarks.points_m[2], [-0.15, -0.54, -0.05], atol=1e-9)
    twice = library.model(deformed_id(posed_id(resource.id, shares), Deformation(taper=0.2)))
    assert distances(twice, twice.landmarks.points_m).max() < 0.013


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("[0, 0, 0]", "since the model has links"),
        ("{link: dor, at: [0, 0, 0]}", "no link 'dor'. Did you mean 'door'"),
        ("{link: [door], at: [0, 0, 0]}", "no link"),
    ],
)
def test_a_point_of_a_robot_names_a_link(value, said, cabinet):
    cabinet.with_name("cabinet.keypoints.yaml").write_text(f"points: {{a: {value}}}")
    with pytest.raises(InputError, match=said):
        loaded(cabinet)
