"""Augmentation changes pictures, never what is true of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclorama.detect import augment
from cyclorama.detect.augment import MIN_LEFT, augmented

HEIGHT, WIDTH = 96, 128
# Paints patches anywhere, so pixels outside of the box may become bright.
MOVERS = [step for _, step in augment.STEPS if step.__name__ != "_dropout"]
STEPS = [step for _, step in augment.STEPS]
seeds = st.integers(0, 2**32 - 1)


def lit(box, *, low=0, high=255):
    """A bright box on a dark picture."""
    image = np.full((HEIGHT, WIDTH, 3), low, np.uint8)
    x0, y0, x1, y1 = box
    image[y0:y1, x0:x1] = high
    return image


def middle(share):
    """x, y of the centre of mass; pixel column c has its own at c + 0.5."""
    x, y = np.arange(share.shape[1]) + 0.5, np.arange(share.shape[0]) + 0.5
    return np.array([(share.sum(axis=0) * x).sum(), (share.sum(axis=1) * y).sum()]) / share.sum()


def noise_image(seed, size=(HEIGHT, WIDTH)):
    return np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)


@given(seeds)
def test_the_same_seed_gives_the_same_picture_and_boxes(seed):
    image, boxes = noise_image(0), np.array([[10.0, 20, 60, 70]])
    (one, own), (other, others) = (augmented(image, boxes, np.random.default_rng(seed)) for _ in range(2))
    np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(own, others)


@given(seeds, st.sampled_from([(HEIGHT, WIDTH), (33, 97), (8, 8), (1, 3)]), st.integers(0, 4))
def test_size_and_type_stay_and_boxes_stay_inside(seed, size, count):
    rng = np.random.default_rng(seed)
    before, low = noise_image(seed, size), rng.uniform(0, 0.8, (count, 2))
    boxes = np.concatenate([low, rng.uniform(low, 1)], axis=1) * ([size[1], size[0]] * 2) if count else np.zeros((0, 4))
    given_image, given_boxes = before.copy(), boxes.copy()
    image, moved = augmented(before, boxes, rng)
    assert (image.shape, image.dtype, moved.shape) == (before.shape, np.uint8, boxes.shape)
    assert np.isfinite(moved).all()
    assert (moved >= 0).all()
    assert (moved <= [size[1], size[0], size[1], size[0]]).all()
    assert (moved[:, 2:] >= moved[:, :2]).all()
    np.testing.assert_array_equal(before, given_image)
    np.testing.assert_array_equal(boxes, given_boxes)


@given(seeds)
def test_what_was_bright_lies_within_the_box_that_comes_back(seed):
    """Only the geometry, so that bright means object: within half a pixel all around, and exact on average."""
    box = np.array([40, 30, 80, 66])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(augment, "STEPS", ())
        image, (moved,) = augmented(lit(box), box[None].astype(float), np.random.default_rng(seed))
    # Grey around a shrunken picture is at most 180, and below 180 only half-covered edges are.
    bright = image.max(axis=2) > 200
    if moved.any():
        rows, columns = np.nonzero(bright)
        assert moved[0] - 0.5 <= columns.min() <= columns.max() + 1 <= moved[2] + 0.5
        assert moved[1] - 0.5 <= rows.min() <= rows.max() + 1 <= moved[3] + 0.5


def test_a_scaled_box_is_where_its_pixels_are_to_a_fraction_of_a_pixel(monkeypatch):
    """Half a pixel of disagreement about where a pixel's centre is would shift all boxes by up to 0.2."""
    monkeypatch.setattr(augment, "STEPS", ())
    box, shifts = np.array([56, 40, 72, 56]), []
    for seed in range(200):
        image, (moved,) = augmented(lit(box), box[None].astype(float), np.random.default_rng(seed))
        whole = (moved > 1).all() and (moved < [WIDTH - 1, HEIGHT - 1, WIDTH - 1, HEIGHT - 1]).all()
        if whole and (moved != box).any():
            x0, y0, x1, y1 = (moved + [-2, -2, 2, 2]).astype(int).clip(0)
            size = (moved[2] - moved[0]) / (box[2] - box[0])
            shifts.append([*(middle(image[y0:y1, x0:x1, 0]) + [x0, y0] - (moved[:2] + moved[2:]) / 2), size])
    shifts = np.array(shifts)
    assert len(shifts) > 30
    larger = shifts[:, 2] > 1.2
    assert larger.any()
    assert np.abs(shifts[larger, :2].mean(axis=0)).max() < 0.05
    assert np.abs(shifts[~larger, :2].mean(axis=0)).max() < 0.05


@given(seeds)
def test_a_box_is_given_up_when_and_only_when_too_little_of_it_is_left(seed):
    """Small boxes all over: each comes back as its part within the picture, or as zeros."""
    y, x = np.mgrid[0:HEIGHT:8, 0:WIDTH:8].reshape(2, -1).astype(float)
    boxes = np.stack([x, y, x + 8, y + 8], axis=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(augment, "STEPS", ())
        _, moved = augmented(np.zeros((HEIGHT, WIDTH, 3), np.uint8), boxes, np.random.default_rng(seed))
    area, shown = (moved[:, 2:] - moved[:, :2]).prod(axis=1), moved.any(axis=1)
    whole = area.max()
    assert (area[shown] >= MIN_LEFT * whole * (1 - 1e-9)).all()
    assert (area[~shown] == 0).all()
    # What was given up lay at the border: all that lies clear of it is whole.
    clear = shown & (moved > 1e-9).all(axis=1) & (moved < np.array([WIDTH, HEIGHT] * 2) - 1e-9).all(axis=1)
    np.testing.assert_allclose(area[clear], whole, rtol=1e-9)


@pytest.mark.parametrize("step", MOVERS, ids=lambda s: s.__name__)
@pytest.mark.parametrize("seed", range(5))
def test_no_change_of_colour_or_sharpness_moves_an_object(step, seed):
    box = np.array([40, 30, 80, 66])
    image = np.asarray(step(lit(box, low=60, high=190), np.random.default_rng(seed))).astype(float).mean(axis=2)
    share = np.clip(image - image[:20].mean(), 0, None)
    share[share < 0.5 * share.max()] = 0
    assert np.abs(middle(share) - [60, 48]).max() < 0.6


@pytest.mark.parametrize("step", STEPS, ids=lambda s: s.__name__)
def test_every_step_changes_something_and_leaves_a_picture(step):
    image = noise_image(1, (33, 47))
    changed = np.asarray(step(image.copy(), np.random.default_rng(0)))
    assert changed.shape == image.shape
    assert (changed.astype(np.uint8) != image).any()


def test_every_step_happens():
    """Each seed's choice is its own; in 200 pictures hardly one looks as another."""
    pictures = {augmented(noise_image(2), np.zeros((0, 4)), np.random.default_rng(s))[0].tobytes() for s in range(200)}
    assert len(pictures) > 180
