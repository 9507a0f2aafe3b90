"""Pictures: what is drawn is where the labels say."""

import numpy as np

from cyclorama.core.detections import Detections
from cyclorama.dataset import read_dataset
from cyclorama.label.objects.mask import Mask, encoded
from cyclorama.view.colors import color_of
from cyclorama.view.draw import (
    draw_boxes,
    draw_depth,
    draw_detections,
    draw_masks,
    draw_normals,
    draw_sample,
)
from stores import ball_store

RED = (255, 0, 0)


def grey(width=60, height=40, level=100):
    return np.full((height, width, 3), level, np.uint8)


def test_a_box_is_drawn_on_the_pixels_that_it_covers():
    drawn = draw_boxes(grey(), np.array([[10, 5, 30, 25]]), [""], [RED])
    columns = np.flatnonzero((drawn == RED).all(-1).any(0))
    rows = np.flatnonzero((drawn == RED).all(-1).any(1))
    assert (columns[0], columns[-1], rows[0], rows[-1]) == (10, 29, 5, 24)
    assert (drawn[12:18, 15:25] == 100).all()


def test_a_caption_at_the_upper_edge_stays_in_the_picture():
    plain = draw_boxes(grey(), np.array([[0, 0, 50, 39]]), [""], [RED])
    captioned = draw_boxes(grey(), np.array([[0, 0, 50, 39]]), ["cup"], [RED])
    changed = (plain != captioned).any(-1)
    assert changed.any()
    assert not changed[30:].any()


def test_the_picture_that_is_drawn_on_stays_as_it_was():
    image = grey()
    draw_boxes(image, np.array([[10, 5, 30, 25]]), ["x"], [RED])
    draw_masks(image, [np.ones((40, 60), bool)], [RED])
    assert (image == 100).all()


def test_masks_tint_their_pixels_and_no_others():
    mask = np.zeros((40, 60), bool)
    mask[3:7, 10:20] = True
    drawn = draw_masks(grey(), [mask], [RED])
    assert (drawn[mask][:, 0] > 130).all()
    assert (drawn[mask][:, 1:] < 90).all()
    assert (drawn[~mask] == 100).all()


def test_neighbouring_numbers_have_far_colours():
    colors = np.array([color_of(i) for i in range(40)], int)
    assert np.abs(np.diff(colors, axis=0)).max(1).min() > 80


def test_a_sample_shows_its_masks_and_greys_what_is_ignored(tmp_path):
    ball_store(tmp_path / "d", count=1)
    sample = read_dataset(tmp_path / "d").samples[0]
    drawn = draw_sample(sample)
    untouched = ~np.any([a[Mask].pixels for a in sample.annotations], axis=0)
    assert (drawn != sample.load_image())[~untouched].any(-1).mean() > 0.9
    ignored = ball_store(tmp_path / "ignored", count=1, min_visible_fraction=1.1)
    assert {a.ignored is None for a in read_dataset(ignored.root).samples[0].annotations} == {False}
    assert ((draw_sample(read_dataset(ignored.root).samples[0]) == 150).all(-1)).any()


def test_near_is_brighter_and_nothing_is_black():
    depth = np.array([[0.5, 1.0, np.inf]])
    near, far, nothing = draw_depth(depth)[0, :, 0].astype(int)
    assert near > far > nothing == 0
    assert (draw_depth(np.full((2, 2), np.inf)) == 0).all()


def test_normals_are_red_to_the_right_green_upwards_blue_towards_the_camera():
    normals = np.array([[[1, 0, 0], [0, -1, 0], [0, 0, -1], [0, 0, 0]]], float)
    right, up, near, nothing = draw_normals(normals)[0]
    assert (right[0], up[1], near[2]) == (255, 255, 255)
    assert (nothing == 0).all()


def test_detections_are_drawn_in_their_colour_with_their_masks():
    mask = np.zeros((90, 120), bool)
    mask[40:60, 20:50] = True
    found = Detections(np.array([[10, 30, 60, 80]]), np.array([0.9]), np.array([1]), (encoded(mask),))
    drawn = draw_detections(grey(120, 90), found, ("cup", "mug")).astype(int)
    assert (drawn[70, 10:12] == color_of(1)).all()
    np.testing.assert_array_equal(drawn[50, 30], [int(100 * 0.75 + c * 0.25) for c in color_of(1)])
    assert (drawn[65:75, 20:50] == 100).all()
