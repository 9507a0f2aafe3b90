"""Materials of several maps: built in, and from folders as libraries of textures name them."""

import numpy as np
import pytest
from PIL import Image

from cyclorama.assets import builtin
from cyclorama.assets.library import FileLibrary
from cyclorama.assets.material_sets import material_sets, surface_of
from cyclorama.assets.resources import builtin_material_resources, material_resource, wear_resources
from cyclorama.core.errors import InputError
from cyclorama.render.engines.cycles.relief import heights_of

AMBIENTCG = ["Color.jpg", "NormalGL.jpg", "NormalDX.jpg", "Roughness.jpg", "Metalness.jpg", "Displacement.jpg"]
POLY_HAVEN = ["diff_1k.jpg", "nor_gl_1k.png", "nor_dx_1k.png", "rough_1k.jpg", "arm_1k.jpg", "disp_1k.png"]


@pytest.fixture
def folder(tmp_path):
    for number, kind in enumerate(AMBIENTCG):
        write(tmp_path / "Metal032_1K-JPG" / f"Metal032_1K-JPG_{kind}", number)
    for number, kind in enumerate(POLY_HAVEN):
        write(tmp_path / "wood" / f"oak_veneer_01_{kind}", 10 + number)
    write(tmp_path / "preview.jpg", 0)
    write(tmp_path / "lonely_Color.jpg", 0)
    return tmp_path


def write(path, shade):
    path.parent.mkdir(exist_ok=True)
    Image.new("RGB", (8, 8), (10 * shade,) * 3).save(path, quality=100)


def test_sets_are_found_as_libraries_of_textures_name_them(folder):
    found = [{kind: file.name for kind, file in maps.items()} for maps in material_sets(folder)]
    assert found == [
        {
            "color": "Metal032_1K-JPG_Color.jpg",
            "metallic": "Metal032_1K-JPG_Metalness.jpg",
            "normal": "Metal032_1K-JPG_NormalGL.jpg",
            "roughness": "Metal032_1K-JPG_Roughness.jpg",
        },
        {
            "color": "oak_veneer_01_diff_1k.jpg",
            "normal": "oak_veneer_01_nor_gl_1k.png",
            "roughness": "oak_veneer_01_rough_1k.jpg",
        },
    ]


def test_a_set_is_one_resource_whose_maps_any_process_loads(folder):
    metal, oak = (material_resource(maps) for maps in material_sets(folder))
    library = FileLibrary.from_plain(FileLibrary([metal, oak]).to_plain())
    surface = surface_of(metal)
    ids = (surface.texture, surface.normal_map, surface.roughness_map, surface.metallic_map)
    assert [int(library.image(id).mean()) for id in ids] == [0, 10, 30, 40]
    assert (surface.roughness, surface.metallic) == (None, None)
    assert (surface_of(oak).metallic_map, surface_of(oak).metallic) == (None, 0.0)


def test_a_sets_id_changes_with_any_of_its_maps(folder):
    before = material_resource(material_sets(folder)[1]).id
    write(folder / "wood" / "oak_veneer_01_rough_1k.jpg", 3)
    assert material_resource(material_sets(folder)[1]).id != before


@pytest.mark.parametrize("name", builtin.MATERIALS)
def test_built_in_materials_are_seamless_plausible_and_always_the_same(name):
    color, normal, rough = (builtin.material_map(name, kind) for kind in ("color", "normal", "roughness"))
    np.testing.assert_array_equal(color, builtin.material_map(name, "color"))
    assert 12 <= color.mean() <= 250
    assert normal[..., 2].mean() > 180
    np.testing.assert_allclose(normal[..., :2].mean(axis=(0, 1)), 127.5, atol=2)
    assert rough.min() > 5
    assert rough.max() <= 255
    # Across the border texels differ no more than across any other column or row.
    for values in (color.astype(float), rough.astype(float)):
        for axis in (0, 1):
            steps = np.abs(np.diff(values, axis=axis)).mean(axis=(1 - axis, 2))
            across = np.abs(values.take(0, axis) - values.take(-1, axis)).mean()
            assert across <= 1.5 * steps.max() + 2


def test_metals_are_metals_and_a_family_is_found_by_its_name():
    wood = builtin_material_resources("builtin:wood")
    assert [r.source for r in wood] == [f"builtin:wood-{i}" for i in range(1, 5)]
    assert surface_of(builtin_material_resources("builtin:brushed_metal-2")[0]).metallic == 1.0
    assert surface_of(wood[0]).metallic == 0.0
    with pytest.raises(InputError, match=r"no built-in material 'woood'. Did you mean 'wood'"):
        builtin_material_resources("builtin:woood")


def test_wear_is_dull_rather_than_dusty_but_for_dust():
    library = FileLibrary(wear_resources())
    for resource in wear_resources():
        dull, dusty, chips = library.image(resource.id).reshape(-1, 3).mean(axis=0)
        assert (dusty > 20) == resource.id.startswith("dust")
        assert dull > 1
        assert 80 < chips < 150  # Where edges are worn, whatever else wear does.


def test_heights_have_the_slopes_of_their_normal_map():
    y, x = 2 * np.pi * np.mgrid[0:64, 0:96] / np.array([64, 96])[:, None, None]
    heights = 0.02 * np.sin(2 * x + y) + 0.01 * np.cos(x - 3 * y)
    right = 2 * np.pi * (0.04 * np.cos(2 * x + y) - 0.01 * np.sin(x - 3 * y))
    down = 2 * np.pi * (0.02 * np.cos(2 * x + y) + 0.03 * np.sin(x - 3 * y))
    normals = np.stack([-right, down, np.ones_like(right)], -1)
    pixels = np.rint(127.5 * (normals / np.linalg.norm(normals, axis=-1, keepdims=True) + 1)).astype(np.uint8)
    np.testing.assert_allclose(heights_of(pixels), heights, atol=3e-4)
