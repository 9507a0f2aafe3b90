"""Model files in, triangles in metres out; and one sentence for each way a file can be wrong."""

import errno
import json
import struct
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from cyclorama.assets import builtin
from cyclorama.assets.cache import read_model
from cyclorama.assets.doctor import inspect_model
from cyclorama.assets.library import FileLibrary
from cyclorama.assets.references import missing_textures, referenced_files
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


@pytest.mark.parametrize("lines", ["mtllib a.mtl my b.mtl", "mtllib\ta.mtl\nmtllib my b.mtl"], ids=["one", "two"])
def test_all_libraries_of_materials_are_read(lines, tmp_path):
    for name, color in (("a", (200, 30, 40)), ("my b", (20, 210, 60))):
        Image.new("RGB", (8, 8), color).save(tmp_path / f"{name}.png")
        (tmp_path / f"{name}.mtl").write_text(f"newmtl {name[-1]}\nKd 1 1 1\nmap_Kd\t{name}.png\n")
    corners = "v 0 0 0\nv 1 0 0\nv 1 1 0\nvt 0 0\nvt 1 0\nvt 1 1\n"
    (tmp_path / "two.obj").write_text(f"{lines}\n{corners}usemtl a\nf 1/1 2/2 3/3\nusemtl b\nf 1/1 3/3 2/2\n")
    pixels = {tuple(texture[0, 0]) for texture in loaded(tmp_path / "two.obj").textures.values()}
    assert pixels == {(200, 30, 40), (20, 210, 60)}
    names = {p.name for p in referenced_files(tmp_path / "two.obj")}
    assert names == {"a.mtl", "my b.mtl", "a.png", "my b.png"}
    (tmp_path / "my b.png").unlink()
    assert missing_textures(tmp_path / "two.obj") == ["my b.png"]


def test_vertex_colours_come_along(tmp_path):
    mesh = brick()
    mesh.visual.vertex_colors = np.tile([[10, 200, 30, 255]], (8, 1)).astype(np.uint8)
    path = tmp_path / "scan.ply"
    path.write_bytes(mesh.export(file_type="ply"))
    assert (loaded(path).colors == [10, 200, 30, 255]).all()


def test_vertex_colours_of_gltf_are_linear_whatever_their_type(tmp_path):
    """glTF 2.0, 3.7.2.1; Blender writes 16 bits where a mesh has no material."""
    linear = np.array([0.0, 0.2140411, 0.5, 1.0])
    for dtype, whole in ((np.uint8, 255), (np.uint16, 65535), (np.float32, 1)):
        part = {"COLOR_0": np.tile(linear * whole, (3, 1)).astype(dtype)}
        model = loaded(triangle_glb(tmp_path / "colored.glb", part))
        np.testing.assert_allclose(model.colors, np.tile([0, 128, 188, 255], (3, 1)), atol=1.5)


def triangle_glb(path, attributes):
    """By hand, as the specification has it: https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html."""
    attributes = {"POSITION": np.eye(3, dtype=np.float32), **attributes}
    kinds = {"float32": 5126, "uint8": 5121, "uint16": 5123}
    binary, views, accessors = b"", [], []
    for values in attributes.values():
        views.append({"buffer": 0, "byteOffset": len(binary), "byteLength": values.nbytes})
        accessors.append({"bufferView": len(accessors), "componentType": kinds[values.dtype.name], "count": 3})
        accessors[-1] |= {"type": f"VEC{values.shape[1]}", "normalized": values.dtype.kind == "u"}
        binary += values.tobytes() + bytes(-values.nbytes % 4)
    header = {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {name: i for i, name in enumerate(attributes)}}]}],
        "buffers": [{"byteLength": len(binary)}], "bufferViews": views, "accessors": accessors,
    }  # fmt: skip
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(binary), b"BIN\0") + binary
    path.write_bytes(struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks)
    return path


def ply_of(folder, *comments, last="1 1"):
    """A square whose vertices have texture coordinates, equal to x and y, and colours; as Blender writes it."""
    rows = ["0 0 0 10 20 30 0 0", "1 0 0 40 50 60 1 0", "0 1 0 70 80 90 0 1", f"1 1 0 99 98 97 {last}"]
    (folder / "scan.ply").write_text("\n".join([
        "ply", "format ascii 1.0", *(f"comment {c}" for c in comments), "element vertex 4",
        *(f"property float {n}" for n in "xyz"), *(f"property uchar {n}" for n in ("red", "green", "blue")),
        *(f"property float {n}" for n in "st"), "element face 2", "property list uchar int vertex_indices",
        "end_header", *rows, "3 2 0 1", "3 1 3 2", "",
    ]))  # fmt: skip
    return folder / "scan.ply"


