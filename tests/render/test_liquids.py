"""Liquid in vessels, as each engine shows it."""

import numpy as np
import pytest

from cyclorama.assets.builtin import model as builtin
from cyclorama.assets.fill import filled
from cyclorama.core.filling import Filling
from cyclorama.core.geometry import look_at, rigid, rotation_about
from cyclorama.core.scene import Camera, Environment, Instance, Scene, Surface
from scenes import Shelf
from stage import quad_model
from studio import Studio
from vessels import HEIGHT_M, bottle, cup

WHITE = Surface(base_color=(0.9, 0.9, 0.9), roughness=1.0, metallic=0.0, transmission=0.0)
WALL = Instance(
    2, "wall", rigid(rotation_about([0, 1, 0], np.pi / 2), [-0.3, 0, 0]), surface=Surface(emission=(1.0, 1.0, 1.0))
)
SHELF = Shelf(
    quad_model("wall"),
    bottle(),
    filled(bottle(), Filling(0.5, "wine"), id="bottle-wine"),
    filled(cup(), Filling(0.6, "coffee"), id="cup-coffee"),
    filled(builtin("mug", "mug"), Filling(0.8, "coffee"), id="mug-coffee"),
)


@pytest.fixture(
    scope="module",
    params=[pytest.param("raster", marks=pytest.mark.gl), pytest.param("cycles", marks=pytest.mark.blender)],
)
def engine(request, tmp_path_factory):
    studio = Studio(SHELF, tmp_path_factory.mktemp("liquids"), engine=request.param)
    yield studio
    studio.close()


def seen(engine, model, eye, surface=None):
    """(64, 64, 3) light of a model before a shining wall."""
    camera = Camera(64, 64, [[200, 0, 32], [0, 200, 32], [0, 0, 1]], look_at(eye, [0, 0, HEIGHT_M / 2]))
    instance = Instance(1, model, rigid(np.eye(3), [0, 0, 0]), "vessel", surface=surface or Surface())
    return engine.render(Scene(0, 0, camera, (instance, WALL), (), Environment(strength=1.0)))[..., :3]


def test_wine_is_seen_through_a_bottle_up_to_its_level(engine):
    """Row 32 is the level; red over green, below it, above it, and below it where there is none."""
    full, empty = (seen(engine, m, [0.3, 0, HEIGHT_M / 2]) for m in ("bottle-wine", "bottle"))

    def redness(picture, rows):
        red, green, _ = picture[rows, 26:38].mean(axis=(0, 1))
        return red / green

    below, above = slice(40, 54), slice(8, 22)
    assert redness(full, below) > 2
    assert redness(full, above) < 1.3
    assert redness(empty, below) < 1.1


@pytest.mark.parametrize("model", ["cup-coffee", "mug-coffee"])
def test_coffee_stays_dark_in_a_mug_that_is_painted_white(engine, model):
    picture = seen(engine, model, [0.02, 0, 0.5], WHITE).mean(axis=2)
    assert picture[28:36, 28:36].mean() < 0.25 * picture.max()
