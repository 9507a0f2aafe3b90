"""A sample's keypoints on its picture."""

from dataclasses import replace

import numpy as np
import pytest

from cyclorama.core.sample import Annotation, Sample
from cyclorama.core.skeleton import Skeleton
from cyclorama.label.objects.box import Box
from cyclorama.label.objects.keypoints import Keypoints
from cyclorama.view.draw import draw_sample
from cyclorama.view.skeletons import draw_skeletons

SKELETONS = {"hand": Skeleton(("palm", "thumb", "little"), ((0, 1), (0, 2)))}
GREY = 100


def shown(visibility, skeletons=SKELETONS):
    """What is drawn of three keypoints on a line, beside the box."""
    keypoints = Keypoints([[50, 60], [20, 60], [80, 60]], visibility)
    annotation = Annotation("hand", 1, {Box: Box(1, 1, 99, 99), Keypoints: keypoints})
    sample = Sample("a", 100, 100, None, lambda: np.full((100, 100, 3), GREY, np.uint8), (annotation,))
    bare = replace(sample, annotations=(replace(annotation, labels={Box: annotation[Box]}),))
    return (draw_sample(sample, skeletons) != draw_sample(bare, skeletons)).any(-1)


def test_visible_keypoints_are_full_and_hidden_ones_hollow():
    apart = {"hand": Skeleton(SKELETONS["hand"].names)}
    assert shown([2, 2, 2], apart)[60, 20]
    assert not shown([2, 1, 2], apart)[60, 20]
    assert shown([2, 1, 2], apart)[55:66, 15:26].any()


def test_absent_keypoints_are_not_drawn_and_neither_are_their_bones():
    drawn = shown([2, 2, 0])
    assert drawn[60, 35]
    assert not drawn[:, 60:].any()


def test_a_category_without_a_skeleton_shows_none():
    assert not shown([2, 2, 2], {}).any()
    assert not shown([2, 2, 2], None).any()


@pytest.mark.parametrize("side", [100, 330, 440])
def test_discs_and_bones_have_their_middle_where_the_keypoint_is(side):
    """Whole pixels are off by up to half of one, on average by none."""
    hand = Skeleton(("palm", "thumb"), ((0, 1),))
    off = []
    for x in np.arange(30.05, 40, 0.1):
        grey = np.full((side, side, 3), GREY, np.uint8)
        drawn = draw_skeletons(grey, [np.array([[x, 10, 2], [x, 90, 2]])], [hand], [(255, 0, 0)])
        off.append([np.flatnonzero((drawn[y] != GREY).any(-1)).mean() + 0.5 - x for y in (10, 50)])
    assert np.abs(off).max() <= 0.5
    np.testing.assert_allclose(np.mean(off, axis=0), 0, atol=0.02)
