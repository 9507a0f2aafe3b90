"""Robot files: models whose parts move."""

import numpy as np
import pytest
import trimesh
from hypothesis import given
from hypothesis import strategies as st

from cyclorama.assets.convex import convex_parts
from cyclorama.assets.doctor import inspect_model
from cyclorama.assets.library import FileLibrary
from cyclorama.assets.resources import model_resource
from cyclorama.core.articulation import id_and_shares, posed_id
from cyclorama.core.deformation import Deformation, deformed_id, id_and_deformation
from cyclorama.core.errors import InputError
from cyclorama.core.library import id_and_level, level_id
from robots import CABINET, box, joint, link, robot, write_cabinet

HINGE, SLIDE, SPIN = range(3)


@pytest.fixture(scope="module")
def cabinet(tmp_path_factory):
    """A library of one, and its id."""
    resource = model_resource(write_cabinet(tmp_path_factory.mktemp("robots")))
    return FileLibrary([resource]), resource.id


def corners(model, number):
    """(2, 3) the box of what a joint moves, or -1 for what stands still, where the model has it now."""
    whole = model.made_from or model
    points = model.vertices_m[np.unique(whole.faces[whole.face_joints == number])]
    return np.stack([points.min(axis=0), points.max(axis=0)])


def written(folder, *elements):
    path = folder / "made.urdf"
    path.write_text(robot(*elements))
    return path


@given(st.dictionaries(st.integers(0, 20), st.integers(-10_000, 10_000).map(lambda v: v / 10_000), max_size=5))
def test_an_id_tells_the_configuration_beside_all_else(shares):
    moved = {index: share for index, share in shares.items() if share}
    id = deformed_id(posed_id("cup~1=2", shares), Deformation(taper=0.3))
    named, level = id_and_level(level_id(id, 2))
    before, deformation = id_and_deformation(named)
    assert (level, deformation) == (2, Deformation(taper=0.3))
    assert id_and_shares(before) == ("cup~1=2", moved)


def test_at_rest_links_are_where_the_file_has_them(cabinet):
    library, id = cabinet
    model = library.model(id)
    assert [(j.name, j.kind, j.parent) for j in model.joints] == [
        ("hinge", "revolute", -1),
        ("slide", "prismatic", -1),
        ("spin", "continuous", SLIDE),
    ]
    np.testing.assert_allclose(corners(model, -1), [[-0.3, -0.2, -0.4], [0.3, 0.2, 0.4]], atol=1e-6)
    np.testing.assert_allclose(corners(model, HINGE), [[0, -0.22, -0.4], [0.3, -0.2, 0.4]], atol=1e-6)
    np.testing.assert_allclose(corners(model, SPIN), [[-0.2, -0.25, -0.01], [-0.1, -0.23, 0.01]], atol=1e-6)
    colors = [m.base_color for m in model.materials]
    assert colors[:3] == [(1, 0, 0, 1), (0, 1, 0, 1), (0, 0, 1, 1)]


@pytest.mark.parametrize("share", [0.25, 0.5, 1.0])
def test_the_door_s_corner_is_where_trigonometry_says(cabinet, share):
    """Its free end, 0.3 m from the hinge, swings out of the front, to the lower limit about an axis downwards."""
    library, id = cabinet
    model = library.model(posed_id(id, {HINGE: share}))
    angle = share * np.pi / 2
    end = [0.3 - 0.3 * np.cos(angle), -0.2 - 0.3 * np.sin(angle)]
    whole = library.model(id)
    points = model.vertices_m[whole.faces[whole.face_joints == HINGE]].reshape(-1, 3)[:, :2]
    assert np.linalg.norm(points - end, axis=1).min() < 1e-6
    np.testing.assert_allclose(corners(model, SLIDE), corners(library.model(id), SLIDE))
    a, b, c = np.moveaxis(model.vertices_m[model.faces].astype(float), 1, 0)
    across = np.cross(b - a, c - a)
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    np.testing.assert_allclose(model.normals[model.faces[:, 0]], across, atol=1e-4)


