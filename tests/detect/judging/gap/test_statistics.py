"""Statistics are those of pictures and boxes whose values are known."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from cyclorama.detect.judging.gap.statistics import gathered, image_statistics, object_statistics
from judged import image_result


def noise(deviation, *, mean=128, seed=0):
    values = np.random.default_rng(seed).normal(mean, deviation, (200, 300, 1)).repeat(3, axis=2)
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def plain(color):
    return np.full((40, 60, 3), color, np.uint8)


@pytest.mark.parametrize("deviation", [2, 5, 12])
def test_noise_is_measured_in_levels(deviation):
    assert image_statistics(noise(deviation))["noise"] == pytest.approx(deviation, rel=0.1)


def test_a_slope_has_no_noise():
    ramp = np.tile(np.arange(0, 200, dtype=np.uint8)[None, :, None], (50, 1, 3))
    assert image_statistics(ramp)["noise"] == 0


def test_blur_lowers_sharpness_and_contrast_does_not_change_it():
    image = noise(30)
    soft = cv2.GaussianBlur(image, (0, 0), 1.0)
    faint = (128 + (image.astype(float) - 128) / 3).round().astype(np.uint8)
    sharp = image_statistics(image)["sharpness"]
    assert image_statistics(soft)["sharpness"] < sharp - 0.5
    assert image_statistics(faint)["sharpness"] == pytest.approx(sharp, abs=0.02)


@pytest.mark.parametrize(
    ("color", "name", "sign"),
    [((200, 90, 90), "red_cast", 1), ((90, 200, 90), "red_cast", -1), ((200, 200, 90), "yellow_cast", 1),
     ((90, 90, 200), "yellow_cast", -1)],
)  # fmt: skip
def test_a_cast_has_its_colours_sign(color, name, sign):
    assert image_statistics(plain(color))[name] * sign > 10


def test_white_is_brightest_and_grey_has_no_colour_and_no_contrast():
    assert image_statistics(plain(255))["brightness"] == pytest.approx(100, abs=0.1)
    grey = image_statistics(plain(128))
    assert (grey["contrast"], grey["noise"]) == (0, 0)
    assert grey["saturation"] == pytest.approx(0, abs=0.1)


def test_one_pixel_has_statistics():
    assert all(np.isfinite(list(image_statistics(np.full((1, 1, 3), 7, np.uint8)).values())))


def test_objects_are_measured_in_shares_of_their_picture():
    result = replace(image_result([((0, 0, 20, 5), 0, False), ((10, 0, 20, 5), 1, False)], []), width=100, height=25)
    found = object_statistics(result)
    assert found["size"] == pytest.approx([0.2, 0.2])
    assert found["across"] == pytest.approx([0.1, 0.2])
    assert found["down"] == pytest.approx([0.1, 0.1])
    assert found["aspect"] == pytest.approx([2, 2])
    assert found["overlap"] == pytest.approx([0.5, 0.5])
    assert "visible" not in found


def test_gathered_values_know_their_image_and_leave_out_what_some_do_not_tell():
    told = replace(image_result([((0, 0, 8, 8), 0, False)], []), truth_visible=np.array([0.5]))
    silent = image_result([((0, 0, 8, 8), 0, False), ((9, 9, 8, 8), 0, False), ((9, 9, 8, 8), 0, True)], [])
    empty = image_result([], [])
    pixels = ({"brightness": 1.0}, {"brightness": 2.0}, {"brightness": 3.0})
    found = gathered((told, empty, silent), pixels)
    assert found["count"].values.tolist() == [1, 0, 2]
    assert found["size"].images.tolist() == [0, 2, 2]
    assert "visible" not in found
    assert gathered((told, empty), pixels[:2])["visible"].values.tolist() == [0.5]
