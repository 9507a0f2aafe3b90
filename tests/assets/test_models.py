"""Model files in, triangles in metres out; and one sentence for each way a file can be wrong."""

import numpy as np
import pytest
import trimesh
from PIL import Image

from cyclorama.assets import builtin
from cyclorama.assets.doctor import inspect_model
from cyclorama.assets.library import FileLibrary
from cyclorama.assets.resources import environment_resource, image_resource, model_resource
from cyclorama.assets.rest import stable_rotations
from cyclorama.core.errors import InputError


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CYCLORAMA_CACHE", str(tmp_path / "cache"))


def loaded(path, **options):
    resource = model_resource(path, **options)
    return FileLibrary([resource]).model(resource.id)


def brick():
    """2 x 3 x 4, so that axes can't be confused."""
    return trimesh.creation.box((2.0, 3.0, 4.0))


@pytest.mark.parametrize("suffix", ["obj", "ply", "stl", "glb", "gltf", "OBJ", "PLY", "STL", "GLB"])
def test_every_format_gives_the_same_brick_in_metres_with_z_up(suffix, tmp_path):
    path = tmp_path / f"brick.{suffix}"
    mesh = brick()
    if suffix.lower() in ("glb", "gltf"):
        mesh.apply_transform(trimesh.transformations.rotation_matrix(-np.pi / 2, [1, 0, 0]))  # glTF is y up.
    if suffix == "gltf":
        for name, content in trimesh.exchange.gltf.export_gltf(trimesh.Scene(mesh)).items():
            (tmp_path / (path.name if name == "model.gltf" else name)).write_bytes(content)
    else:
        path.write_bytes(_exported(mesh, suffix.lower()))
    model = loaded(path, unit="cm")
    np.testing.assert_allclose(np.ptp(model.bounds_m, axis=0), [0.02, 0.03, 0.04], rtol=1e-5)
    volume = trimesh.Trimesh(model.vertices_m, model.faces).volume
    assert volume == pytest.approx(0.02 * 0.03 * 0.04, rel=1e-4), "and its faces look outwards"


def _exported(mesh, kind):
    content = mesh.export(file_type=kind)
    return content.encode() if isinstance(content, str) else content


def test_edges_stay_sharp_and_curves_become_smooth(tmp_path):
    sharp = loaded_stl(brick(), tmp_path)
    assert len(np.unique(np.round(sharp.normals, 3), axis=0)) == 6
    round_ = loaded_stl(trimesh.creation.icosphere(subdivisions=3), tmp_path)
    outward = round_.vertices_m / np.linalg.norm(round_.vertices_m, axis=1, keepdims=True)
    assert np.sum(outward * round_.normals, axis=1).min() > np.cos(np.radians(2))


def loaded_stl(mesh, folder):
    (folder / "mesh.stl").write_bytes(_exported(mesh, "stl"))
    return loaded(folder / "mesh.stl")


def textured_quad(folder):
    Image.new("RGB", (8, 8), (200, 30, 40)).save(folder / "skin.png")
    (folder / "quad.mtl").write_text("newmtl skin\nKd 1 1 1\nmap_Kd skin.png\n")
    (folder / "quad.obj").write_text(
        "mtllib quad.mtl\nusemtl skin\nv 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 1 1\nvt 0 1\n"
        "f 1/1 2/2 3/3\nf 1/1 3/3 4/4\n"
    )
    return folder / "quad.obj"


def test_a_texture_and_its_coordinates_come_along_and_survive_the_cache(tmp_path):
    path = textured_quad(tmp_path)
    for model in (loaded(path), loaded(path)):
        (name,) = model.textures
        assert model.materials[0].base_color_texture == name
        assert tuple(model.textures[name][0, 0]) == (200, 30, 40)
        assert model.materials[0].base_color == (1, 1, 1, 1)
        corner = model.uv[np.argmax(model.vertices_m @ [1, 1, 0])]
        np.testing.assert_allclose(corner, [1, 1])


def test_vertex_colours_come_along(tmp_path):
    mesh = brick()
    mesh.visual.vertex_colors = np.tile([[10, 200, 30, 255]], (8, 1)).astype(np.uint8)
    path = tmp_path / "scan.ply"
    path.write_bytes(mesh.export(file_type="ply"))
    assert (loaded(path).colors == [10, 200, 30, 255]).all()


