"""What moves objects moves their keypoints with them, and a mirror exchanges left and right."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclorama.core.skeleton import Skeleton
from cyclorama.detect.augmentation.augment import Augmenter
from cyclorama.detect.augmentation.example import Example
from cyclorama.detect.augmentation.geometry import mirrored, mosaic, rescaled
from cyclorama.detect.keypoints import channels_of
from cyclorama.detect.settings import Augmentation

HEIGHT, WIDTH = 96, 128
SCALE = (0.7, 1.4)
seeds = st.integers(0, 2**32 - 1)
RED, GREEN = (255, 0, 0), (0, 255, 0)
# The left eye is red, the right one green.
FACE = Skeleton(("nose", "left_eye", "right_eye"))
CHANNELS = channels_of({"face": FACE}, ("face",))
MOVES = {
    "rescaled": lambda example, rng: rescaled(example, rng, SCALE),
    "mirrored": lambda example, rng: mirrored(example, CHANNELS.mirrored),
    "mosaic": lambda example, rng: mosaic([example] * 4, rng, SCALE),
}


def face(x=40, y=30, *, hidden=False):
    """A dark picture with a white nose between two eyes of nine pixels each, in a box around them."""
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    places = [(x, y + 20), (x - 15, y), (x + 15, y)]
    for (cx, cy), color in zip(places, ((255, 255, 255), RED, GREEN), strict=True):
        image[cy - 4 : cy + 5, cx - 4 : cx + 5] = color
    points = np.array([[(cx + 0.5, cy + 0.5, 1 if hidden else 2) for cx, cy in places]])
    box = np.array([[x - 20.0, y - 5, x + 21, y + 25]])
    return Example(image, box, np.array([0]), keypoints=points)


def color_at(image, point):
    """The pixel that holds a point."""
    x, y = np.floor(point[:2]).astype(int)
    return image[y, x]


@pytest.mark.parametrize("move", MOVES)
@settings(max_examples=40, deadline=None)
@given(seeds)
def test_each_keypoint_lies_on_its_own_colour_or_is_no_longer_there(move, seed):
    moved = MOVES[move](face(), np.random.default_rng(seed))
    assert moved.keypoints.shape == (len(moved.boxes), 3, 3)
    # In a mirror the eye that was left looks the same, and is the right one.
    eyes = {1: GREEN, 2: RED} if move == "mirrored" else {1: RED, 2: GREEN}
    for box, points in zip(moved.boxes, moved.keypoints, strict=True):
        assert set(points[:, 2]) <= {0, 2}
        for number, color in eyes.items():
            if points[number, 2]:
                assert (np.abs(color_at(moved.image, points[number]).astype(int) - color) < 60).all()
        seen = points[points[:, 2] > 0, :2]
        assert (seen >= box[:2] - 1e-6).all()
        assert (seen <= box[2:] + 1e-6).all()


def test_keypoints_that_are_cut_off_are_absent():
    """The eyes are 30 pixels apart, so that the right one's place is told by the left one's and the scale."""
    example, cut = face(x=90, y=20), 0
    for seed in range(200):
        moved = rescaled(example, np.random.default_rng(seed), (1.3, 1.3))
        for nose, left, right in moved.keypoints:
            for point in (nose, left, right):
                assert ((point[:2] >= 0) & (point[:2] < [WIDTH, HEIGHT])).all()
            if left[2]:
                place = left[:2] + [30 * 1.3, 0]
                assert (place[0] < WIDTH) == bool(right[2])
                assert not right[2] or np.abs(right[:2] - place).max() < 1e-9
                cut += not right[2]
    assert cut > 5


def test_a_mirror_exchanges_left_and_right_and_twice_gives_back_the_picture():
    example = face(hidden=True)
    once = mirrored(example, CHANNELS.mirrored)
    nose, left, right = example.keypoints[0]
    flipped = [WIDTH, 0, 0] + np.array([[-1, 1, 1]]) * [nose, right, left]
    np.testing.assert_array_equal(once.keypoints[0], flipped)
    back = mirrored(once, CHANNELS.mirrored)
    np.testing.assert_array_equal(back.keypoints, example.keypoints)
    # Without the exchange the left eye would be told to be green.
    wrong = mirrored(example, (0, 1, 2)).keypoints[0, 1]
    assert tuple(color_at(once.image, wrong)) == RED
    assert tuple(color_at(once.image, once.keypoints[0, 1])) == GREEN


def test_the_augmenter_mirrors_by_the_skeletons():
    settings = Augmentation(strength=0, scale=(1, 1), mirror=1)
    augmenter = Augmenter(settings, counterparts=CHANNELS.mirrored)
    made = augmenter.augmented(face(), face, np.random.default_rng(0))
    np.testing.assert_array_equal(made.keypoints, mirrored(face(), CHANNELS.mirrored).keypoints)


@pytest.mark.parametrize("move", MOVES)
def test_where_nobody_asked_for_keypoints_there_are_none(move):
    example = face()
    bare = Example(example.image, example.boxes, example.labels)
    assert MOVES[move](bare, np.random.default_rng(0)).keypoints is None
