"""Images that were resized, and the boxes on them, still fit together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclorama.detect.sizes import longest_side, resized

sides = st.integers(1, 300)


@given(sides, sides, st.integers(32, 128))
def test_the_shorter_side_is_as_asked_unless_the_longer_would_be_too_long(width, height, image_size):
    image, factors = resized(np.zeros((height, width, 3), np.uint8), image_size)
    short, long = sorted(image.shape[:2])
    assert short <= image_size
    assert long <= longest_side(image_size)
    assert short == image_size or long == longest_side(image_size)
    np.testing.assert_allclose([width, height] * 2 * factors, [image.shape[1], image.shape[0]] * 2, rtol=1e-12)


@given(st.integers(40, 300), st.integers(40, 300), st.integers(32, 128))
def test_the_aspect_is_kept_within_the_rounding_to_whole_pixels(width, height, image_size):
    image, factors = resized(np.zeros((height, width, 3), np.uint8), image_size)
    scale = min(image_size / min(width, height), longest_side(image_size) / max(width, height))
    assert abs(image.shape[1] - scale * width) <= 0.5
    assert abs(image.shape[0] - scale * height) <= 0.5
    assert factors == pytest.approx([scale] * 4, abs=0.5 / min(width, height) + 1e-9)


@pytest.mark.parametrize("size", [(64, 48), (192, 144), (301, 97), (97, 301)], ids=str)
def test_factors_carry_the_corners_of_a_box_along_with_its_pixels(size):
    """The bright part of every row and column adds up to the box's sides, and its middle is the box's."""
    width, height = size
    box = np.array([0.25 * width, 0.5 * height, 0.75 * width, 0.875 * height]).round()
    x0, y0, x1, y1 = box.astype(int)
    image = np.zeros((height, width, 3), np.uint8)
    image[y0:y1, x0:x1] = 255
    small, factors = resized(image, 96)
    share = small[..., 0] / 255
    columns, rows = np.arange(share.shape[1]) + 0.5, np.arange(share.shape[0]) + 0.5
    x0, y0, x1, y1 = box * factors
    assert share.sum() == pytest.approx((x1 - x0) * (y1 - y0), rel=0.01)
    assert (share.sum(axis=0) * columns).sum() / share.sum() == pytest.approx((x0 + x1) / 2, abs=0.1)
    assert (share.sum(axis=1) * rows).sum() / share.sum() == pytest.approx((y0 + y1) / 2, abs=0.1)


def test_dividing_by_the_factors_gives_the_box_back():
    _, factors = resized(np.zeros((97, 301, 3), np.uint8), 96)
    boxes = np.random.default_rng(0).uniform(0, 97, (20, 4))
    np.testing.assert_allclose(boxes * factors / factors, boxes, rtol=1e-12)


def test_an_image_that_has_the_size_is_left_alone():
    image = np.random.default_rng(0).integers(0, 256, (96, 128, 3), np.uint8)
    same, factors = resized(image, 96)
    np.testing.assert_array_equal(same, image)
    assert factors.tolist() == [1, 1, 1, 1]


def test_a_shrunken_image_is_the_mean_of_its_pixels():
    """Of a chessboard of single pixels nothing but grey is left; a method that skips pixels leaves black or white."""
    board = np.indices((192, 256)).sum(axis=0) % 2 * 255
    small, _ = resized(np.repeat(board[..., None], 3, axis=2).astype(np.uint8), 96)
    assert np.abs(small.astype(int) - 127).max() <= 1
