"""One model in every format that we read: the same surface in metres, with its texture and its colours."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cyclorama.assets.doctor import inspect_model
from cyclorama.assets.library import FileLibrary
from cyclorama.assets.meshes import DIRECT, THROUGH_BLENDER
from cyclorama.assets.resources import model_resource
from cyclorama.core.errors import InputError

pytestmark = pytest.mark.blender
# STL knows neither; Wavefront's colours and Stanford's textures are conventions of single programs.
WITHOUT_TEXTURE, WITHOUT_COLORS = (".stl", ".ply"), (".stl", ".obj")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CYCLORAMA_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="session")
def pairs(tmp_path_factory):
    """A folder of pair.fbx, pair.usda and so on; see pair.py."""
    folder = tmp_path_factory.mktemp("pairs")
    Image.fromarray(skin()).save(folder / "skin.png")
    script = Path(__file__).with_name("pair.py")
    subprocess.run([sys.executable, script, folder], check=True, capture_output=True, timeout=300)
    return folder


def skin():
    """Four colours, so that a texture that is turned or mirrored is another."""
    return (
        np.array([[[200, 30, 40], [20, 210, 60]], [[50, 70, 220], [230, 220, 10]]], np.uint8).repeat(8, 0).repeat(8, 1)
    )


def loaded(path, **options):
    resource = model_resource(path, **options)
    return FileLibrary([resource]).model(resource.id)


def of_brick(model, number):
    return (model.vertices_m[:, 0] > 5) == (number == 1)


@pytest.mark.parametrize("suffix", [*DIRECT, *THROUGH_BLENDER])
def test_every_format_gives_the_same_pair_of_bricks(suffix, pairs):
    model = loaded(pairs / f"pair{suffix}")
    np.testing.assert_allclose(model.bounds_m, [[0, 0, 0], [12, 3, 4]], atol=1e-5)
    corners = model.vertices_m[model.faces].astype(float)
    np.testing.assert_allclose(np.einsum("fi,fi->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6, 48)
    if suffix not in WITHOUT_TEXTURE:
        assert_textured(model)
    if suffix not in WITHOUT_COLORS:
        assert_colored(model)


def assert_textured(model):
    """Every corner of the first brick has the texel that its place asks for."""
    mine = of_brick(model, 0)
    x, _, z = model.vertices_m[mine].T
    np.testing.assert_allclose(model.uv[mine], np.stack([x / 2, z / 4], axis=1), atol=1e-4)
    (materials,) = {tuple(np.unique(model.face_materials[mine[model.faces].all(axis=1)]))}
    (name,) = {model.materials[i].base_color_texture for i in materials}
    np.testing.assert_array_equal(model.textures[name][..., :3], skin())


def assert_colored(model):
    """Every corner of the second brick has the colour that its place asks for."""
    mine = of_brick(model, 1)
    expected = [10, 20, 30] + (model.vertices_m[mine] - [10, 0, 0]) * [100, 50, 25]
    np.testing.assert_allclose(model.colors[mine, :3], expected, atol=1.01)


@pytest.mark.parametrize("suffix", [".blend", ".fbx", ".usda"])
@pytest.mark.parametrize(
    ("up", "says", "high"),
    [("auto", "z as Blender reads {} files", 4), ("z", "z as asked for", 4), ("y", "y as asked for, turned to z", 3)],
)
def test_blenders_formats_stand_as_in_blender_unless_asked_to_turn(up, says, high, suffix, pairs):
    report = inspect_model(model_resource(pairs / f"pair{suffix}", up=up))
    assert report.size_m == pytest.approx((12, 7 - high, high))
    assert report.up == says.format(suffix[1:])


@pytest.mark.parametrize("suffix", [".FBX", ".Blend", ".UsdZ"])
def test_upper_case_is_the_same_format(suffix, pairs, tmp_path):
    path = tmp_path / f"PAIR{suffix}"
    shutil.copy(pairs / f"pair{suffix.lower()}", path)
    if suffix != ".UsdZ":
        shutil.copy(pairs / "skin.png", tmp_path)
    model = loaded(path, unit="cm")
    np.testing.assert_allclose(model.bounds_m, np.array([[0, 0, 0], [12, 3, 4]]) / 100, atol=1e-6)
    assert len({m.base_color_texture for m in model.materials} - {None}) == 1


def test_a_file_that_says_its_own_unit_is_in_metres(pairs):
    np.testing.assert_allclose(loaded(pairs / "feet.usda").bounds_m, [[0, 0, 0], [12, 3, 4]], atol=1e-4)


@pytest.mark.parametrize("suffix", [".fbx", ".blend", ".usda"])
def test_an_edited_texture_outside_of_the_file_makes_another_model(suffix, pairs, tmp_path):
    path = tmp_path / f"pair{suffix}"
    shutil.copy(pairs / path.name, path)
    skins = [folder / "skin.png" for folder in (tmp_path, tmp_path / "textures")]
    for file in skins:
        file.parent.mkdir(exist_ok=True)
        Image.fromarray(skin()).save(file)
    first, again = model_resource(path), model_resource(path)
    for file in skins:
        Image.fromarray(255 - skin()).save(file)
    edited = model_resource(path)
    assert first == again != edited
    (pixels,) = FileLibrary([edited]).model(edited.id).textures.values()
    np.testing.assert_array_equal(pixels[..., :3], 255 - skin())


@pytest.mark.parametrize("content", [None, b"no picture"], ids=["missing", "damaged"])
@pytest.mark.parametrize(("suffix", "says"), [(".fbx", "skin.png"), (".blend", "skin.png"), (".usda", "skin")])
def test_a_texture_that_blender_cannot_load_is_named_and_can_be_done_without(suffix, says, content, pairs, tmp_path):
    path = tmp_path / f"pair{suffix}"
    shutil.copy(pairs / path.name, path)
    if content:
        for folder in (tmp_path, tmp_path / "textures"):
            folder.mkdir(exist_ok=True)
            (folder / "skin.png").write_bytes(content)
    with pytest.raises(InputError, match=rf"pair{suffix}: texture '.*{says}.*' is missing or damaged; put it beside"):
        model_resource(path)
    if content is None:
        assert not any(m.base_color_texture for m in loaded(path, texture="none").materials)


@pytest.mark.parametrize("suffix", THROUGH_BLENDER)
def test_a_damaged_file_of_blenders_formats_is_refused_with_one_sentence(suffix, tmp_path):
    path = tmp_path / f"bad{suffix}"
    path.write_bytes(b"rubbish" * 100)
    with pytest.raises(InputError, match=rf"bad{suffix}: can't be imported: .*damaged") as refused:
        model_resource(path)
    assert "\n" not in str(refused.value)
