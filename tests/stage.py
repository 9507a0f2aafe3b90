"""What engines are shown: models whose light school mathematics knows, and a camera above them."""

import dataclasses

import numpy as np

from cyclorama.assets.builtin.models import model as builtin
from cyclorama.assets.deform import deformed
from cyclorama.core.deformation import Deformation
from cyclorama.core.geometry import rigid, rotation_about
from cyclorama.core.model import Material, Model
from cyclorama.core.scene import Camera, Environment, Instance, Scene, Surface
from scenes import Shelf, leaf_model, sphere_model

DARK, WHITE_LIGHT = Environment(strength=0.0), Environment(strength=2.0)
MIRROR = Surface(base_color=(1, 1, 1), metallic=1.0, roughness=0.0)
# Without a change of refractive index nothing is glossy: what is left is Lambert's law.
MATT = Material(base_color=(1, 1, 1, 1), roughness=1.0, ior=1.0)
GLASS = Material(base_color=(1, 1, 1, 1), roughness=0.0, transmission=1.0, ior=1.5)
LOOKING_DOWN = rigid(rotation_about([1, 0, 0], np.pi), [0, 0, 2.0])
# Red, green over blue, white: v is up, so the upper row of the texture is at v = 1.
CORNERS = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]]], np.uint8).repeat(16, 0).repeat(16, 1)
# The same, but see-through where it is red.
STICKER = np.dstack([CORNERS, np.where((CORNERS == (255, 0, 0)).all(-1), 0, 255).astype(np.uint8)])
# Four by four greys and colours, dark enough for the tone curve to leave them as they are.
CARD = np.random.default_rng(0).integers(0, 200, (4, 4, 3), np.uint8).repeat(16, 0).repeat(16, 1)

BENT = Deformation(dents=3, dent_depth=0.06, crumple=0.01, taper=0.3, twist_rad=0.5, bend_rad=0.6, seed=1)

# Black and white squares of a texel.
FINE = np.indices((1024, 1024)).sum(0)[..., None].repeat(3, -1).astype(np.uint8) % 2 * 255

# White, and wider than any texture that Blender is given.
LONG = np.full((8, 20_000, 3), 255, np.uint8)