def test_the_id_follows_the_content_and_the_options_not_the_place(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    a, b = textured_quad(tmp_path / "a"), textured_quad(tmp_path / "b")
    assert model_resource(a).id == model_resource(b).id
    assert model_resource(a, unit="cm").id != model_resource(a).id
    Image.new("RGB", (8, 8), (0, 0, 0)).save(tmp_path / "b" / "skin.png")
    assert model_resource(b).id != model_resource(a).id


def no_file(folder):
    (folder / "mug.glb").write_bytes(b"x")
    return folder / "mgu.glb"


def unknown_format(folder):
    (folder / "mug.step").write_text("ISO-10303-21;")
    return folder / "mug.step"


def no_faces(folder):
    (folder / "empty.obj").write_text("v 0 0 0\nv 1 0 0\n")
    return folder / "empty.obj"


def not_a_number(folder):
    (folder / "nan.obj").write_text("v 0 0 0\nv nan 0 0\nv 0 1 0\nf 1 2 3\n")
    return folder / "nan.obj"


def one_point(folder):
    (folder / "point.obj").write_text("v 1 1 1\nv 1 1 1\nv 1 1 1\nf 1 2 3\n")
    return folder / "point.obj"


def damaged_glb(folder):
    (folder / "bad.glb").write_bytes(brick().export(file_type="glb")[:200])
    return folder / "bad.glb"


def damaged_gltf(folder):
    (folder / "bad.gltf").write_text("{not json")
    return folder / "bad.gltf"


def lost_texture(folder):
    path = textured_quad(folder)
    (folder / "skin.png").unlink()
    return path


def giant(folder):
    mesh = brick()
    mesh.apply_scale(1000)
    (folder / "giant.stl").write_bytes(mesh.export(file_type="stl"))
    return folder / "giant.stl"


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (no_file, r"no model file '.*mgu.glb'. Did you mean '.*mug.glb'\?"),
        (unknown_format, "can't read '.step' models; expected .obj"),
        (no_faces, "no triangles|damaged"),
        (not_a_number, "vertex 1 is not a finite number"),
        (one_point, "no size"),
        (damaged_glb, "damaged"),
        (damaged_gltf, "is not a glTF file"),
        (lost_texture, "texture 'skin.png' is not there.*texture: none"),
        (giant, "4e\\+03 m large when read in 'm'; set 'unit: mm'"),
    ],
    ids=lambda v: getattr(v, "__name__", ""),
)
def test_a_file_that_cannot_be_used_is_refused_with_one_sentence(make, says, tmp_path):
    with pytest.raises(InputError, match=says) as refused:
        model_resource(make(tmp_path))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(("unit", "says"), [("mmm", "Did you mean 'mm'"), ("-1", "positive"), ("nan", "positive")])
def test_a_unit_that_is_none_is_refused(unit, says, tmp_path):
    with pytest.raises(InputError, match=says):
        model_resource(textured_quad(tmp_path), unit=unit)


def test_a_lost_texture_can_be_done_without(tmp_path):
    assert loaded(lost_texture(tmp_path), texture="none").materials[0].base_color_texture is None


@pytest.mark.parametrize("content", [b"", b"#?RADIANCE\nrubbish", b"\x89PNG\r\n\x1a\n1234"])
def test_damaged_images_and_maps_are_refused_with_one_sentence(content, tmp_path):
    for name, load in (("map.hdr", environment_resource), ("map.exr", environment_resource), ("i.png", image_resource)):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=r"damaged|can't be read"):
            load(tmp_path / name)


@pytest.mark.parametrize("name", builtin.MODELS + builtin.SHAPES)
def test_built_in_models_have_real_sizes_and_unit_normals(name):
    resource = model_resource(f"builtin:{name}")
    model = FileLibrary([resource]).model(resource.id)
    report = inspect_model(resource)
    assert 0.01 < max(report.size_m) < 0.3
    np.testing.assert_allclose(np.linalg.norm(model.normals, axis=1), 1, atol=1e-5)
    corners = model.vertices_m[model.faces].astype(float)
    faces_out = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    agree = np.sum(faces_out * model.normals[model.faces].mean(axis=1), axis=1)
    assert (agree > 0).mean() > 0.99, "shading normals lie on the faces' own side"


def test_built_in_textures_and_environments_are_the_same_at_every_call():
    for name in builtin.TEXTURES:
        np.testing.assert_array_equal(builtin.texture(name), builtin.texture(name))
    for name in builtin.ENVIRONMENTS:
        radiance = builtin.environment(name)
        assert radiance.shape == (256, 512, 3)
        assert np.isfinite(radiance).all()
        assert radiance.min() >= 0


def test_a_die_rests_on_each_of_its_six_sides_alike():
    resource = model_resource("builtin:die")
    model = FileLibrary([resource]).model(resource.id)
    rotations, chances = stable_rotations(model)
    assert len(rotations) == 6
    np.testing.assert_allclose(chances, 1 / 6, rtol=0.01)
    for rotation in rotations:
        np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-9)
        height = np.ptp((model.vertices_m - model.center_m) @ rotation.T, axis=0)[2]
        assert height == pytest.approx(0.022, rel=1e-3)