def test_texture_coordinates_that_are_no_numbers_do_no_harm(tmp_path):
    """Blender writes them into .ply for corners that have none."""
    assert np.isfinite(loaded(ply_of(tmp_path, last="nan nan")).uv).all()


def test_vertex_colours_and_texture_coordinates_come_along_together(tmp_path):
    model = loaded(ply_of(tmp_path))
    assert (dict(model.textures), model.materials[0].base_color) == ({}, (1, 1, 1, 1))
    np.testing.assert_array_equal(model.uv, model.vertices_m[:, :2])
    of_place = {(0, 0): (10, 20, 30), (1, 0): (40, 50, 60), (0, 1): (70, 80, 90), (1, 1): (99, 98, 97)}
    expected = [of_place[tuple(xy)] for xy in model.vertices_m[:, :2].astype(int)]
    np.testing.assert_array_equal(model.colors[:, :3], expected)


@pytest.mark.parametrize(("name", "comments"), [("scan.png", []), ("skin.png", ["TextureFile skin.png"])])
def test_the_texture_of_a_scan_is_that_of_its_name_or_that_which_it_names(name, comments, tmp_path):
    Image.new("RGB", (8, 8), (200, 30, 40)).save(tmp_path / name)
    (pixels,) = loaded(ply_of(tmp_path, *comments)).textures.values()
    assert tuple(pixels[0, 0]) == (200, 30, 40)


def test_a_model_without_a_material_is_light_grey(tmp_path):
    (tmp_path / "plain.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 0 1\nf 1/1 2/2 3/3\n")
    model = loaded(tmp_path / "plain.obj")
    assert (dict(model.textures), model.materials[0].base_color) == ({}, (0.8, 0.8, 0.8, 1))


def test_a_file_of_several_parts_is_imported_alike_every_time(tmp_path, monkeypatch):
    """trimesh names the parts of a glTF mesh in part at random."""
    scene = trimesh.Scene([trimesh.creation.box((1, 1, 1 + n)) for n in range(3)])
    header, binary = gltf_parts_of(scene.export(file_type="glb"))
    merged = [p for mesh in header["meshes"] for p in mesh["primitives"]]
    header |= {"meshes": [{"name": "all", "primitives": merged}], "nodes": [{"mesh": 0}], "scenes": [{"nodes": [0]}]}
    header["buffers"] = [{"byteLength": len(binary), "uri": "all.bin"}]
    (tmp_path / "all.bin").write_bytes(binary)
    (tmp_path / "all.gltf").write_text(json.dumps(header))
    imports = []
    for n in range(6):
        monkeypatch.setenv("CYCLORAMA_CACHE", str(tmp_path / f"cache{n}"))
        imports.append(loaded(tmp_path / "all.gltf").vertices_m)
    assert all(np.array_equal(imports[0], other) for other in imports)


def gltf_parts_of(glb):
    length = struct.unpack_from("<I", glb, 12)[0]
    return json.loads(glb[20 : 20 + length]), glb[28 + length :]


@pytest.mark.parametrize("written", ["../tex/my skin.png", "../tex/my%20skin.png", "..\\tex\\my skin.png"])
@pytest.mark.parametrize("kind", ["obj", "gltf"])
def test_a_texture_is_found_wherever_the_model_says(kind, written, tmp_path):
    (tmp_path / "tex").mkdir()
    (tmp_path / "mesh").mkdir()
    path = textured_quad(tmp_path / "mesh")
    if kind == "gltf":
        for name, content in trimesh.exchange.gltf.export_gltf(trimesh.load_scene(path, process=False)).items():
            (tmp_path / "mesh" / name).write_bytes(content)
        path = tmp_path / "mesh" / "model.gltf"
        header = json.loads(path.read_text())
        header["images"] = [{"uri": written}]
        path.write_text(json.dumps(header))
    else:
        (tmp_path / "mesh" / "quad.mtl").write_text(f"newmtl skin\nKd 1 1 1\nmap_Kd {written}\n")
    (tmp_path / "mesh" / "skin.png").rename(tmp_path / "tex" / "my skin.png")
    (pixels,) = loaded(path).textures.values()
    assert tuple(pixels[0, 0, :3]) == (200, 30, 40)


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


def lost_texture_of_a_scan(folder):
    return ply_of(folder, "TextureFile skin.png")