def test_a_drawer_takes_along_what_hangs_on_it(cabinet):
    library, id = cabinet
    rest, model = library.model(id), library.model(posed_id(id, {SLIDE: 0.5, SPIN: 0.25}))
    np.testing.assert_allclose(corners(model, SLIDE), corners(rest, SLIDE) - [0, 0.15, 0], atol=1e-6)
    # A quarter of a turn about the y axis through the drawer's middle: 10 cm wide becomes 10 cm high.
    np.testing.assert_allclose(corners(model, SPIN), [[-0.16, -0.40, -0.05], [-0.14, -0.38, 0.05]], atol=1e-6)


def test_convex_pieces_move_with_their_links(cabinet):
    library, id = cabinet
    rest = convex_parts(library.model(id))
    opened = convex_parts(library.model(posed_id(id, {HINGE: 1, SLIDE: 1})))
    boxes = np.array([[np.ptp(piece, axis=0), piece.mean(axis=0)] for piece in opened])
    assert len(rest) == len(opened) == 4
    assert {tuple(np.round(size, 4) + 0.0) for size in boxes[:, 0]} == {
        (0.6, 0.4, 0.8), (0.02, 0.3, 0.8), (0.28, 0.02, 0.2), (0.1, 0.02, 0.02)
    }  # fmt: skip
    np.testing.assert_allclose(boxes[1, 1], [0.31, -0.35, 0], atol=1e-6)
    np.testing.assert_allclose(boxes[2, 1], [-0.15, -0.51, 0], atol=1e-6)


def test_an_open_model_can_be_bent_and_has_levels_of_detail(cabinet):
    library, id = cabinet
    opened = posed_id(id, {HINGE: 1})
    bent = library.model(deformed_id(opened, Deformation(bend_rad=0.5)))
    assert bent.made_from is library.model(opened)
    assert bent.textures_id == id
    assert library.resource(level_id(bent.id, 1)).id == id
    assert len(library.model(level_id(opened, 1)).faces) == len(library.model(opened).faces)
    assert len(convex_parts(bent)) == 4


def test_what_follows_another_joint_does_so(tmp_path):
    """Scissors: the rest is at the limit nearest to 0, and the second blade goes the other way."""
    path = written(
        tmp_path,
        link("base"),
        link("a", box((0.2, 0.02, 0.01), at=(0.1, 0, 0))),
        link("b", box((0.2, 0.02, 0.01), at=(0.1, 0, 0))),
        joint("second", "revolute", "base", "b", more='<mimic joint="first" multiplier="-1"/>'),
        joint("first", "revolute", "base", "a", more='<limit lower="0.1" upper="0.6"/>'),
    )
    resource = model_resource(path)
    library = FileLibrary([resource])
    first, second = library.model(resource.id).joints
    assert (first.name, second.leader, second.ratio) == ("first", 0, -1)
    for share, angle in ((0, 0.1), (1, 0.6)):
        model = library.model(posed_id(resource.id, {0: share}))
        for number, sign in ((0, 1), (1, -1)):
            middle = corners(model, number).mean(axis=0)
            np.testing.assert_allclose(np.arctan2(middle[1], middle[0]), sign * angle, atol=1e-6)


def test_a_unit_scales_ways_too(tmp_path):
    resource = model_resource(write_cabinet(tmp_path), unit="cm")
    model = FileLibrary([resource]).model(resource.id)
    assert model.joints[SLIDE].high == pytest.approx(0.003)
    assert model.joints[HINGE].low == pytest.approx(-np.pi / 2)


