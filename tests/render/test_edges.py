"""How far a place is from the sharp edges of its model."""

import numpy as np
import pytest
import trimesh

import vessels
from cyclorama.assets.deform import deformed
from cyclorama.assets.fill import filled
from cyclorama.core.deformation import Deformation
from cyclorama.core.filling import Filling
from cyclorama.core.model import Model
from cyclorama.render.edges import FAR, edge_distances, stretch_of
from scenes import sphere_model
from stage import quad_model


def model_of(mesh):
    return Model("m", "m", mesh.vertices, mesh.faces, mesh.vertex_normals)


BOX = trimesh.creation.box()
INWARDS = trimesh.Trimesh(BOX.vertices, BOX.faces[:, ::-1], process=False)
SPLIT = trimesh.Trimesh(BOX.triangles.reshape(-1, 3), np.arange(36).reshape(-1, 3), process=False)


def interpolated(model, seed=0, count=200):
    """(N, 3) places on each triangle, and (N,) the distance to an edge that is interpolated there."""
    weights = np.random.default_rng(seed).dirichlet([1, 1, 1], (len(model.faces), count))
    places = weights @ model.vertices_m[model.faces]
    return places.reshape(-1, 3), 2 * model.radius_m * (weights @ edge_distances(model)).min(axis=-1).reshape(-1)


@pytest.mark.parametrize("mesh", [BOX, SPLIT], ids=["shared vertices", "each triangle has its own"])
def test_everywhere_on_a_cube_it_is_the_distance_to_the_nearest_of_its_edges(mesh):
    places, found = interpolated(model_of(mesh))
    np.testing.assert_allclose(found, np.sort(0.5 - np.abs(places), axis=1)[:, 1], atol=1e-6)


@pytest.mark.parametrize("times", [1, 2, 4])
def test_on_smaller_triangles_it_is_never_too_small_and_right_along_edges(times):
    mesh = BOX
    for _ in range(times):
        mesh = mesh.subdivide()
    places, found = interpolated(model_of(mesh), count=50)
    edge, expected, to_third = 1 / 2**times, *np.sort(0.5 - np.abs(places), axis=1)[:, 1:].T
    assert (found >= expected - 1e-6).all()
    assert (found <= expected + edge).all()
    # Away from corners, where two edges are near.
    along = (expected < edge / 4) & (to_third > edge)
    assert found[along] - expected[along] == pytest.approx(0, abs=edge / 4)


@pytest.mark.parametrize(
    "model",
    [model_of(INWARDS), sphere_model(3), quad_model("sheet")],
    ids=["edges that stand in", "smooth", "an open sheet"],
)
def test_what_has_no_edge_that_stands_out_has_none(model):
    np.testing.assert_array_equal(edge_distances(model), np.float32(FAR))


def test_what_a_cup_holds_has_no_edges_and_changes_none_of_the_cup_s():
    cup = vessels.cup()
    full = filled(cup, Filling(0.5, "coffee"), id="full")
    np.testing.assert_array_equal(edge_distances(full)[~full.keeps], edge_distances(cup))


def test_the_edges_are_those_of_the_shape_that_is_shown():
    """Stretched to a pyramid's stump, a cube's rim at the top is as far from its middle as the stump is wide there."""
    stump = deformed(model_of(BOX), Deformation(taper=0.8, seed=1), id="stump")
    places, found = interpolated(stump, count=20)
    top = np.abs(places[:, 2] - 0.5) < 1e-6
    half = np.abs(stump.vertices_m[np.abs(stump.vertices_m[:, 2] - 0.5) < 1e-6, 0]).max()
    expected = half - np.abs(places[top, :2]).max(axis=1)
    assert half != pytest.approx(0.5, abs=0.1)
    np.testing.assert_allclose(found[top], expected, atol=0.04)


def test_of_what_is_scaled_it_is_that_of_the_scaled_shape():
    """As walls are, which are cubes made thin: a width is as wide across each of their faces."""
    size = np.array([1, 0.75, 0.025])
    weights = np.random.default_rng(0).dirichlet([1, 1, 1], (12, 200))
    places = (weights @ (size * BOX.triangles)).reshape(-1, 3)
    found = (weights @ edge_distances(model_of(BOX), stretch_of((4, -3, 0.1)))).min(axis=-1).reshape(-1)
    expected = np.sort(size / 2 - np.abs(places), axis=1)[:, 1] / np.linalg.norm(size)
    assert (found >= expected - 1e-6).all()
    # No triangle of an oblong face knows all four of its edges.
    on_large = np.abs(places[:, 2]) > 0.499 * size[2]
    assert (found <= expected * size[0] / size[1] + 1e-6)[on_large].all()
    assert (found <= expected + size[2] / np.linalg.norm(size))[~on_large].all()
    assert stretch_of((0.07, 0.07, 0.07)) == (1, 1, 1)
