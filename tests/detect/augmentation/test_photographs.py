"""Renders take backgrounds, light and colours from photographs, and keep their objects."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cyclorama.core.errors import InputError
from cyclorama.detect.augmentation.photographs import Photographs, before_photograph, in_style_of, with_colours_of
from noise import noise_image

SHAPE = (48, 64)
STYLES = {"fourier": in_style_of, "histogram": with_colours_of}
sizes = st.tuples(st.integers(1, 90), st.integers(1, 90))


def smooth(color, size=SHAPE):
    """A picture of one colour with some noise, far from black and white."""
    noise = np.random.default_rng(0).integers(-15, 16, (*size, 3))
    return (np.array(color) + noise).astype(np.uint8)


@settings(max_examples=30, deadline=None)
@given(sizes, st.integers(0, 2**32 - 1))
def test_before_a_photograph_the_foreground_stays_to_the_bit_and_nothing_else_does(size, seed):
    image, foreground = smooth((200, 60, 60)), np.zeros(SHAPE)
    foreground[10:30, 12:40] = 1
    foreground[30:32, 12:40] = 0.5
    made = before_photograph(image, foreground, smooth((20, 20, 120), size), np.random.default_rng(seed))
    assert (made.shape, made.dtype) == (image.shape, np.uint8)
    np.testing.assert_array_equal(made[foreground == 1], image[foreground == 1])
    assert (np.abs(made[foreground == 0].astype(int) - (20, 20, 120)) <= 16).all()
    assert (np.abs(made[foreground == 0.5].astype(int) - (110, 40, 90)) <= 16).all()


def test_each_time_another_part_of_the_photograph_is_shown_undistorted():
    """Of a photograph that is brighter to the right and below, all slopes are alike in both directions."""
    y, x = np.mgrid[0:90, 0:200]
    photograph = np.repeat((x + y)[..., None] // 2, 3, axis=2).astype(np.uint8)
    made = [
        before_photograph(np.zeros((*SHAPE, 3), np.uint8), np.zeros(SHAPE), photograph, np.random.default_rng(seed))
        for seed in range(20)
    ]
    assert len({image.tobytes() for image in made}) == 20
    slopes = np.array([[float(np.diff(image[..., 0].astype(float), axis=a).mean()) for a in (0, 1)] for image in made])
    np.testing.assert_allclose(np.abs(slopes[:, 1]), slopes[:, 0], atol=0.1)
    assert (slopes[:, 1] < 0).any()
    assert (slopes[:, 1] > 0).any()


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("size", [SHAPE, (31, 90), (5, 5)])
def test_a_style_keeps_the_shape_and_moves_the_mean_colour_to_the_photographs(style, size):
    image, photograph = smooth((180, 90, 60)), smooth((60, 100, 160), size)
    for seed in range(5):
        made = STYLES[style](image, photograph, np.random.default_rng(seed))
        assert (made.shape, made.dtype) == (image.shape, np.uint8)
        before, after = (np.abs(i.mean(axis=(0, 1)) - photograph.mean(axis=(0, 1))) for i in (image, made))
        assert (after < 0.75 * before + 2).all()
    # What is where is told by the fine differences, which both keep.
    fine = [i.astype(float).mean(axis=2) - i.mean() for i in (image, made)]
    assert np.corrcoef(fine[0].ravel(), fine[1].ravel())[0, 1] > 0.8


@pytest.mark.parametrize("style", STYLES)
def test_in_the_style_of_itself_a_picture_stays_what_it_is(style):
    image = smooth((120, 130, 110))
    made = STYLES[style](image, image, np.random.default_rng(0))
    assert np.abs(made.astype(int) - image).max() <= 1


def test_with_a_photographs_lowest_frequency_comes_its_mean_colour_exactly():
    image, photograph = smooth((180, 90, 60)), smooth((60, 100, 160))
    made = in_style_of(image, photograph, np.random.default_rng(0))
    np.testing.assert_allclose(made.mean(axis=(0, 1)), photograph.mean(axis=(0, 1)), atol=0.5)


def test_photographs_come_in_the_size_that_is_trained_in_and_all_of_them_by_chance(tmp_path):
    for number in range(4):
        Image.fromarray(noise_image(number, (60, 80))).save(tmp_path / f"{number}.jpg")
    (tmp_path / "notes.txt").write_text("no picture")
    own, rng = Photographs(tmp_path, 30), np.random.default_rng(0)
    assert len(own) == 4
    assert own[0].shape == (30, 40, 3)
    assert len({own.any(rng).tobytes() for _ in range(60)}) == 4


@pytest.mark.parametrize("place", ["empty", "gone"])
def test_a_folder_without_photographs_is_named(tmp_path, place):
    (tmp_path / "empty").mkdir()
    message = f"{tmp_path / place}: holds no photographs (.jpg, .png, .webp, ...)"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        Photographs(tmp_path / place, 30)
