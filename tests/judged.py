"""Random truth and detections that several files are tested with."""

from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from cyclorama.core.detections import Detections
from cyclorama.detect.results import ImageResult

NAMES = ("cup", "saucer", "spoon")

corners = st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(1, 8), st.integers(1, 8))
classes = st.integers(0, len(NAMES) - 1)
truths = st.lists(st.tuples(corners, classes, st.sampled_from([False, False, False, True])), max_size=5)
# Few different scores and whole pixels: many ties, and overlaps that meet a threshold exactly.
found = st.lists(st.tuples(corners, classes, st.integers(0, 5).map(lambda n: n / 8)), max_size=8)


def image_result(truth, detections, number=0):
    """One image of (xywh, class, ignored) and (xywh, class, score)."""
    best_first = sorted(detections, key=lambda d: -d[2])

    def xyxy(rows):
        return np.array([(x, y, x + w, y + h) for (x, y, w, h), *_ in rows], float).reshape(-1, 4)

    return ImageResult(
        str(number), Path(f"{number}.png"), 32, 32,
        xyxy(truth), np.array([t[1] for t in truth], np.int64), np.array([t[2] for t in truth], bool),
        Detections(xyxy(best_first), np.array([d[2] for d in best_first]), np.array([d[1] for d in best_first], int)),
    )  # fmt: skip


images = st.builds(image_result, truths, found)


def random_result(rng, *, objects=4, spurious=3):
    """Found objects are off by a little, and all scores differ."""
    boxes = np.concatenate([rng.uniform(0, 60, (objects, 2)), rng.uniform(8, 30, (objects, 2))], axis=1)
    labels = rng.integers(0, len(NAMES), objects)
    near = boxes + rng.normal(0, 2, boxes.shape) * [1, 1, 0.5, 0.5]
    far = np.concatenate([rng.uniform(0, 60, (spurious, 2)), rng.uniform(8, 30, (spurious, 2))], axis=1)
    kinds = np.concatenate([labels, rng.integers(0, len(NAMES), spurious)])
    certain = np.concatenate([rng.uniform(0.3, 1, objects), rng.uniform(0, 0.8, spurious)])
    detections = list(zip(np.concatenate([near, far]), kinds, certain, strict=True))
    truth = list(zip(boxes, labels, rng.random(objects) < 0.15, strict=True))
    return image_result(truth, [d for d in detections if rng.random() < 0.85])