@pytest.mark.parametrize(("unit", "size_m"), [("", 1), ('<unit meter="0.01" name="cm"/>', 0.01)])
def test_collada_meshes_have_the_unit_that_they_tell(tmp_path, unit, size_m):
    mesh = trimesh.creation.box((1, 2, 3)).export(file_type="dae").decode()
    (tmp_path / "box.dae").write_text(mesh.replace("<up_axis>", f"{unit}<up_axis>"))
    resource = model_resource(written(tmp_path, link("a", MESH.format("box.dae"))))
    bounds_m = FileLibrary([resource]).model(resource.id).bounds_m
    np.testing.assert_allclose(np.ptp(bounds_m, axis=0), [size_m, 2 * size_m, 3 * size_m], rtol=1e-6)


def test_check_tells_joints_and_their_ways(cabinet):
    library, id = cabinet
    text = inspect_model(library.resource(id)).as_text()
    assert "hinge turns by -90 to 0 degrees" in text
    assert "slide slides by 0 to 30 cm" in text
    assert "spin turns" in text


A, B = link("a", box((1, 1, 1))), link("b", box((1, 1, 1)))
MESH = '<visual><geometry><mesh filename="{}"/></geometry></visual>'


@pytest.mark.parametrize(
    ("elements", "sentence"),
    [
        ((A, B, joint("j", "revolute", "a", "b", more="")), "joint 'j' has no limits"),
        ((A, B, joint("j", "revolute", "a", "b", more='<limit lower="1" upper="0"/>')), "goes from 1 to 0"),
        ((A, B, joint("j", "revolute", "a", "b", axis=(0, 0, 0))), "joint 'j' has no direction"),
        ((A, B, joint("j", "fixed", "a", "c")), "joint 'j': no link 'c'"),
        ((A, B), "links a, b hang on no joint"),
        ((A, B, joint("j", "fixed", "a", "b"), joint("k", "fixed", "b", "a")), "hangs on itself"),
        ((A, B, joint("j", "fixed", "a", "b"), joint("k", "fixed", "a", "b")), "link 'b' hangs on two joints"),
        ((A, B, joint("j", "revolute", "a", "b", more='<mimic joint="i"/>')), "joint 'j' follows 'i'"),
        ((A, B, joint("j", "revolute", "a", "b", more='<mimic joint="j"/>')), "follow each other in a circle"),
        ((A, B, joint("j", "revolut", "a", "b")), "joint 'j': no type 'revolut'. Did you mean 'revolute'?"),
        ((link("a", box((1, -1, 1))),), "link 'a': a shape of 1 x -1 x 1; expected lengths above 0"),
        ((link("a", box((1, 1))),), "link 'a': a shape of 1 x 1; expected lengths above 0, three of a box"),
        ((link("a", box(("wide", 1, 1))),), "where it has numbers: could not convert string to float: 'wide'"),
        ((), "has no <link>; nothing would be seen"),
        ((link("a"),), "no link has a <visual> mesh"),
        ((link("a", MESH.format("lost.stl")),), "no mesh 'lost.stl'"),
        ((link("a", MESH.format("package://robot/lost.stl")),), "no mesh 'package://robot/lost.stl'"),
        ((link("a", MESH.format("part.step")),), "mesh 'part.step' has a format that can't be read"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(tmp_path, elements, sentence):
    with pytest.raises(InputError, match=r"made\.urdf: ") as told:
        model_resource(written(tmp_path, *elements))
    assert sentence in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a letter", "which is XML"),
        ("<svg/>", "is no robot file; expected <robot> around all, found <svg>"),
        ('<robot xmlns:xacro="http://www.ros.org/wiki/xacro"><xacro:macro/></robot>', "holds xacro macros"),
        ("<robot><link/></robot>", "lacks or misspells 'name'"),
        (CABINET.replace('xyz="0 0 -2"', 'xyz="a b c"'), "can't be read as urdf"),
    ],
)
def test_what_is_no_robot_file_is_told_so(tmp_path, text, sentence):
    path = tmp_path / "made.urdf"
    path.write_text(text)
    with pytest.raises(InputError) as told:
        model_resource(path)
    assert sentence in str(told.value)
