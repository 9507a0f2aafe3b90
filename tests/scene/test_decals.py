"""Stickers, tags and stains on targets."""

from dataclasses import replace

import numpy as np
import pytest
import trimesh
from PIL import Image

from cyclorama.assets.vessels import GAP
from cyclorama.core.errors import InputError
from cyclorama.core.plain import from_plain, to_plain
from cyclorama.core.scene import Scene
from cyclorama.scene import Recipe, gather, sample_scene


def recipe_of(model="builtin:mug", **material):
    return Recipe.model_validate({"targets": [{"model": model}], "material": material})


def sampled(recipe, count=40):
    assets = gather(recipe)
    scenes = [sample_scene(recipe, assets, seed=0, index=i) for i in range(count)]
    return assets, scenes, [i for scene in scenes for i in scene.instances if i.layer == "target"]


def test_decals_lie_on_the_surface_as_large_as_told_and_turned_any_way():
    assets, _, targets = sampled(recipe_of(decal_count={"randint": [0, 4]}, decal_size={"uniform": [0.1, 0.3]}))
    assert {len(i.surface.decals) for i in targets} == {0, 1, 2, 3, 4}
    model = assets.library.model(targets[0].model)
    decals = [decal for i in targets for decal in i.surface.decals]
    assert len({d.image for d in decals}) > 15
    mesh = trimesh.Trimesh(model.vertices_m, model.faces, process=False)
    centers, right, up = (np.array([getattr(d, name) for d in decals]) for name in ("center_m", "right", "up"))
    _, distances, faces = trimesh.proximity.closest_point_naive(mesh, centers)
    assert distances.max() < 1e-5
    frames = np.stack([right, up, np.cross(right, up)], axis=1)
    np.testing.assert_allclose(frames @ frames.transpose(0, 2, 1), np.tile(np.eye(3), (len(decals), 1, 1)), atol=1e-9)
    assert (np.einsum("ij,ij->i", frames[:, 2], mesh.face_normals[faces]) > 0.99).mean() > 0.9
    edges = np.array([max(d.size_m) for d in decals]) / (2 * model.radius_m)
    assert 0.1 <= edges.min() < 0.13
    assert 0.27 < edges.max() <= 0.3
    for decal in decals:
        height, width = assets.library.image(decal.image).shape[:2]
        assert decal.size_m[0] / decal.size_m[1] == pytest.approx(width / height)


def test_places_of_equal_area_have_equal_chances():
    """A slab of 1 x .7 x .15: so much of its surface is its two large sides."""
    assets, _, targets = sampled(recipe_of("builtin:slab", decal_count=4), count=100)
    normals = np.array([np.cross(d.right, d.up) for i in targets for d in i.surface.decals])
    model = assets.library.model(targets[0].model)
    x, y, z = np.ptp(model.bounds_m, axis=0)
    expected = np.array([y * z, x * z, x * y]) / (y * z + x * z + x * y)
    np.testing.assert_allclose((np.abs(normals) > 0.9).mean(axis=0), expected, atol=0.04)


def test_nothing_is_stuck_on_what_a_mug_holds():
    told = {"geometry": {"fill": 1}, "objects": {"orientation": "upright"}, "material": {"decal_count": 4}}
    assets, _, targets = sampled(Recipe.model_validate({"targets": [{"model": "builtin:mug"}], **told}), count=20)
    for target in targets:
        model = assets.library.model(target.model)
        mesh = trimesh.Trimesh(model.vertices_m, model.faces[~model.keeps], process=False)
        assert model.keeps.any()
        centers = np.array([decal.center_m for decal in target.surface.decals])
        assert trimesh.proximity.closest_point_naive(mesh, centers)[1].max() < GAP * model.radius_m


def test_decals_move_nothing_else_and_are_saved_with_the_scene():
    told = {"hue_shift_deg": {"uniform": [-90, 90]}, "wear": 0.5}
    _, _, plain = sampled(recipe_of(**told), count=5)
    _, scenes, found = sampled(recipe_of(**told, decal_count=2), count=5)
    assert [replace(i.surface, decals=()) for i in found] == [i.surface for i in plain]
    read = from_plain(Scene, to_plain(scenes[0]))
    assert [i.surface for i in read.instances] == [i.surface for i in scenes[0].instances]


def test_without_decals_none_is_read_or_drawn():
    assets, scenes, targets = sampled(recipe_of(decals="/nowhere"), count=3)
    assert assets.files["material.decals"] == ()
    assert not any(i.surface.decals for i in targets)
    assert not any("decal" in name for scene in scenes for name in scene.draws)


def test_a_picture_of_ones_own_keeps_its_outline_and_what_is_clear_bleeds_no_colour(tmp_path):
    pixels = np.zeros((4, 6, 4), np.uint8)
    pixels[1:3, 1:5] = (200, 100, 50, 255)
    Image.fromarray(pixels).save(tmp_path / "tag.png")
    assets, _, targets = sampled(recipe_of(decal_count=1, decals=str(tmp_path)), count=1)
    image = assets.library.image(targets[0].surface.decals[0].image)
    assert (image[..., :3] == (200, 100, 50)).all()
    np.testing.assert_array_equal(image[..., 3], pixels[..., 3])


def test_built_in_decals_have_an_outline_and_all_differ():
    assets = gather(recipe_of(decal_count=1))
    pictures = [assets.library.image(id) for id in assets.files["material.decals"]]
    assert len(pictures) == len({p.tobytes() for p in pictures}) == 24
    for picture in pictures:
        assert picture.shape[2] == 4
        assert picture[..., 3].min() == 0
        assert picture[..., 3].max() > 150


def test_more_decals_than_can_be_shown_are_refused():
    with pytest.raises(ValueError, match=r"5 is outside of 0 \.\. 4"):
        recipe_of(decal_count=5)
    with pytest.raises(InputError, match=r"material\.decals: no built-in decal 'sticker-99'"):
        gather(recipe_of(decal_count=1, decals="builtin:sticker-99"))
