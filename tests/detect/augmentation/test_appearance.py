"""What changes colours and sharpness leaves everything where it is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclorama.detect.augmentation.appearance import STEPS, varied
from noise import noise_image

HEIGHT, WIDTH = 96, 128
# Paints patches anywhere, so pixels outside of the box may become bright.
IN_PLACE = [step for _, step in STEPS if step.__name__ != "_dropout"]
seeds = st.integers(0, 2**32 - 1)


def lit(box, *, low, high):
    """A bright box on a dark picture."""
    image = np.full((HEIGHT, WIDTH, 3), low, np.uint8)
    x0, y0, x1, y1 = box
    image[y0:y1, x0:x1] = high
    return image


def middle(share):
    """x, y of the centre of mass; pixel column c has its own at c + 0.5."""
    x, y = np.arange(share.shape[1]) + 0.5, np.arange(share.shape[0]) + 0.5
    return np.array([(share.sum(axis=0) * x).sum(), (share.sum(axis=1) * y).sum()]) / share.sum()


@given(seeds, st.sampled_from([(HEIGHT, WIDTH), (33, 97), (8, 8), (1, 3)]))
def test_the_same_seed_gives_the_same_picture_of_the_same_size_and_the_given_one_stays(seed, size):
    image, before = noise_image(0, size), noise_image(0, size)
    one, other = (varied(image, np.random.default_rng(seed), strength=2) for _ in range(2))
    np.testing.assert_array_equal(one, other)
    assert (one.shape, one.dtype) == (image.shape, np.uint8)
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize("step", IN_PLACE, ids=lambda s: s.__name__)
@pytest.mark.parametrize("seed", range(5))
def test_no_change_of_colour_or_sharpness_moves_an_object(step, seed):
    box = np.array([40, 30, 80, 66])
    image = np.asarray(step(lit(box, low=60, high=190), np.random.default_rng(seed))).astype(float).mean(axis=2)
    share = np.clip(image - image[:20].mean(), 0, None)
    share[share < 0.5 * share.max()] = 0
    assert np.abs(middle(share) - [60, 48]).max() < 0.6


@pytest.mark.parametrize("step", [step for _, step in STEPS], ids=lambda s: s.__name__)
def test_every_step_changes_something_and_leaves_a_picture(step):
    image = noise_image(1, (33, 47))
    changed = np.asarray(step(image.copy(), np.random.default_rng(0)))
    assert changed.shape == image.shape
    assert (changed.astype(np.uint8) != image).any()


def test_the_stronger_the_more_pictures_are_changed_and_without_strength_none():
    changed = []
    for strength in (0, 0.2, 1):
        made = [varied(noise_image(2), np.random.default_rng(seed), strength=strength) for seed in range(60)]
        changed.append(sum((image != noise_image(2)).any() for image in made))
    assert changed[0] == 0
    assert 20 < changed[1] < 50 < changed[2]
