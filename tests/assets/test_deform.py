"""Models that are bent, twisted, dented and crumpled."""

import dataclasses

import numpy as np
import pytest
import trimesh
from hypothesis import given
from hypothesis import strategies as st

from cyclorama.assets import builtin
from cyclorama.assets.convex import convex_parts
from cyclorama.assets.deform import deformed, moved
from cyclorama.assets.library import MOST_MADE_BYTES, FileLibrary
from cyclorama.assets.subdivide import subdivided
from cyclorama.core.deformation import Deformation, deformed_id, id_and_deformation
from cyclorama.core.library import Resource, level_id
from cyclorama.core.model import Model
from scenes import sphere_model

ALL = Deformation(dents=3, dent_depth=0.05, crumple=0.01, taper=0.3, twist_rad=0.8, bend_rad=0.7, seed=7)
EACH = {
    "dents": Deformation(dents=4, dent_depth=0.1, seed=1),
    "crumple": Deformation(crumple=0.02, seed=1),
    "taper": Deformation(taper=-0.5),
    "twist": Deformation(twist_rad=1.5),
    "bend": Deformation(bend_rad=-1.2),
    "all": ALL,
}
MUG = Resource("mug-1", "model", "builtin:mug")


def welded(model):
    return trimesh.Trimesh(model.vertices_m, model.faces).process(merge_tex=True, merge_norm=True)


def rod():
    """A box of 1 x 2 x 20 cm whose long edges have no vertex between their ends."""
    mesh = trimesh.creation.box((0.02, 0.01, 0.2))
    return Model("rod", "rod", mesh.vertices + [0.3, 0, 1], mesh.faces, mesh.vertex_normals)


@given(
    st.builds(
        Deformation,
        dents=st.integers(0, 20),
        dent_depth=st.floats(0, 0.1),
        crumple=st.floats(0, 0.04),
        taper=st.floats(-1, 1),
        twist_rad=st.floats(-np.pi, np.pi),
        bend_rad=st.floats(-1.6, 1.6),
        seed=st.integers(0, 2**31 - 1),
    ),
    st.sampled_from(["mug-3fa2b1c4d5", "a~b=c-0123456789", "x~bend_rad=1-0123456789", "mug~2-0123456789"]),
)
def test_an_id_tells_the_deformation_to_the_last_digit(deformation, id):
    told = deformed_id(id, deformation)
    assert id_and_deformation(told) == ((id, deformation) if deformation else (id, Deformation()))
    assert bool(deformation) == (told != id)


@pytest.mark.parametrize("deformation", EACH.values(), ids=EACH)
@pytest.mark.parametrize("name", ["mug", "box", "die", "torus"])
def test_what_is_closed_stays_closed_and_right_side_out(name, deformation):
    model = builtin.model(name, name)
    made = deformed(model, deformation, id="made")
    before, after = welded(model), welded(made)
    assert before.is_watertight
    assert after.is_watertight
    assert after.euler_number == before.euler_number
    assert 0.6 * before.volume < after.volume < 1.5 * before.volume
    assert (made.materials, made.textures) == (model.materials, model.textures)
    np.testing.assert_array_equal(made.uv[: len(model.uv)], model.uv)


@pytest.mark.parametrize("deformation", EACH.values(), ids=EACH)
def test_normals_are_those_of_the_deformed_surface(deformation):
    made = deformed(sphere_model(6), deformation, id="made")
    mesh = trimesh.Trimesh(made.vertices_m, made.faces, process=False)
    cosines = np.sum(mesh.vertex_normals * made.normals, axis=1)
    assert np.degrees(np.arccos(cosines.clip(-1, 1))).max() < 4


def test_a_bent_rod_is_an_arc_of_its_own_length_towards_its_flat_side():
    """Its middle line: from end to end the chord of a circle that it turns through."""
    angle = 1.2
    heights = np.linspace(-0.1, 0.1, 101)
    line = np.array([0.3, 0, 1]) + heights[:, None] * [0, 0, 1]
    bent = moved(line, rod(), Deformation(bend_rad=angle))
    np.testing.assert_allclose(np.linalg.norm(np.diff(bent, axis=0), axis=1), 0.002, rtol=1e-4)
    assert np.linalg.norm(bent[-1] - bent[0]) == pytest.approx(2 * 0.2 / angle * np.sin(angle / 2))
    ends = np.diff(bent, axis=0)[[0, -1]] / 0.002
    assert np.arccos(ends[0] @ ends[1]) == pytest.approx(angle, rel=0.02)
    np.testing.assert_allclose(bent[:, 0], 0.3)
    np.testing.assert_allclose(bent[50], [0.3, 0, 1], atol=1e-12)


