"""What a background of things that leaves no pixel free promises, measured with the ray caster."""

import gc
import weakref
from itertools import count

import numpy as np
import pytest
import trimesh

from cyclorama.core.geometry import intrinsics
from cyclorama.core.model import Model
from cyclorama.core.scene import Camera, Instance, Scene
from cyclorama.render.geometry import Caster
from cyclorama.scene.distributions import distribution_from
from cyclorama.scene.layout import PlacementError, Thing
from cyclorama.scene.placing import covering
from cyclorama.scene.placing.silhouettes import is_convex
from scenes import Shelf

CAMERA = Camera(160, 120, intrinsics(160, 120, 0.9), np.eye(4))


def block(*edges):
    mesh = trimesh.creation.box(edges)
    mesh.unmerge_vertices()
    return Model(f"block-{edges}", "block", mesh.vertices, mesh.faces, mesh.vertex_normals)


def background(model, *, most=500):
    """Of one model, which is asked for no more often than that, and of cubes."""
    asked, cube = count(), block(1, 1, 1)

    def clutter():
        assert next(asked) < most, "it goes on and on"
        return Thing(model, None, np.ones(3), "any")

    made = covering.covering(
        CAMERA,
        1.0,
        0.3,
        scales=distribution_from({"uniform": [0.9, 1.5]}, 0.1, 10, whole=False),
        clutter=clutter,
        solid=Thing(cube, None, np.ones(3), "any"),
        rng=np.random.default_rng(0),
    )
    return Shelf(model, cube), made.placed


@pytest.mark.parametrize("edges", [(1, 0.02, 0.02), (1, 0.1, 0.1), (1, 1, 0.02), (1, 0.7, 0.5)])
def test_things_of_every_proportion_cover_the_picture(edges):
    shelf, placed = background(block(*edges))
    instances = [
        Instance(n + 1, p.thing.model.id, p.world_from_object, scale=tuple(p.thing.scale), layer="distractor")
        for n, p in enumerate(placed)
    ]
    seen = Caster(shelf).cast(Scene(0, 0, CAMERA, tuple(instances)))
    assert (seen.instance_ids > 0).all()


def test_what_is_as_good_as_a_cube_has_no_cubes_behind_it():
    _, placed = background(block(1, 0.9, 0.8))
    cubes = sum("(1, 1, 1)" in p.thing.model.id for p in placed)
    assert cubes < 0.1 * len(placed)


def test_a_background_of_too_many_things_is_refused_with_what_to_do(monkeypatch):
    monkeypatch.setattr(covering, "MOST_THINGS", 10)
    with pytest.raises(PlacementError, match=r"too many things; raise layout\.farthest_size"):
        background(block(1, 0.02, 0.02))


def test_no_model_is_kept_for_what_is_known_of_its_shape():
    model = block(1, 2, 3)
    assert is_convex(model)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None
