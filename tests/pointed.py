"""Datasets and detections with keypoints: balls whose left, right and upper end are told."""

from dataclasses import replace

import numpy as np

from cyclorama.core.skeleton import Skeleton
from cyclorama.dataset.store import Header, Store
from cyclorama.label.annotate import annotate
from cyclorama.label.objects.box import Box
from cyclorama.label.objects.keypoints import Keypoints
from stores import LABELS, ball_frame

ENDS = Skeleton(("left", "right", "top"), bones=((0, 2), (2, 1)))
SEEN = 2


def ends(box):
    """(K, 2) of what lies in a box."""
    x0, y0, x1, y1 = box
    return np.array([[x0, (y0 + y1) / 2], [x1, (y0 + y1) / 2], [(x0 + x1) / 2, y0]])


def pointed(annotation):
    """With the ends of its box as keypoints; those on the picture's right and lower edge are just within."""
    if Box not in annotation:
        return annotation
    points = Keypoints(ends(annotation[Box].xyxy) - 1e-3, np.full(len(ENDS), SEEN))
    return replace(annotation, labels={**annotation.labels, Keypoints: points})


def pointed_store(root, *, count, size=(128, 96), names=ENDS.names, sigmas=ENDS.sigmas):
    """``ball_store`` with keypoints."""
    header = Header(
        ("ball",), "0" * 20, 0, "png", (*LABELS, "keypoints"), (), {"kind": "synthetic", "recipe": "balls"},
        skeletons={"ball": replace(ENDS, names=names, sigmas=sigmas)},
    )  # fmt: skip
    store = Store.create(root, header, recipe_yaml="name: balls\n")
    for index in range(count):
        frame = ball_frame(index, size=size)
        annotations = annotate(frame, labels=LABELS, min_visible_fraction=0.5, min_size_px=4)
        store.write(frame, tuple(pointed(a) for a in annotations))
    return store