def test_a_twisted_rod_turns_its_upper_end_and_a_tapered_one_widens_it():
    """Half of it above the middle, half below."""
    top = np.array([0.3 + 0.01, 0.005, 1.1])
    np.testing.assert_allclose(moved(top[None], rod(), Deformation(twist_rad=np.pi))[0], [0.305, -0.01, 1.1], atol=1e-5)
    np.testing.assert_allclose(moved(top[None], rod(), Deformation(taper=0.4))[0], [0.312, 0.006, 1.1])


def test_a_dent_is_as_deep_as_told_and_leaves_the_far_side():
    ball = sphere_model(6)
    dent = Deformation(dents=1, dent_depth=0.05, seed=3)
    by = np.linalg.norm(moved(ball.vertices_m.astype(float), ball, dent) - ball.vertices_m, axis=1)
    assert by.max() == pytest.approx(0.05 * 2 * ball.radius_m, rel=0.01)
    assert (by == 0).mean() > 0.5
    made = deformed(ball, dent, id="made")
    assert np.linalg.norm(made.vertices_m, axis=1).max() <= ball.radius_m + 1e-6


def test_crumpling_moves_points_as_far_as_told():
    ball = sphere_model(5)
    for seed in range(5):
        by = moved(ball.vertices_m.astype(float), ball, Deformation(crumple=0.02, seed=seed)) - ball.vertices_m
        assert np.sqrt((by**2).sum(axis=1).mean()) == pytest.approx(0.02 * 2 * ball.radius_m, rel=0.6)


@pytest.mark.parametrize("name", builtin.MODELS)
def test_subdividing_keeps_the_surface_and_shortens_edges(name):
    model = builtin.model(name, name)
    longest = model.radius_m / 12
    fine = subdivided(model, longest, most_faces=10**6)
    mesh, whole = welded(fine), welded(model)
    assert mesh.is_watertight == whole.is_watertight
    assert mesh.edges_unique_length.max() <= longest * 1.0001
    for material in range(len(model.materials)):
        areas = [trimesh.Trimesh(m.vertices_m, m.faces[m.face_materials == material]).area for m in (model, fine)]
        assert areas[0] == pytest.approx(areas[1], rel=1e-4)
    np.testing.assert_allclose(np.linalg.norm(fine.normals, axis=1), 1, atol=1e-5)
    assert len(subdivided(model, longest, most_faces=2000).faces) <= max(2000, len(model.faces))


def test_a_library_knows_deformed_models_by_their_ids_alone():
    id = deformed_id("mug-1", ALL)
    one, other = FileLibrary([MUG]), FileLibrary.from_plain(FileLibrary([MUG]).to_plain())
    np.testing.assert_array_equal(one.model(id).vertices_m, other.model(id).vertices_m)
    assert one.model(id) is one.model(id)
    assert one.model(id).id == id
    assert one.resource(level_id(id, 1)) == MUG
    coarse = one.model(level_id(id, 2))
    assert len(coarse.faces) < len(one.model(id).faces) / 4
    np.testing.assert_allclose(coarse.bounds_m, one.model(id).bounds_m, atol=0.02 * coarse.radius_m)
    assert coarse.textures_id == one.model(id).textures_id == "mug-1"


def test_a_library_forgets_deformed_models_that_were_not_used_for_long():
    library = FileLibrary([MUG])
    first = deformed_id("mug-1", dataclasses.replace(ALL, seed=1))
    kept = library.model(first)
    fits = MOST_MADE_BYTES // kept.nbytes
    for seed in range(2, fits + 1):
        library.model(deformed_id("mug-1", Deformation(taper=0.1, dents=0, crumple=1e-3, seed=seed)))
    assert library.model(first) is kept
    for seed in range(fits + 1, 2 * fits + 2):
        library.model(deformed_id("mug-1", Deformation(taper=0.1, dents=0, crumple=1e-3, seed=seed)))
    assert library.model(first) is not kept
    np.testing.assert_array_equal(library.model(first).vertices_m, kept.vertices_m)


def test_convex_pieces_of_a_deformed_model_are_the_models_pieces_moved(tmp_path, monkeypatch):
    """They are not sought anew, which takes long; physics then feels the shape that is shown."""
    monkeypatch.setenv("CYCLORAMA_CACHE", str(tmp_path))
    top, legs = trimesh.creation.box((0.4, 0.1, 0.02)), [trimesh.creation.box((0.02, 0.1, 0.2)) for _ in range(2)]
    for leg, x in zip(legs, (-0.19, 0.19), strict=True):
        leg.apply_translation([x, 0, -0.1])
    table = trimesh.util.concatenate([top, *legs])
    whole = Model("table", "table", table.vertices, table.faces, table.vertex_normals)
    bend = Deformation(bend_rad=0.5)
    made = deformed(whole, bend, id=deformed_id("table", bend))
    pieces = convex_parts(made)
    assert len(pieces) == len(convex_parts(whole)) > 1
    ends = np.concatenate(pieces)
    np.testing.assert_allclose([ends.min(axis=0), ends.max(axis=0)], made.bounds_m, atol=0.04 * made.radius_m)
