"""What keypoints have to be like, whoever labelled them."""

from collections.abc import Iterator

import numpy as np

from cyclorama.core.skeleton import Skeleton
from cyclorama.label.objects.amodal_box import AmodalBox
from cyclorama.label.objects.keypoints import ABSENT, VISIBLE, Keypoints

# Beyond the amodal box a visible one may lie by so many pixels, since that goes by pixels' centres, and by this share
# of the box's longer edge, since a place may be a little outside of the model.
EDGE_PX, EDGE_SHARE = 1.5, 0.1


def misfit(
    keypoints: Keypoints, skeleton: Skeleton | None, size: tuple[int, int], whole: AmodalBox | None = None
) -> Iterator[str]:
    """What is wrong with the keypoints of an object.

    Args:
        keypoints: Of the object.
        skeleton: Its category's, if it has one.
        size: Width and height of the image.
        whole: Where it is known, the box of the whole object, in which visible ones are.
    """
    count = len(keypoints.visibility)
    if skeleton is None:
        yield f"has {count} keypoints, its category none"
        return
    if count != len(skeleton):
        yield f"has {count} keypoints, its category {len(skeleton)}"
        return
    for name, (x, y), v in zip(skeleton.names, keypoints.xy.tolist(), keypoints.visibility.tolist(), strict=True):
        if not ABSENT <= v <= VISIBLE:
            yield f"keypoint {name}: visibility {v}; expected 0, 1 or 2"
        elif v and not (0 <= x <= size[0] and 0 <= y <= size[1]):
            yield f"keypoint {name} at {x:g}, {y:g} is not inside {size[0]}x{size[1]}"
    if whole is not None:
        slack = EDGE_PX + EDGE_SHARE * max(whole.x1 - whole.x0, whole.y1 - whole.y0)
        low, high = np.array([whole.x0, whole.y0]) - slack, np.array([whole.x1, whole.y1]) + slack
        outside = (keypoints.xy < low) | (keypoints.xy > high)
        for i in np.flatnonzero(outside.any(axis=1) & (keypoints.visibility == VISIBLE)):
            yield f"keypoint {skeleton.names[i]} is visible outside of the amodal box {whole.to_plain()}"
