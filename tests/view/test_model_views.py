"""A model's keypoints on its four views."""

from dataclasses import replace

import numpy as np

from cyclorama.render.views import four_views, keypoints_in_four_views
from cyclorama.view.model_views import draw_model
from scenes import sphere_model

SPHERE = sphere_model(3)
NAMES = SPHERE.landmarks.skeleton.names
PAPER = four_views(SPHERE)[2, 2]


def test_each_view_shows_the_keypoint_that_faces_it_in_its_middle():
    seen = keypoints_in_four_views(SPHERE, size_px=100)
    middles = {"left": (50, 50), "front": (150, 50), "top": (50, 150)}
    opposite = {"left": "right", "front": "back", "top": "bottom"}
    for (name, middle), (xy, is_clear) in zip(middles.items(), seen, strict=False):
        np.testing.assert_allclose(xy[NAMES.index(name)], middle, atol=1e-6)
        assert is_clear[NAMES.index(name)]
        assert not is_clear[NAMES.index(opposite[name])]
    xy, is_clear = seen[3]
    assert {NAMES[i] for i in np.flatnonzero(is_clear)} == {"top", "left", "front"}
    assert ((xy > 100) & (xy < 200)).all()


def test_keypoints_lie_on_the_model_in_the_picture():
    picture = four_views(SPHERE)
    for xy, is_clear in keypoints_in_four_views(SPHERE):
        columns, rows = np.floor(xy[is_clear]).astype(int).T
        assert (picture[rows, columns] != PAPER).any(axis=1).all()


def test_a_model_is_drawn_with_names_beside_what_is_clear_and_without_keypoints_as_it_is():
    bare = replace(SPHERE, landmarks=None)
    np.testing.assert_array_equal(draw_model(bare), four_views(bare))
    changed = (draw_model(SPHERE) != four_views(SPHERE)).any(-1)
    left = changed[160 - 14 : 160 + 4, 160 + 8 : 160 + 24]
    assert left.any()
