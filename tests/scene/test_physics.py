"""Things come to rest as real things do: measured on every vertex of the true meshes."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest
import trimesh

from cyclorama.assets.builtin import model as builtin
from cyclorama.core.geometry import random_rotation, rigid, rotation_about, transformed
from cyclorama.scene.layout import PlacementError
from cyclorama.scene.placing.physics import Block, Body, settle

# A mug is taken apart once; it takes 20 seconds.
pytestmark = pytest.mark.slow


def body(name, height_m=0.3, *, x=0.0, y=0.0, scale=1.0, rotation=None):
    """A built-in model, with the middle of its box at a height."""
    model = builtin(name, f"{name}-1")
    factors = np.full(3, float(scale))
    turn = np.eye(3) if rotation is None else rotation
    return Body(model, factors, rigid(turn, np.array([x, y, height_m]) - turn @ (model.center_m * factors)))


def corners(body, pose):
    return transformed(pose, body.model.vertices_m * body.scale)


def walls(inside_m, height_m, thickness_m=0.02):
    """A square bin without a floor."""
    far, long = (inside_m + thickness_m) / 2, inside_m + 2 * thickness_m
    sides = [(far, 0.0), (-far, 0.0), (0.0, far), (0.0, -far)]
    sizes = [[thickness_m, long, height_m]] * 2 + [[long, thickness_m, height_m]] * 2
    return [
        Block(rigid(np.eye(3), [*side, height_m / 2]), np.array(size)) for side, size in zip(sides, sizes, strict=True)
    ]


def pile(names, count, seed=0, scale=1.0):
    """Bodies one above another, turned at random, over a bin of 0.3 m."""
    rng = np.random.default_rng(seed)
    bodies, height = [], 0.05 * scale
    for number in range(count):
        model = builtin(names[number % len(names)], "m-1")
        height += 2 * model.radius_m * scale
        x, y = rng.uniform(-0.05, 0.05, 2) * scale
        name = names[number % len(names)]
        bodies.append(body(name, height, x=x, y=y, scale=scale, rotation=random_rotation(rng)))
    return bodies


def deepest_m(bodies, poses):
    """How deep a vertex of one closed mesh lies in another."""
    meshes = [trimesh.Trimesh(*welded(b, pose), process=False) for b, pose in zip(bodies, poses, strict=True)]
    deepest = 0.0
    for n, mesh in enumerate(meshes):
        points = np.concatenate([m.vertices for k, m in enumerate(meshes) if k != n])
        near = points[((points > mesh.bounds[0]) & (points < mesh.bounds[1])).all(axis=1)]
        inside = near[mesh.contains(near)] if len(near) else near
        if len(inside):
            surface = trimesh.sample.sample_surface(mesh, 50_000, seed=0)[0]
            deepest = max(deepest, *(np.linalg.norm(surface - p, axis=1).min() for p in inside))
    return deepest


def welded(body, pose):
    points, index = np.unique(body.model.vertices_m, axis=0, return_inverse=True)
    return transformed(pose, points * body.scale), index.reshape(-1)[body.model.faces]


@pytest.mark.parametrize("seed", range(4))
def test_a_die_lands_on_a_face(seed):
    die = body("die", 0.05, rotation=random_rotation(np.random.default_rng(seed)))
    settled = settle([die])
    assert settled.rests.all()
    down = settled.poses[0, 2, :3]  # World's vertical in the die's frame.
    assert np.abs(down).max() == pytest.approx(1, abs=1e-3)
    assert abs(corners(die, settled.poses[0])[:, 2].min()) < 2e-4


@pytest.mark.parametrize(("tilt_deg", "stands"), [(0, True), (180, True), (-90, False)])
def test_a_mug_stands_on_its_foot_or_its_rim_or_lies_on_its_side(tilt_deg, stands):
    mug = body("mug", 0.08, rotation=rotation_about([0, 1, 0], np.radians(tilt_deg)))
    settled = settle([mug])
    assert settled.rests.all()
    assert (abs(settled.poses[0, 2, 2]) > 0.999) == stands
    assert abs(corners(mug, settled.poses[0])[:, 2].min()) < 4e-4


@pytest.mark.parametrize("names", [("die", "box", "cube", "cylinder"), ("mug", "die", "torus")])
def test_things_pile_up_in_a_bin_without_being_in_each_other(names):
    bodies = pile(names, 10)
    settled = settle(bodies, walls(0.3, 2.0))
    assert settled.rests.all()
    points = [corners(b, pose) for b, pose in zip(bodies, settled.poses, strict=True)]
    assert min(p[:, 2].min() for p in points) > -6e-4
    assert max(np.abs(p[:, :2]).max() for p in points) < 0.15 + 6e-4
    assert max(p[:, 2].min() for p in points) > 0.005, "one lies on another"
    assert deepest_m(bodies, settled.poses) < 1e-3


def test_a_die_falls_into_a_mug_and_stays_there():
    mug, die = body("mug", 0.049), body("die", 0.2)
    settled = settle([mug, die])
    assert settled.rests.all()
    mug_from_die = np.linalg.inv(settled.poses[0]) @ settled.poses[1]
    inside = transformed(mug_from_die, die.model.vertices_m)
    assert np.linalg.norm(inside[:, :2], axis=1).max() < 0.0385
    assert 0.004 < inside[:, 2].min() < 0.009
    assert inside[:, 2].max() < 0.05


@pytest.mark.parametrize("scale", [1e-3, 1e-2, 10.0, 100.0])
def test_things_of_every_size_settle_alike(scale):
    plain = settle(pile(("die", "box"), 4), walls(0.3, 2.0))
    scaled = settle(pile(("die", "box"), 4, scale=scale), walls(0.3 * scale, 2.0 * scale, 0.02 * scale))
    assert plain.rests.all()
    assert scaled.rests.all()
    np.testing.assert_allclose(scaled.poses[:, 2, 3] / scale, plain.poses[:, 2, 3], atol=2e-2)


def test_a_speck_and_a_wardrobe_settle_together():
    speck, box = body("die", 0.3, x=0.5, scale=0.01), body("box", 0.3)
    settled = settle([speck, box])
    assert settled.rests.all()
    assert abs(corners(speck, settled.poses[0])[:, 2].min()) < 1e-3


def test_a_flat_card_lies_flat():
    card = body("print", 0.05, rotation=rotation_about([1, 0, 0], 0.5))
    settled = settle([card])
    assert settled.rests.all()
    assert np.ptp(corners(card, settled.poses[0])[:, 2]) < 1e-3


@pytest.mark.parametrize("stretch", [(25, 0.04, 0.04), (0.04, 25, 0.04), (5, 5, 0.001), (1, 1, 1)])
@pytest.mark.parametrize("scale", [1.0, 0.01])
def test_a_stretched_card_is_simulated_as_thick_as_its_size_asks_for(stretch, scale):
    model = builtin("print", "print-1")
    card = Body(model, scale * np.array(stretch), rigid(np.eye(3), [0, 0, 0.3]))
    assert card.size_m == pytest.approx(np.linalg.norm(np.ptp(model.vertices_m, axis=0) * card.scale), rel=1e-2)
    (piece,) = card.pieces_m()
    size = np.ptp(model.vertices_m, axis=0) * card.scale
    np.testing.assert_allclose(
        np.ptp(piece, axis=0), np.where(size < 2e-3 * card.size_m, 2e-3 * card.size_m + size, size), rtol=1e-3
    )
    settled = settle([card, body("die", 0.3, x=3.0), body("die", 0.3, x=-3.0)])
    assert np.isfinite(settled.poses).all()
    assert settled.rests[1:].all()


def test_what_is_too_small_to_be_simulated_is_no_fault_of_the_program():
    with pytest.raises(PlacementError, match=r"MuJoCo refuses .* distractors\.relative_size"):
        settle([body("die", 0.3, scale=1e-7), body("die", 0.3, x=1.0), body("die", 0.3, x=-1.0)])


def test_what_leans_on_nothing_does_not_rest():
    """A ball on a slope rolls on and on."""
    slope = Block(rigid(rotation_about([0, 1, 0], 0.5), [0, 0, 20.0]), np.array([30.0, 1.0, 0.1]))
    assert not settle([body("sphere", 20.2)], [slope]).rests.any()


def test_nothing_settles_as_nothing():
    assert settle([]).poses.shape == (0, 4, 4)


PRINT_POSES = """
import sys; sys.path.insert(0, {tests!r})
import hashlib, test_physics as t
print(hashlib.sha256(t.settle(t.pile(("die", "box", "torus"), 6), t.walls(0.3, 2.0)).poses.tobytes()).hexdigest())
"""


def test_another_process_comes_to_the_same_places():
    here = settle(pile(("die", "box", "torus"), 6), walls(0.3, 2.0)).poses
    code = PRINT_POSES.format(tests=__file__.rpartition("/")[0])
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert there == hashlib.sha256(here.tobytes()).hexdigest()
