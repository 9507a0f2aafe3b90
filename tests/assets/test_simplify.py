"""Models in fewer triangles."""

import dataclasses

import numpy as np
import pytest
import trimesh

from cyclorama.assets import builtin
from cyclorama.assets.library import FileLibrary
from cyclorama.assets.simplify import MOST_ERROR, coarser, simplified
from cyclorama.core.library import FEWEST_FACES, Resource, id_and_level, level_id
from cyclorama.core.model import Model
from scenes import RADIUS_M, sphere_model


def welded(model):
    return trimesh.Trimesh(model.vertices_m, model.faces).process(merge_tex=True, merge_norm=True)


def areas(model):
    """(M,) m^2 of each material."""
    corners = model.vertices_m[model.faces].astype(float)
    doubled = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    return np.bincount(model.face_materials, doubled / 2, minlength=len(model.materials))


@pytest.mark.parametrize("most_faces", [5000, 1280, 320])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3], ids=["a tenth of a millimetre", "a ball", "a hill"])
def test_a_ball_stays_closed_round_and_where_it_was(most_faces, scale):
    """Of any size: errors are relative to the model's."""
    ball = sphere_model(5)
    ball = dataclasses.replace(ball, vertices_m=scale * (ball.vertices_m + [3, 0, -1]))
    fewer = simplified(ball, most_faces, id="fewer")
    mesh = welded(fewer)
    assert len(fewer.faces) <= most_faces
    assert mesh.is_watertight
    assert mesh.euler_number == 2
    radii = np.linalg.norm(fewer.vertices_m - scale * np.array([3, 0, -1]), axis=1) / (scale * RADIUS_M)
    assert np.abs(radii - 1).max() < MOST_ERROR / most_faces**0.5 / 5


@pytest.mark.parametrize("name", builtin.MODELS)
def test_every_material_keeps_its_surface(name):
    model = builtin.model(name, name)
    fewer = coarser(model, id="fewer")
    assert fewer.materials == model.materials
    assert fewer.textures is model.textures
    assert len(fewer.faces) < max(len(model.faces) / 3, FEWEST_FACES + 1)
    np.testing.assert_allclose(areas(fewer), areas(model), rtol=0.02)
    np.testing.assert_allclose(fewer.bounds_m, model.bounds_m, atol=0.03 * model.radius_m)


def test_no_triangle_reaches_across_a_seam_of_the_texture():
    """A tube whose texture runs once around: where u jumps from 1 to 0 vertices are double, in one connected piece."""
    turns, heights = np.meshgrid(np.linspace(0, 1, 129), np.linspace(0, 1, 65), indexing="ij")
    uv = np.stack([turns, heights], -1).reshape(-1, 2)
    angles = 2 * np.pi * (uv[:, 0] % 1)
    out = np.stack([np.cos(angles), np.sin(angles), 0 * angles], -1)
    i = np.arange(129 * 65).reshape(129, 65)
    a, b, c, d = (x.reshape(-1) for x in (i[:-1, :-1], i[1:, :-1], i[1:, 1:], i[:-1, 1:]))
    faces = np.concatenate([np.stack([a, b, c], -1), np.stack([a, c, d], -1)])
    colors = np.concatenate([np.rint(255 * uv), np.full((len(uv), 2), 255)], -1).astype(np.uint8)
    fewer = simplified(Model("t", "t", out + [0, 0, 1] * uv[:, 1:], faces, out, uv=uv, colors=colors), 1500, id="f")
    assert len(fewer.faces) <= 1500
    assert np.ptp(fewer.uv[fewer.faces][..., 0], axis=1).max() < 0.2
    # Attributes are still those of the place: around by u, up by v, outwards by the normal.
    around = np.exp(1j * np.arctan2(fewer.vertices_m[:, 1], fewer.vertices_m[:, 0]))
    assert np.abs(np.angle(around / np.exp(2j * np.pi * fewer.uv[:, 0]))).max() < 0.2
    np.testing.assert_allclose(fewer.vertices_m[:, 2], fewer.uv[:, 1], atol=0.05)
    np.testing.assert_allclose(fewer.colors[:, :2] / 255, fewer.uv, atol=0.003)
    assert (np.sum(fewer.normals * fewer.vertices_m * [1, 1, 0], axis=1) > 0.95).all()


def test_the_border_of_an_open_model_stays():
    y, x = np.mgrid[0:33, 0:33]
    i = np.arange(33 * 33).reshape(33, 33)
    a, b, c, d = (p.reshape(-1) for p in (i[:-1, :-1], i[1:, :-1], i[1:, 1:], i[:-1, 1:]))
    vertices = np.stack([x, y, 0 * x], -1).reshape(-1, 3).astype(float)
    sheet = Model("s", "s", vertices, np.concatenate([np.stack([a, b, c], -1), np.stack([a, c, d], -1)]), 0 * vertices)
    fewer = simplified(sheet, 400, id="fewer")
    rim = {tuple(v) for v in vertices if v[:2].min() == 0 or v[:2].max() == 32}
    assert rim <= {tuple(v) for v in fewer.vertices_m.astype(float)}
    assert welded(fewer).area == pytest.approx(32**2)


def test_a_model_of_few_triangles_stays_as_it_is():
    box = builtin.model("box", "box")
    fewer = coarser(box, id="box~1")
    assert fewer.id == "box~1"
    np.testing.assert_array_equal(fewer.faces, box.faces)


def test_a_library_gives_a_level_by_its_id_and_keeps_it():
    library = FileLibrary([Resource("bottle-1", "model", "builtin:bottle")])
    counts = [len(library.model(level_id("bottle-1", level)).faces) for level in range(5)]
    assert counts[0] == len(builtin.model("bottle", "b").faces)
    assert counts[1] == pytest.approx(counts[0] / 4, rel=0.01)
    assert counts[2] == pytest.approx(counts[0] / 16, rel=0.3)
    assert min(counts) >= FEWEST_FACES
    assert library.model("bottle-1~2") is library.model("bottle-1~2")
    assert library.model("bottle-1~2").id == "bottle-1~2"


def test_levels_of_a_model_of_many_triangles_are_made_once_for_all_processes(tmp_path, monkeypatch):
    monkeypatch.setenv("CYCLORAMA_CACHE", str(tmp_path))
    monkeypatch.setattr("cyclorama.assets.library.MANY_FACES", 5000)
    resources = [Resource("bottle-1", "model", "builtin:bottle")]
    made = FileLibrary(resources).model("bottle-1~2")
    monkeypatch.setattr("cyclorama.assets.library.coarser", None)
    library = FileLibrary(resources)
    read = library.model("bottle-1~2")
    for field in dataclasses.fields(Model):
        if field.name != "textures":
            np.testing.assert_equal(getattr(read, field.name), getattr(made, field.name))
    assert read.textures is library.model("bottle-1").textures


def test_levels_are_made_where_there_is_no_room_to_keep_them(tmp_path, monkeypatch):
    (tmp_path / "models").write_text("a file, and no folder")
    monkeypatch.setenv("CYCLORAMA_CACHE", str(tmp_path))
    monkeypatch.setattr("cyclorama.assets.library.MANY_FACES", 5000)
    library = FileLibrary([Resource("bottle-1", "model", "builtin:bottle")])
    assert len(library.model("bottle-1~1").faces) == len(library.model("bottle-1").faces) // 4


@pytest.mark.parametrize("id", ["mug-3fa2b1c4d5", "a~b-12", "~", "x~", ""])
def test_an_id_and_a_level_are_put_together_and_taken_apart(id):
    for level in (0, 1, 12):
        assert id_and_level(level_id(id, level)) == (id, level)