def damaged_texture(folder):
    path = textured_quad(folder)
    content = (folder / "skin.png").read_bytes()
    (folder / "skin.png").write_bytes(content[: len(content) // 2])
    return path


def damaged_texture_inside(folder):
    noise = np.random.default_rng(0).integers(0, 255, (32, 32, 3)).astype(np.uint8)
    visual = trimesh.visual.TextureVisuals(uv=np.eye(3)[:, :2], image=Image.fromarray(noise))
    content = bytearray(trimesh.Trimesh(np.eye(3), [[0, 1, 2]], visual=visual, process=False).export(file_type="glb"))
    start = content.index(b"IDAT") + 4
    content[start : start + 200] = bytes(200)
    (folder / "inside.glb").write_bytes(content)
    return folder / "inside.glb"


def a_folder(folder):
    return folder


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
        (damaged_gltf, "can.t be read as gltf, the file is damaged"),
        (lost_texture, "texture 'skin.png' is not there.*texture: none"),
        (lost_texture_of_a_scan, "texture 'skin.png' is not there.*texture: none"),
        (damaged_texture, "texture 'skin.png' can't be read as an image, it is damaged; .*'texture: none'"),
        (damaged_texture_inside, "texture '0' can't be read as an image, it is damaged; .*'texture: none'"),
        (a_folder, "is a folder; name the model file in it"),
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


@pytest.mark.parametrize("make", [lost_texture, damaged_texture, damaged_texture_inside])
def test_a_lost_or_damaged_texture_can_be_done_without(make, tmp_path):
    assert loaded(make(tmp_path), texture="none").materials[0].base_color_texture is None


@pytest.mark.parametrize("options", [{"unit": "mm"}, {"up": "y"}, {"texture": "none"}], ids=str)
def test_what_a_built_in_model_has_of_its_own_cannot_be_given(options):
    with pytest.raises(InputError, match=r"builtin:mug: has a size, an up axis and textures of its own; leave out"):
        model_resource("builtin:mug", **options)


@pytest.mark.parametrize("content", [b"", b"#?RADIANCE\nrubbish", b"\x89PNG\r\n\x1a\n1234"])
def test_damaged_images_and_maps_are_refused_with_one_sentence(content, tmp_path):
    for name, load in (("map.hdr", environment_resource), ("map.exr", environment_resource), ("i.png", image_resource)):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=r"damaged|can't be read"):
            load(tmp_path / name)


def test_damage_that_only_decoding_shows_is_told_in_one_sentence_when_the_picture_is_loaded(tmp_path):
    Image.effect_noise((64, 64), 50).save(tmp_path / "half.jpg")
    content = (tmp_path / "half.jpg").read_bytes()
    (tmp_path / "half.jpg").write_bytes(content[: len(content) // 2])
    resource = image_resource(tmp_path / "half.jpg")
    with pytest.raises(InputError, match=r"^/.*/half\.jpg: can't be decoded \(.*\); is the file damaged\?$"):
        FileLibrary([resource]).image(resource.id)


def test_a_picture_of_whole_numbers_is_no_environment_map(tmp_path):
    for name in ("sky.png", "sky.hdr"):
        Image.new("RGB", (64, 32), "white").save(tmp_path / name, "PNG")
        with pytest.raises(InputError, match="is a picture of uint8, no light; expected a map"):
            environment_resource(tmp_path / name)


def test_an_image_of_more_pixels_than_can_be_is_refused_with_one_sentence(tmp_path, monkeypatch):
    Image.new("RGB", (64, 32)).save(tmp_path / "large.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(InputError, match="is too large; make it smaller"):
        image_resource(tmp_path / "large.png")


@pytest.mark.parametrize("damage", [lambda content: content[:200], lambda content: b""], ids=["cut off", "empty"])
def test_a_damaged_cached_model_is_imported_again(damage, tmp_path):
    trimesh.creation.box().export(tmp_path / "box.ply")
    id = model_resource(tmp_path / "box.ply").id
    (kept,) = (tmp_path / "cache").rglob("*.npz")
    whole = kept.read_bytes()
    kept.write_bytes(damage(whole))
    assert read_model(id) is None
    assert model_resource(tmp_path / "box.ply").id == id
    assert len(read_model(id).faces) == 12


def test_a_full_disk_is_told_with_the_cache_that_it_holds_and_leaves_nothing_half_written(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    trimesh.creation.box().export(tmp_path / "box.ply")
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(
        InputError, match=r"cache/models': No space left on device; make room, or set \$CYCLORAMA_CACHE"
    ):
        model_resource(tmp_path / "box.ply")
    assert [p for p in (tmp_path / "cache").rglob("*") if p.is_file()] == []


def test_the_id_of_a_glb_follows_a_texture_outside_of_it(tmp_path):
    header = json.dumps({"asset": {"version": "2.0"}, "images": [{"uri": "skin.png"}]}).encode()
    header += b" " * (-len(header) % 4)
    chunk = struct.pack("<II", len(header), 0x4E4F534A) + header
    (tmp_path / "a.glb").write_bytes(b"glTF" + struct.pack("<II", 2, 12 + len(chunk)) + chunk)
    assert [p.name for p in referenced_files(tmp_path / "a.glb")] == ["skin.png"]
    assert missing_textures(tmp_path / "a.glb") == ["skin.png"]


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
