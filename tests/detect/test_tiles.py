"""Tiles cover a photograph, and what several of them see is found once."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision.ops import batched_nms

from cyclorama.core.detections import Detections
from cyclorama.detect.tiles import merged, suppressed, tile_side, windows
from cyclorama.label.objects.mask import decoded, encoded

pytestmark = pytest.mark.train

NOTHING = Detections(np.zeros((0, 4)), np.zeros(0), np.zeros(0))


def found(*rows):
    """Of (x0, y0, x1, y1, score, class) each."""
    plain = np.array(rows, float).reshape(-1, 6)
    return Detections(plain[:, :4], plain[:, 4], plain[:, 5])


@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(99, 900), st.floats(0, 0.6))
@settings(deadline=None)
def test_tiles_cover_every_pixel_and_overlap_as_asked_for(width, height, side, overlap):
    made = windows(width, height, side, overlap)
    for low, high, length in ((0, 2, width), (1, 3, height)):
        starts = sorted({window[low] for window in made})
        ends = sorted({window[high] for window in made})
        assert (starts[0], ends[-1]) == (0, length)
        assert all(end - start == min(side, length) for start, end in zip(starts, ends, strict=True))
        # To whole pixels.
        assert all(end - start >= overlap * side - 2 for start, end in zip(starts[1:], ends, strict=False))


def test_so_many_tiles_as_asked_for_lie_along_the_longer_side():
    for tiles in (1, 2, 3, 7):
        for overlap in (0.0, 0.2, 0.5):
            made = windows(4000, 3000, tile_side(4000, 3000, tiles, overlap), overlap)
            assert len({window[0] for window in made}) == tiles


def test_an_object_that_a_border_cuts_is_taken_from_the_tile_that_sees_it_whole():
    left, right = (0, 0, 100, 100), (60, 0, 160, 100)
    # At 70 .. 120 in the photograph: the left tile sees 30 pixels of it, and is surer.
    parts = [(left, found((70, 20, 100, 50, 0.9, 0))), (right, found((10, 20, 60, 50, 0.6, 0)))]
    made = merged(NOTHING, parts, (160, 100), iou=0.7)
    np.testing.assert_array_equal(made.boxes, [[70, 20, 120, 50]])
    # Unless the other is hardly sure: then it is another thing, or nothing.
    parts[1] = (right, found((10, 20, 60, 50, 0.1, 0)))
    np.testing.assert_allclose(merged(NOTHING, parts, (160, 100), iou=0.7).scores, [0.9, 0.1])


def test_an_object_larger_than_a_tile_comes_from_the_whole_photograph():
    whole = found((10, 10, 150, 90, 0.5, 0))
    parts = [((0, 0, 100, 100), found((10, 10, 100, 90, 0.8, 0))), ((60, 0, 160, 100), found((0, 10, 90, 90, 0.8, 0)))]
    np.testing.assert_array_equal(merged(whole, parts, (160, 100), iou=0.5).boxes, whole.boxes)


def test_the_photographs_own_edge_cuts_nothing():
    # Of two boxes at the photograph's left edge the smaller, surer one stays beside the larger.
    parts = [((0, 0, 100, 100), found((0, 10, 20, 30, 0.9, 0), (0, 10, 80, 60, 0.8, 0)))]
    assert len(merged(NOTHING, parts, (160, 100), iou=0.5).boxes) == 2


def test_objects_of_other_classes_stay_and_the_best_comes_first():
    whole = found((10, 10, 50, 50, 0.5, 0))
    parts = [((0, 0, 100, 100), found((10, 10, 50, 50, 0.7, 1), (11, 10, 50, 50, 0.6, 0)))]
    made = merged(whole, parts, (160, 100), iou=0.5)
    assert made.classes.tolist() == [1, 0]
    np.testing.assert_allclose(made.scores, [0.7, 0.6])


def test_masks_of_tiles_become_masks_of_the_photograph():
    mask = np.zeros((100, 100), bool)
    mask[20:40, 30:60] = True
    part = Detections(np.array([[30, 20, 60, 40]]), np.array([0.9]), np.array([0]), (encoded(mask),))
    whole = Detections(NOTHING.boxes, NOTHING.scores, NOTHING.classes, ())
    made = merged(whole, [((60, 50, 160, 150), part)], (160, 150), iou=0.5)
    expected = np.zeros((150, 160), bool)
    expected[70:90, 90:120] = True
    np.testing.assert_array_equal(decoded(made.masks[0]), expected)


@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
@settings(deadline=None)
def test_suppression_is_torchvisions(seed, iou):
    rng = np.random.default_rng(seed)
    corners = rng.uniform(0, 50, (30, 2))
    boxes = np.hstack([corners, corners + rng.uniform(1, 40, (30, 2))])
    scores, classes = rng.permutation(30) / 30, rng.integers(0, 3, 30)
    expected = batched_nms(torch.from_numpy(boxes), torch.from_numpy(scores), torch.from_numpy(classes), iou)
    np.testing.assert_array_equal(suppressed(boxes, scores, classes, iou=iou), expected.numpy())
