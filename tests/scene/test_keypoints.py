"""Which keypoints a recipe's categories have."""

import pytest
import trimesh

from cyclorama.assets import builtin
from cyclorama.core.errors import InputError
from cyclorama.core.skeleton import Skeleton
from cyclorama.scene import Recipe, gather
from cyclorama.scene.keypoints import skeletons, unlabelled

MUG = builtin.model("mug", "mug").landmarks.skeleton


def written(folder, name, stated=None):
    trimesh.creation.box((0.1, 0.1, 0.1)).export(folder / f"{name}.stl")
    if stated:
        (folder / f"{name}.keypoints.yaml").write_text(stated)
    return str(folder / f"{name}.stl")


def found(*targets, **more):
    recipe = Recipe(targets=[{"model": model, "category": category} for model, category in targets], **more)
    assets = gather(recipe)
    return skeletons(recipe, assets.library, assets.targets)


def test_a_category_has_those_of_its_models():
    assert found(("builtin:mug", "cup"), ("builtin:mug", "mug"), ("builtin:die", "die")) == {"cup": MUG, "mug": MUG}


def test_models_without_keypoints_may_be_of_the_same_category(tmp_path):
    corner = "points: {corner: [0.05, 0.05, 0.05]}"
    models = written(tmp_path, "bare"), written(tmp_path, "marked", corner), written(tmp_path, "other", corner)
    assert found(*[(model, "box") for model in models]) == {"box": Skeleton(("corner",))}
    recipe = Recipe(targets=[{"model": model, "category": "box"} for model in models])
    assets = gather(recipe)
    (told,) = unlabelled(recipe, assets.library, assets.targets)
    assert "bare.stl' has no keypoints" in told


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ("points: {a: [0, 0, 0.05], c: [0, 0, 0]}", "names or order"),
        ("points: {b: [0, 0, 0.05], a: [0, 0, 0]}", "names or order"),
        ("points: {a: [0, 0, 0.05], b: [0, 0, 0]}\nbones: [[a, b]]", "bones"),
        ("points: {a: [0, 0, 0.05], b: [0, 0, 0]}\nmirrored: [[a, b]]", "mirrored pairs"),
        ("points: {a: [0, 0, 0.05], b: [0, 0, 0]}\nsigmas: {a: 0.2}", "sigmas"),
    ],
)
def test_keypoints_that_differ_within_a_category_are_refused_unless_they_are_not_asked_for(stated, said, tmp_path):
    first = written(tmp_path, "first", "points: {a: [0, 0, 0.05], b: [0, 0, 0]}")
    second = written(tmp_path, "second", stated)
    assert set(found((first, "one"), (second, "two"))) == {"one", "two"}
    with pytest.raises(InputError, match=f"targets: .*second.* have keypoints that differ in {said}"):
        found((first, "one"), (second, "one"))
    assert found((first, "one"), (second, "one"), labels=["box"]) == {}