def quad_model(id, material=MATT, textures=None, **kwargs):
    """A square of 2 x 2 m that faces up; from the camera above it fills the picture, the texture upright."""
    corners = [[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]
    uv = [[0, 0], [1, 0], [1, 1], [0, 1]]
    up, faces = [[0, 0, 1.0]] * 4, [[0, 1, 2], [0, 2, 3]]
    return Model(id, "quad", corners, faces, up, uv=uv, materials=(material,), textures=textures or {}, **kwargs)


def normal_map(normal):
    """A texture of one normal in tangent space."""
    unit = np.asarray(normal, float) / np.linalg.norm(normal)
    return np.full((8, 8, 3), np.rint(127.5 * (unit + 1)), np.uint8)


def map_directions(rows):
    """(rows, 2 rows, 3) the unit direction of every texel of an environment (docs/conventions.md)."""
    polar = (np.arange(rows)[:, None] + 0.5) / rows * np.pi
    azimuth = np.pi - (np.arange(2 * rows) + 0.5) / rows * np.pi
    level = np.stack([np.cos(azimuth), np.sin(azimuth)], -1) * np.sin(polar)[..., None]
    return np.concatenate([level, np.cos(polar)[..., None].repeat(2 * rows, 1)], -1)


def spot_map(direction, radius_rad=0.15, rows=128):
    """A dark environment with a bright disc about ``direction``."""
    cosine = map_directions(rows) @ (np.asarray(direction, float) / np.linalg.norm(direction))
    return np.where(cosine > np.cos(radius_rad), 100.0, 0.02)[..., None].repeat(3, -1).astype(np.float32)


CUT = dataclasses.replace(MATT, alpha_mode="cut", alpha_cutoff=0.5)
FADED = dataclasses.replace(MATT, alpha_mode="blend", base_color=(1, 1, 1, 0.25))
# From top to bottom a mirror, rough metal, and twice chalk: green is roughness, blue is metallic, red is neither.
BANDS = np.array([[[255, 0, 255]], [[0, 255, 255]], [[0, 255, 0]], [[0, 255, 0]]], np.uint8).repeat(8, 0).repeat(8, 1)


# Two materials of one texture: the lower right half of the picture, and the upper left one.
HALVES = (
    dataclasses.replace(MATT, name="lower", base_color_texture="t"),
    dataclasses.replace(MATT, name="upper", base_color=(0.5, 0.5, 0.5, 1), base_color_texture="t"),
)


def matt(**changes):
    return dataclasses.replace(MATT, **changes)


def without_gloss(model):
    """The model without gloss: what it sends is then what it emits, if its colour is black."""
    return dataclasses.replace(model, materials=(MATT,) * len(model.materials))


MODELS = (
    sphere_model(),
    leaf_model(),
    dataclasses.replace(sphere_model(), id="matt-sphere", materials=(MATT,)),
    dataclasses.replace(sphere_model(), id="glass-sphere", materials=(GLASS,)),
    without_gloss(builtin("mug", "mug")),
    without_gloss(builtin("die", "die")),
    deformed(without_gloss(builtin("mug", "mug")), BENT, id="bent-mug"),
    builtin("box", "carton"),
    quad_model("matt"),
    quad_model("corners", matt(base_color_texture="t"), {"t": CORNERS}),
    quad_model("card", matt(base_color_texture="t"), {"t": CARD}),
    quad_model("fine", matt(base_color_texture="t"), {"t": FINE}),
    quad_model("long", matt(base_color=(0.5, 0.5, 0.5, 1), base_color_texture="t"), {"t": LONG}),
    quad_model("tinted", matt(base_color=(0.5, 1, 0.25, 1), base_color_texture="t"), {"t": CORNERS}),
    quad_model("painted", colors=np.array([[128, 64, 200, 255]] * 4, np.uint8)),
    quad_model("shining", matt(emission=(2.0, 2.0, 1.0), emission_texture="t"), {"t": CORNERS}),
    quad_model(
        "bands",
        Material(base_color=(1, 1, 1, 1), metallic=1.0, roughness=1.0, metallic_roughness_texture="t"),
        {"t": BANDS},
    ),
    quad_model("towards-u", matt(normal_texture="t"), {"t": normal_map((0.6, 0, 0.8))}),
    quad_model("towards-v", matt(normal_texture="t"), {"t": normal_map((0, 0.6, 0.8))}),
    quad_model("cut-away", dataclasses.replace(CUT, base_color=(1, 1, 1, 0.4))),
    quad_model("not-cut", dataclasses.replace(CUT, base_color=(1, 1, 1, 0.6))),
    quad_model("faded", FADED),
    dataclasses.replace(
        quad_model("halves", textures={"t": CORNERS}), materials=HALVES, face_materials=np.array([0, 1], np.int32)
    ),
)
SHELF = Shelf(
    *MODELS,
    images={"corners": CORNERS, "card": CARD, "fine": FINE, "sticker": STICKER},
    environments={
        "even": np.full((32, 64, 3), 0.37, np.float32),
        # Its colour is 1 + .9 times the direction in which it lies.
        "directions": (1 + 0.9 * map_directions(64)).astype(np.float32),
        "spot": spot_map((0.5, -0.6, 0.62)),
    },
)


def placed(id, model, position_m=(0, 0, 0), surface=None, size=1.0, turn=None):
    """An instance of a model, ``size`` times as large."""
    pose = rigid(np.eye(3) if turn is None else turn, position_m)
    return Instance(id, model, pose, model, scale=(size,) * 3, surface=surface or Surface())


def above(*models, surface=None, lamps=(), environment=WHITE_LIGHT, **kwargs):
    """A scene under a camera 2 m above the origin, image up being +y; names of models lie at the origin."""
    camera = Camera(64, 64, [[64, 0, 32], [0, 64, 32], [0, 0, 1]], LOOKING_DOWN)
    instances = [m if isinstance(m, Instance) else placed(i + 1, m, surface=surface) for i, m in enumerate(models)]
    return Scene(0, 0, camera, tuple(instances), tuple(lamps), environment, **kwargs)
