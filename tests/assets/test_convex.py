"""Pieces for physics: convex, on the surface, and with the hollows left free."""

import signal
import subprocess

import numpy as np
import pytest
import trimesh
from scipy.spatial import ConvexHull

from cyclorama.assets import convex
from cyclorama.assets.builtin import model as builtin
from cyclorama.assets.convex import convex_parts
from cyclorama.core.errors import InputError
from cyclorama.core.model import Model


@pytest.fixture(autouse=True)
def fresh_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CYCLORAMA_CACHE", str(tmp_path))


def model_of(mesh, id="test-1"):
    return Model(id, "test", mesh.vertices, mesh.faces, mesh.vertex_normals)


def bowl():
    """Half a sphere without a lid: a surface that is open and has no thickness."""
    mesh = trimesh.creation.icosphere(subdivisions=3, radius=0.1)
    return model_of(mesh.submesh([np.flatnonzero(mesh.triangles_center[:, 2] < 0)], append=True), "bowl-1")


def depth_m(pieces, points):
    """(N,) how deep points lie in the piece that they are deepest in; negative outside of all."""
    planes = [ConvexHull(piece).equations for piece in pieces]
    return np.max([-(points @ p[:, :3].T + p[:, 3]).max(axis=1) for p in planes], axis=0)


@pytest.mark.parametrize("name", ["die", "sphere", "box", "cylinder", "capsule", "print"])
def test_convex_things_are_one_piece_that_is_the_hull(name):
    model = builtin(name, name)
    (piece,) = convex_parts(model)
    assert len(piece) <= convex.MOST_CORNERS
    outside = -depth_m([piece], model.vertices_m.astype(float))
    assert outside.max() <= 0.006 * 2 * model.radius_m
    assert ConvexHull(piece).volume <= ConvexHull(model.vertices_m).volume * (1 + 1e-6)


@pytest.mark.parametrize("make", [lambda: builtin("tube", "tube"), lambda: builtin("torus", "torus"), bowl])
def test_hollow_things_stay_hollow_and_their_whole_surface_is_in_pieces(make):
    model = make()
    size_m = 2 * model.radius_m
    pieces = convex_parts(model)
    assert len(pieces) > 3
    assert depth_m(pieces, model.vertices_m.astype(float)).min() >= -0.004 * size_m
    hollow = np.array([[0, 0, z] for z in (-0.02, 0.0, 0.02)]) * size_m / 0.2
    assert depth_m(pieces, hollow).max() < -0.1 * size_m
    assert depth_m([model.vertices_m], np.concatenate(pieces)).min() >= -1e-4 * size_m, "no piece sticks out"


@pytest.mark.parametrize("axis", range(3))
def test_what_is_flat_gets_a_thickness(axis):
    corners = np.insert(np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]]), axis, 0.5, axis=1)
    (piece,) = convex_parts(Model("flat", "flat", corners, [[0, 1, 2], [0, 2, 3]], np.eye(3)[[axis] * 4]))
    assert np.ptp(piece, axis=0)[axis] == pytest.approx(convex.THICKNESS * 2**0.5)
    assert ConvexHull(piece).volume > 0


def test_pieces_are_made_once(monkeypatch):
    made = convex_parts(bowl())
    monkeypatch.setattr(convex, "_taken_apart", lambda surface: pytest.fail("made again"))
    for a, b in zip(made, convex_parts(bowl()), strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_can_not_be_taken_apart_is_its_hull(monkeypatch):
    crashed = subprocess.CompletedProcess([], -signal.SIGSEGV, b"", b"")
    monkeypatch.setattr(convex.subprocess, "run", lambda *args, **kwargs: crashed)
    (piece,) = convex_parts(bowl())
    assert ConvexHull(piece).volume == pytest.approx(ConvexHull(bowl().vertices_m).volume, rel=0.05)


@pytest.mark.parametrize("killed", [True, False])
def test_what_was_not_given_time_or_memory_is_told_and_not_kept(killed, monkeypatch):
    def run(*args, **kwargs):
        if killed:
            return subprocess.CompletedProcess([], -signal.SIGKILL, b"", b"")
        raise subprocess.TimeoutExpired("coacd", 1)

    with monkeypatch.context() as patch:
        patch.setattr(convex.subprocess, "run", run)
        with pytest.raises(InputError, match=r"test: .*physics"):
            convex_parts(bowl())
    assert len(convex_parts(bowl())) > 1


def test_convex_bodies_stuck_into_each_other_are_the_pieces_at_once():
    """Nothing is taken apart, which takes long; nor kept."""
    boxes = [trimesh.creation.box((0.1, 0.02, 0.02)), trimesh.creation.box((0.02, 0.1, 0.02))]
    both = trimesh.util.concatenate(boxes)
    pieces = convex_parts(Model("cross", "cross", both.vertices, both.faces, both.vertex_normals))
    assert sorted(np.ptp(p, axis=0).round(6).tolist() for p in pieces) == [[0.02, 0.1, 0.02], [0.1, 0.02, 0.02]]
