"""Scenes that several rooms are tested with: spheres, whose geometry school mathematics knows."""

import numpy as np
import trimesh

from cyclorama.assets.simplify import coarser
from cyclorama.core.geometry import intrinsics, look_at, rigid
from cyclorama.core.landmarks import Landmarks
from cyclorama.core.library import id_and_level, level_id
from cyclorama.core.model import Material, Model
from cyclorama.core.scene import Camera, Instance, Lamp, Scene, Surface
from cyclorama.core.skeleton import Skeleton

RADIUS_M = 0.1


class Shelf:
    """A library in memory."""

    def __init__(self, *models, images=None, environments=None):
        self.models = {m.id: m for m in models}
        self.images, self.environments = images or {}, environments or {}

    def model(self, id):
        if id not in self.models:
            base, level = id_and_level(id)
            if not level:
                raise KeyError(id)
            self.models[id] = coarser(self.model(level_id(base, level - 1)), id=id)
        return self.models[id]

    def image(self, id):
        return self.images[id]

    def environment(self, id):
        return self.environments[id]


def sphere_model(subdivisions=5):
    """An icosphere whose volume is that of the true sphere within 0.1 %."""
    mesh = trimesh.creation.icosphere(subdivisions=subdivisions, radius=RADIUS_M)
    return Model("sphere-1", "sphere", mesh.vertices, mesh.faces, mesh.vertex_normals, landmarks=sphere_landmarks())


def sphere_landmarks(depth_m=0.01 * RADIUS_M):
    """Its poles and four places along its equator."""
    names = ("top", "bottom", "front", "back", "left", "right")
    places = [[0, 0, 1], [0, 0, -1], [1, 0, 0], [-1, 0, 0], [0, -1, 0], [0, 1, 0]]
    skeleton = Skeleton(names, bones=((0, 1), (2, 3), (4, 5)))
    return Landmarks(skeleton, RADIUS_M * np.array(places, float), depth_m)


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


def leaf_model():
    """A square of 2 x 2 m whose texture's alpha leaves a ring: a disc with a hole."""
    y, x = np.mgrid[-1:1:64j, -1:1:64j]
    texture = np.full((64, 64, 4), 255, np.uint8)
    texture[..., 3] = np.clip(255 * (0.5 - 8 * (np.abs(np.hypot(x + 0.1, y) - 0.5) - 0.25)), 0, 255)
    corners = [[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]
    return Model(
        "leaf-1", "leaf", corners, [[0, 1, 2], [0, 2, 3]], [[0, 0, 1.0]] * 4,
        uv=[[0, 0], [1, 0], [1, 1], [0, 1]], textures={"ring": texture},
        materials=(Material(alpha_mode="cut", base_color_texture="ring"),),
    )  # fmt: skip


def leaves_scene(width=96, height=72):
    """Two rings of leaf, one seen through the other."""
    eye = look_at([1.0, 0.4, 0.5], [0.0, 0.0, 0.0])
    near, far = (rigid(eye[:3, :3] @ np.diag([1, -1, -1]), (eye @ [0.02, 0, z, 1])[:3]) for z in (1.0, 1.3))
    leaves = (
        Instance(1, "leaf-1", near, "leaf", scale=(0.3, 0.3, 1)),
        Instance(2, "leaf-1", far, "leaf", scale=(0.3, 0.3, 1)),
    )
    camera = Camera(width, height, intrinsics(width, height, 0.9), eye)
    return Scene(0, 0, camera, leaves, (Lamp("point", (1.0, 1.0, 2.0), power_w=50.0),))
