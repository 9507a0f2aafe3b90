"""Swapping what labels show."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from cyclorama.assets.builtin import model as builtin
from cyclorama.assets.fill import filled
from cyclorama.core.errors import InputError
from cyclorama.core.filling import Filling
from cyclorama.core.model import Material
from cyclorama.core.plain import from_plain, to_plain
from cyclorama.core.scene import Scene
from cyclorama.scene import Recipe, gather, sample_scene
from cyclorama.scene.labels import check_labels, label_materials

BOTTLE, MUG = builtin("bottle", "bottle"), builtin("mug", "mug")
NAMES = [m.name for m in BOTTLE.materials]
TWO = replace(
    BOTTLE,
    name="two",
    materials=(*BOTTLE.materials[:2], Material("back", base_color_texture="t")),
    textures={**BOTTLE.textures, "t": np.zeros((2, 2, 3), np.uint8)},
)


def recipe_of(model="builtin:bottle", **material):
    return Recipe.model_validate({"targets": [{"model": model}], "material": material})


def surfaces(recipe, count=40):
    assets = gather(recipe)
    scenes = [sample_scene(recipe, assets, seed=0, index=i) for i in range(count)]
    return assets, scenes, [i.surface for scene in scenes for i in scene.instances if i.layer == "target"]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([], ["label"]),
        (["label"], ["label"]),
        (["LAB*"], ["label"]),
        (["cap", "plastic"], ["plastic", "cap"]),
        (["x"], []),
    ],
    ids=["the one with a texture", "a name", "a pattern", "several, without textures", "none"],
)
def test_labels_are_the_materials_that_are_named(parts, expected):
    assert [NAMES[i] for i in label_materials(BOTTLE, parts)] == expected
    assert label_materials(replace(BOTTLE, uv=None), parts) == ()


def test_what_a_bottle_holds_is_no_label():
    full = filled(BOTTLE, Filling(0.5, "milk"), id="full")
    assert len(full.materials) == len(BOTTLE.materials) + 1
    assert label_materials(full, ["*"]) == label_materials(BOTTLE, ["*"])
    assert label_materials(full, ["milk"]) == ()


@pytest.mark.parametrize(
    ("models", "parts", "error"),
    [
        ([BOTTLE], ["labl"], "named 'labl'; the targets have: plastic, label, cap. Did you mean 'label'?"),
        ([TWO], [], "'two' has 2 textures; name the materials that are labels: plastic, label, back"),
        ([MUG], [], "no target has a texture; name the materials that are labels: glaze"),
        ([replace(BOTTLE, uv=None)], ["label"], "no material with texture coordinates is named 'label'"),
    ],
    ids=["a wrong name", "several textures", "no texture", "no coordinates"],
)
def test_what_is_not_clear_is_told_with_the_names_there_are(models, parts, error):
    with pytest.raises(InputError) as raised:
        check_labels(models, parts)
    assert error in str(raised.value)


def test_one_model_of_several_may_have_the_label():
    check_labels([MUG, BOTTLE], [])
    check_labels([MUG, BOTTLE, TWO], ["label"])


def test_a_recipe_whose_label_is_not_there_is_refused_before_the_first_image():
    with pytest.raises(InputError, match=r"material.label_parts: no material .* 'front'"):
        gather(recipe_of(label_probability=0.5, label_parts="front"))


def test_a_share_of_labels_shows_all_pictures_and_nothing_else_changes(tmp_path):
    for name, color in {"red": (255, 0, 0), "blue": (0, 0, 255)}.items():
        Image.new("RGB", (20, 10), color).save(tmp_path / f"{name}.png")
    told = {"hue_shift_deg": {"uniform": [-90, 90]}}
    _, _, plain = surfaces(recipe_of(**told))
    assets, scenes, found = surfaces(recipe_of(**told, label_probability=0.6, labels=str(tmp_path)))
    assert np.mean([s.label is not None for s in found]) == pytest.approx(0.6, abs=0.12)
    assert {s.label for s in found} == {None, *assets.files["material.labels"]}
    assert {s.label_materials for s in found if s.label} == {(1,)}
    assert {tuple(assets.library.image(id)[0, 0]) for id in assets.files["material.labels"]} == {
        (255, 0, 0),
        (0, 0, 255),
    }
    assert [replace(s, label=None, label_materials=()) for s in found[:3]] == plain[:3]
    assert to_plain(from_plain(Scene, to_plain(scenes[0]))) == to_plain(scenes[0])


def test_built_in_labels_all_differ():
    assets = gather(recipe_of(label_probability=1))
    pictures = [assets.library.image(id) for id in assets.files["material.labels"]]
    assert len(pictures) == 24
    assert len({picture.tobytes() for picture in pictures}) == 24
    assert all(picture.std() > 10 for picture in pictures)


def test_without_labels_none_is_read_or_drawn():
    assets, scenes, found = surfaces(recipe_of(labels="/nowhere"), count=3)
    assert assets.files["material.labels"] == ()
    assert {s.label for s in found} == {None}
    assert not any("label" in name for scene in scenes for name in scene.draws)
