"""What moves objects moves their boxes and masks with them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclorama.detect.augmentation.example import Example, areas
from cyclorama.detect.augmentation.geometry import LEAST_LEFT, mirrored, mosaic, rescaled
from cyclorama.label.objects.box import bounds

HEIGHT, WIDTH = 96, 128
SCALE = (0.7, 1.4)
# Grey around a picture is at most 180, and below 200 only half-covered edges are.
BRIGHT = 200
seeds = st.integers(0, 2**32 - 1)
MOVES = {
    "rescaled": lambda example, rng: rescaled(example, rng, SCALE),
    "mirrored": lambda example, rng: mirrored(example),
    "mosaic": lambda example, rng: mosaic([example] * 4, rng, SCALE),
}


def lit(*boxes, masks=True):
    """A dark picture of bright boxes, each with its pixels."""
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    own = np.zeros((len(boxes), HEIGHT, WIDTH), bool)
    for mask, (x0, y0, x1, y1) in zip(own, boxes, strict=True):
        mask[y0:y1, x0:x1] = True
        image[mask] = 255
    plain = np.array(boxes, float).reshape(-1, 4)
    return Example(image, plain, np.arange(len(boxes)), own if masks else None)


def middle(share):
    """x, y of the centre of mass; pixel column c has its own at c + 0.5."""
    x, y = np.arange(share.shape[1]) + 0.5, np.arange(share.shape[0]) + 0.5
    return np.array([(share.sum(axis=0) * x).sum(), (share.sum(axis=1) * y).sum()]) / share.sum()


@pytest.mark.parametrize("move", MOVES)
@settings(max_examples=40, deadline=None)
@given(seeds)
def test_the_box_of_each_mask_is_its_box_to_a_pixel_and_all_that_is_bright_is_in_one(move, seed):
    example = lit((10, 8, 40, 30), (60, 50, 100, 90))
    moved = MOVES[move](example, np.random.default_rng(seed))
    assert moved.image.shape == example.image.shape
    assert moved.masks.shape == (len(moved.boxes), HEIGHT, WIDTH)
    assert len(moved.labels) == len(moved.boxes)
    for box, mask in zip(moved.boxes, moved.masks, strict=True):
        assert np.abs(box - bounds(mask)).max() <= 1
        assert moved.image[mask].min(axis=1).mean() > BRIGHT
    if len(moved.boxes) == len(example.boxes) * (4 if move == "mosaic" else 1):
        assert not (moved.image.min(axis=2) > BRIGHT)[~moved.masks.any(axis=0)].any()


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("masks", [True, False])
def test_a_picture_without_objects_stays_one_and_masks_come_only_where_they_were(move, masks):
    moved = MOVES[move](lit(masks=masks), np.random.default_rng(0))
    assert moved.boxes.shape == (0, 4)
    assert moved.labels.shape == (0,)
    assert (moved.masks is not None) == masks
    assert not masks or moved.masks.shape == (0, HEIGHT, WIDTH)


def test_two_mirrors_give_back_the_picture():
    example = lit((10, 8, 40, 30))
    back = mirrored(mirrored(example))
    np.testing.assert_array_equal(back.image, example.image)
    np.testing.assert_array_equal(back.boxes, example.boxes)
    np.testing.assert_array_equal(back.masks, example.masks)
    assert mirrored(example).boxes.tolist() == [[WIDTH - 40, 8, WIDTH - 10, 30]]


def test_a_scaled_box_is_where_its_pixels_are_to_a_fraction_of_a_pixel():
    """Half a pixel of disagreement about where a pixel's centre is would shift all boxes by up to 0.2."""
    box, shifts = np.array([56, 40, 72, 56]), []
    for seed in range(120):
        moved = rescaled(lit(box), np.random.default_rng(seed), SCALE)
        (own,) = moved.boxes
        if (own > 1).all() and (own < [WIDTH - 1, HEIGHT - 1, WIDTH - 1, HEIGHT - 1]).all():
            x0, y0, x1, y1 = (own + [-2, -2, 2, 2]).astype(int).clip(0)
            size = (own[2] - own[0]) / (box[2] - box[0])
            shifts.append([*(middle(moved.image[y0:y1, x0:x1, 0]) + [x0, y0] - (own[:2] + own[2:]) / 2), size])
    shifts = np.array(shifts)
    larger = shifts[:, 2] > 1.2
    assert 10 < larger.sum() < len(shifts) - 10
    assert np.abs(shifts[larger, :2].mean(axis=0)).max() < 0.05
    assert np.abs(shifts[~larger, :2].mean(axis=0)).max() < 0.05


@pytest.mark.parametrize("move", ["rescaled", "mosaic"])
@settings(max_examples=40, deadline=None)
@given(seeds)
def test_a_box_is_given_up_when_and_only_when_too_little_of_it_is_left(move, seed):
    """Small boxes all over: each comes back as its part within the picture, or not at all."""
    y, x = np.mgrid[0:HEIGHT:8, 0:WIDTH:8].reshape(2, -1).astype(float)
    boxes = np.stack([x, y, x + 8, y + 8], axis=1)
    example = Example(np.zeros((HEIGHT, WIDTH, 3), np.uint8), boxes, np.arange(len(boxes)))
    moved = MOVES[move](example, np.random.default_rng(seed))
    assert (moved.boxes >= 0).all()
    assert (moved.boxes <= [WIDTH, HEIGHT, WIDTH, HEIGHT]).all()
    if move == "rescaled":
        area = areas(moved.boxes)
        assert (area >= LEAST_LEFT * area.max() * (1 - 1e-9)).all()
        # Who is given up lay at the border: all columns and rows within are full, but for what a corner cuts twice.
        assert len(set(moved.labels.tolist())) == len(moved.labels)
        rows, columns = (set(numbers.tolist()) for numbers in np.divmod(moved.labels, WIDTH // 8))
        assert len(rows) * len(columns) - 4 <= len(moved.labels) <= len(rows) * len(columns)


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_a_mosaic_has_four_pictures_side_by_side_each_in_its_corner(seed):
    """Of one colour each: every pixel is of its corner's picture, or grey around it."""
    colors = [(250, 0, 0), (0, 250, 0), (0, 0, 250), (250, 0, 250)]
    whole = np.array([[0.0, 0, WIDTH, HEIGHT]])
    parts = [Example(np.full((HEIGHT, WIDTH, 3), c, np.uint8), whole, np.array([i])) for i, c in enumerate(colors)]
    made = mosaic(parts, np.random.default_rng(seed), (1.0, 1.0))
    for label, (x0, y0, x1, y1) in zip(made.labels, made.boxes, strict=True):
        inside = made.image[int(np.ceil(y0)) + 1 : int(y1) - 1, int(np.ceil(x0)) + 1 : int(x1) - 1]
        assert (inside == colors[label]).all()
    shown = [bounds((made.image == color).all(axis=2)) for color in colors]
    for left, right in ((0, 1), (2, 3)):
        assert shown[left][2] <= shown[right][0]
    for above, below in ((0, 2), (1, 3)):
        assert shown[above][3] <= shown[below][1]
