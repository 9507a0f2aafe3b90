"""Rays, windows of pixels, and the points around a model that windows are made of."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclorama.core.geometry import projected, random_rotation
from cyclorama.core.hull import CELLS, box_corners
from cyclorama.core.model import Model
from cyclorama.core.scene import Camera
from cyclorama.render.rays import camera_rays
from cyclorama.render.window import Window
from scenes import sphere_model

windows = st.tuples(st.integers(-9, 9), st.integers(-9, 9), st.integers(0, 12), st.integers(0, 12)).map(
    lambda w: Window(w[0], w[1], w[0] + w[2], w[1] + w[3])
)


def test_rays_go_through_the_centres_of_their_pixels_also_beyond_the_image():
    k = np.array([[80.0, 0.7, 33], [0, 90, 20], [0, 0, 1]])
    columns, rows = np.array([-7, 0, 3, 80]), np.array([-2, 5, 6])
    rays = camera_rays(Camera(64, 48, k, np.eye(4)), columns, rows)
    assert (rays[..., 2] == 1).all()
    seen = projected(k, rays.reshape(-1, 3)).reshape(3, 4, 2)
    np.testing.assert_allclose(seen, np.stack(np.meshgrid(columns + 0.5, rows + 0.5), -1), atol=1e-9)


@given(windows, st.integers(1, 40))
def test_bands_are_whole_rows_that_cover_a_window_once(window, most_px):
    bands = window.bands(most_px)
    assert [row for band in bands for row in range(band.y0, band.y1)] == list(range(window.y0, window.y1))
    assert {(band.x0, band.x1) for band in bands} == {(window.x0, window.x1)}
    assert all(band.area <= most_px or band.shape[0] == 1 for band in bands)


@given(windows.filter(lambda w: w.area), st.integers(1, 15))
def test_the_strides_of_all_pixels_of_a_grid_are_the_window(window, stride):
    columns, rows = window.grid(stride)
    around = Window.of(np.ones((len(rows), len(columns)), bool), columns, rows)
    grown = around.with_strides(stride, window)
    assert (grown.x0, grown.y0) == (window.x0, window.y0)
    assert 0 <= window.x1 - grown.x1 <= stride // 2
    assert 0 <= window.y1 - grown.y1 <= stride // 2


@pytest.mark.parametrize("model", [sphere_model(5), sphere_model(2)], ids=["many vertices", "few vertices"])
def test_the_hull_of_a_model_is_within_its_box_and_around_its_vertices(model):
    """In any direction its points reach as far as the vertices, and nowhere farther than the box."""
    rng = np.random.default_rng(0)
    turn = random_rotation(rng)
    turned = Model("m", "m", model.vertices_m @ turn.T * [1, 2, 3], model.faces, model.normals)
    directions = rng.normal(size=(3, 500))
    corners = box_corners(turned.bounds_m)
    reach = [(points @ directions).max(axis=0) for points in (turned.vertices_m, turned.hull_m, corners)]
    assert (reach[0] <= reach[1] + 1e-7).all()
    assert (reach[1] <= reach[2] + 1e-7).all()
    assert len(turned.hull_m) <= 8 * CELLS**3
    assert (reach[1] - reach[0]).max() < (reach[2] - reach[0]).max() / 3


def test_a_flat_model_has_a_hull():
    y, x = np.mgrid[0:40, 0:40]
    vertices = np.stack([x, y, 0 * x], -1).reshape(-1, 3).astype(float)
    points = Model("m", "m", vertices, [[0, 1, 2]], np.ones_like(vertices)).hull_m
    np.testing.assert_array_equal([points.min(axis=0), points.max(axis=0)], [[0, 0, 0], [39, 39, 0]])
