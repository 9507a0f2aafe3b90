"""Small datasets that several rooms are tested with: spheres, drawn without any engine's help."""

import numpy as np

from cyclorama.core.frame import Frame
from cyclorama.dataset.store import Header, Store
from cyclorama.label.annotate import annotate
from cyclorama.render.geometry import cast
from scenes import Shelf, sphere_landmarks, sphere_model, spheres_scene

LABELS = ("box", "mask", "amodal_mask", "amodal_box", "visibility", "pose")
MAPS = ("instances", "depth", "normals")
SHELF = Shelf(sphere_model(3))


def ball_frame(index, *, size=(96, 72)):
    """A frame whose objects shine in colours of their own on grey noise: easy to learn, and no two alike."""
    scene = spheres_scene(index, count=6, width=size[0], height=size[1], index=index)
    geometry = cast(scene, SHELF)
    rgb = np.random.default_rng(index).integers(90, 110, (size[1], size[0], 3)).astype(np.uint8)
    for instance in scene.instances:
        light = np.clip(-geometry.normal_camera[..., 2:], 0.2, 1)
        color = np.array((230, 60, 40) if instance.category else (40, 60, 200))
        rgb = np.where((geometry.instance_ids == instance.id)[..., None], (light * color).astype(np.uint8), rgb)
    return Frame(scene, rgb, geometry)


def ball_store(
    root, *, count=6, maps=MAPS, fingerprint="0" * 20, size=(96, 72), min_visible_fraction=0.5, keypoints=False
):
    """A native dataset of ``count`` frames with one category, "ball"."""
    labels = (*LABELS, *["keypoints"] * keypoints)
    skeletons = {"ball": sphere_landmarks().skeleton} if keypoints else {}
    provenance = {"kind": "synthetic", "recipe": "balls"}
    header = Header(("ball",), fingerprint, 0, "png", labels, maps, provenance, skeletons=skeletons)
    store = Store.create(root, header, recipe_yaml="name: balls\n")
    for index in range(count):
        frame = ball_frame(index, size=size)
        annotations = annotate(frame, labels=labels, min_visible_fraction=min_visible_fraction, min_size_px=4)
        store.write(frame, annotations)
    return store
