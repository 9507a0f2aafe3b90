"""How much of what is done is as the settings say, and chance alone decides to which pictures."""

import numpy as np
import pytest

from cyclorama.detect.augmentation.augment import Augmenter
from cyclorama.detect.augmentation.example import Example
from cyclorama.detect.settings import Augmentation
from noise import noise_image

SHAPE = (24, 32)
NOTHING = {"strength": 0, "scale": (1.0, 1.0)}


class Greys:
    """Photographs of one grey."""

    def any(self, rng):
        del rng
        return np.full((*SHAPE, 3), 90, np.uint8)


def example():
    masks = np.zeros((1, *SHAPE), bool)
    masks[0, 4:20, 6:26] = True
    return Example(noise_image(0, SHAPE), np.array([[6.0, 4, 26, 20]]), np.array([2]), masks)


def near(seed, **settings):
    augmenter = Augmenter(Augmentation(**settings), Greys(), Greys())
    return augmenter.nearer_to_photographs(example(), lambda: example().masks[0] * 1.0, np.random.default_rng(seed))


def augmented(seed, *, progress=0.0, **settings):
    augmenter = Augmenter(Augmentation(**settings))
    return augmenter.augmented(example(), example, np.random.default_rng(seed), progress=progress)


def share_changed(make):
    return np.mean([(make(seed).image != example().image).any() for seed in range(200)])


@pytest.mark.parametrize(
    "settings",
    [{"paste": 0.3}, {"style": "fourier", "style_share": 0.3}, {"style": "histogram", "style_share": 0.3}],
    ids=str,
)
def test_of_renders_the_share_that_was_asked_for_is_brought_nearer_to_photographs(settings):
    assert share_changed(lambda seed: near(seed, **settings)) == pytest.approx(0.3, abs=0.1)


@pytest.mark.parametrize(
    ("settings", "share"),
    [
        (NOTHING, 0),
        (NOTHING | {"mirror": 0.3}, 0.3),
        (NOTHING | {"mosaic": 0.3}, 0.3),
        (NOTHING | {"scale": (0.5, 2.0)}, 0.5),
    ],
    ids=str,
)
def test_of_all_pictures_the_share_that_was_asked_for_is_moved(settings, share):
    assert share_changed(lambda seed: augmented(seed, **settings)) == pytest.approx(share, abs=0.1)


def test_near_its_end_a_run_is_trained_on_whole_pictures():
    settings = NOTHING | {"mosaic": 1, "mosaic_until": 0.7}
    assert share_changed(lambda seed: augmented(seed, progress=0.69, **settings)) == 1
    assert share_changed(lambda seed: augmented(seed, progress=0.7, **settings)) == 0


def test_the_same_chance_gives_the_same_picture_and_what_was_given_stays():
    given, settings = example(), {"mirror": 0.5, "mosaic": 0.5}
    for seed in range(20):
        one, other = (augmented(seed, **settings) for _ in range(2))
        np.testing.assert_array_equal(one.image, other.image)
        np.testing.assert_array_equal(one.boxes, other.boxes)
        np.testing.assert_array_equal(one.masks, other.masks)
        augmented(seed, **settings)
    np.testing.assert_array_equal(given.image, example().image)


def test_light_and_background_move_no_box():
    made = near(1, paste=1, style="fourier", style_share=1)
    np.testing.assert_array_equal(made.boxes, example().boxes)
    np.testing.assert_array_equal(made.masks, example().masks)
