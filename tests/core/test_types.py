"""The types that flow: exact as JSON, checked at the door, strict about labels."""

import json

import numpy as np
import pytest

from cyclorama.core.errors import InputError
from cyclorama.core.model import Model
from cyclorama.core.plain import from_plain, to_plain
from cyclorama.core.plugins import class_name, plugin, plugins
from cyclorama.core.sample import Annotation
from cyclorama.core.scene import Camera, Environment, Instance, Lamp, Scene, Surface

PLUGIN_FOLDERS = [
    "cyclorama.label.objects",
    "cyclorama.label.maps",
    "cyclorama.dataset.formats",
    "cyclorama.scene.layouts",
    "cyclorama.scene.randomizers",
]


def awkward_scene() -> Scene:
    rng = np.random.default_rng(0)
    return Scene(
        index=3,
        seed=0,
        camera=Camera(7, 5, rng.normal(size=(3, 3)), rng.normal(size=(4, 4))),
        instances=(
            Instance(1, "mug-1", rng.normal(size=(4, 4)), "mug", surface=Surface(base_color=(0.1, 1 / 3, 1e-17))),
            Instance(2, "plane-1", np.eye(4), None, "ground", (2.0, 2.0, 1.0)),
        ),
        lamps=(Lamp("point", (0.1, 0.2, 0.3)),),
        environment=Environment("sky-1", 0.7),
        draws={"camera.distance_m": 0.1 + 0.2, "layout.kinds": ["a", 2]},
    )


def test_a_scene_survives_json_to_the_last_bit():
    scene = awkward_scene()
    text = json.dumps(to_plain(scene))
    again = from_plain(Scene, json.loads(text))
    assert json.dumps(to_plain(again)) == text
    np.testing.assert_array_equal(again.camera.k, scene.camera.k)
    assert again.instances[0].surface == scene.instances[0].surface
    assert again.lamps == scene.lamps


def test_only_instances_with_a_category_are_labelled():
    assert [i.id for i in awkward_scene().labelled] == [1]


def test_arrays_of_a_scene_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        awkward_scene().camera.k[0, 0] = 1


@pytest.mark.parametrize(
    "scale", [(0, 0, 0), (1, 0, 1), (1, float("nan"), 1), (1, 1, float("inf")), (1e-200, 1e-200, 1)]
)
def test_an_instance_whose_scale_makes_it_flat_or_endless_is_refused(scale):
    with pytest.raises(InputError, match="instance 7: scale"):
        Instance(7, "mug-1", np.eye(4), scale=scale)


def test_an_instance_may_be_mirrored():
    assert Instance(7, "mug-1", np.eye(4), scale=(-1, 1, 1)).scale == (-1, 1, 1)


@pytest.mark.parametrize("field", ["faces", "normals"])
def test_a_model_with_arrays_of_the_wrong_shape_is_refused(field):
    arrays = {"vertices_m": np.eye(3), "faces": [[0, 1, 2]], "normals": np.eye(3), field: np.zeros((2, 2))}
    with pytest.raises(ValueError, match=field):
        Model("x", "x", **arrays)


def test_a_missing_label_is_named_with_those_that_there_are():
    annotation = Annotation("cup", 1, {int: 3})
    with pytest.raises(KeyError, match=r"'cup' has no float label \(it has: int\)"):
        annotation[float]
    assert annotation[int] == 3


@pytest.mark.parametrize("folder", PLUGIN_FOLDERS)
def test_every_plugin_file_holds_the_class_that_its_name_promises(folder):
    for name, kind in plugins(folder).items():
        assert kind.__name__ == class_name(name)


def test_an_unknown_plugin_is_refused_with_the_nearest():
    with pytest.raises(InputError, match=r"no format 'cocoo'. Did you mean 'coco'\?"):
        plugin("cyclorama.dataset.formats", "cocoo")
