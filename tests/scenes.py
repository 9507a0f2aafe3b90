"""Scenes that several rooms are tested with: spheres, whose geometry school mathematics knows."""

import numpy as np
import trimesh

from cyclorama.core.geometry import intrinsics, look_at, rigid
from cyclorama.core.model import Model
from cyclorama.core.scene import Camera, Instance, Lamp, Scene, Surface

RADIUS_M = 0.1


class Shelf:
    """A library in memory."""

    def __init__(self, *models, images=None, environments=None):
        self.models = {m.id: m for m in models}
        self.images, self.environments = images or {}, environments or {}

    def model(self, id):
        return self.models[id]

    def image(self, id):
        return self.images[id]

    def environment(self, id):
        return self.environments[id]


def sphere_model(subdivisions=5):
    """An icosphere whose volume is that of the true sphere within 0.1 %."""
    mesh = trimesh.creation.icosphere(subdivisions=subdivisions, radius=RADIUS_M)
    return Model("sphere-1", "sphere", mesh.vertices, mesh.faces, mesh.vertex_normals)


def spheres_scene(seed=0, count=6, width=96, height=72, index=0):
    """Spheres at random places before a camera that is off-centre, rolled and has oblong pixels."""
    rng = np.random.default_rng(seed)
    k = intrinsics(width, height, 0.9) @ np.diag([1.0, 1.1, 1.0]) + [[0, 0, 3.3], [0, 0, -2.1], [0, 0, 0]]
    camera = Camera(width, height, k, look_at([1.0, 0.4, 0.5], [0.0, 0.0, 0.0]))
    instances = tuple(
        Instance(
            id=i + 1,
            model="sphere-1",
            world_from_object=rigid(np.eye(3), rng.uniform(-0.35, 0.35, 3)),
            category="ball" if i % 3 else None,
            layer="target" if i % 3 else "distractor",
            scale=(s := rng.uniform(0.4, 1.4), s, s),
            surface=Surface(base_color=tuple(rng.uniform(0.1, 0.9, 3))),
        )
        for i in range(count)
    )
    return Scene(index, seed, camera, instances, (Lamp("point", (1.0, 1.0, 2.0), power_w=50.0),))
