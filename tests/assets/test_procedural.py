"""Shapes by number."""

import numpy as np
import pytest
import trimesh

from cyclorama.assets import builtin
from cyclorama.assets.library import FileLibrary
from cyclorama.assets.resources import model_resource

SOME = [name for names in builtin.SHAPE_FAMILIES.values() for name in names[::9]]


@pytest.mark.parametrize("name", SOME)
def test_a_procedural_shape_is_solid_of_usual_size_and_always_the_same(name):
    resource = model_resource(f"builtin:{name}")
    one, other = (FileLibrary([resource]).model(resource.id) for _ in range(2))
    np.testing.assert_array_equal(one.vertices_m, other.vertices_m)
    assert np.ptp(one.bounds_m, axis=0).max() == pytest.approx(0.1, abs=1e-6)
    np.testing.assert_allclose(one.center_m, 0, atol=1e-6)
    for material in range(len(one.materials)):
        faces = one.faces[one.face_materials == material]
        mesh = trimesh.Trimesh(one.vertices_m, faces).process(merge_tex=True, merge_norm=True)
        assert mesh.is_watertight
        assert mesh.volume > 0
    assert len(one.faces) < 40_000


def test_every_shape_is_another():
    sizes = [np.round(np.ptp(builtin.model(name, name).bounds_m, axis=0), 6).tolist() for name in SOME]
    assert len({tuple(size) for size in sizes}) > 0.9 * len(SOME)
    assert len(set(builtin.PROCEDURAL)) == len(builtin.PROCEDURAL) == 236


def test_letters_have_their_holes():
    """Euler's number of a plate with n holes is 2 - 2 n."""
    for letter, holes in (("I", 0), ("O", 1), ("B", 2), ("8", 2), ("C", 0), ("A", 1)):
        model = builtin.model(f"letter-{letter}", "letter")
        mesh = trimesh.Trimesh(model.vertices_m, model.faces).process(merge_tex=True, merge_norm=True)
        assert mesh.euler_number == 2 - 2 * holes, letter
