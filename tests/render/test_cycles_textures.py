"""Textures are handed to Blender no finer than the camera sees them, and no coarser."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclorama.core.scene import Surface
from cyclorama.render.color import LINEAR_OF_BYTE
from cyclorama.render.engines.cycles.fineness import LARGEST_PX, edges_per_m, halved, spare_halvings
from stage import SHELF, above, placed

QUAD = SHELF.model("fine")


def halvings(size_px=(1024, 1024), height_m=0.0, size=1.0):
    """Of a texture on a square of 2 m, ``size`` times as large, under a camera at 2 m that has 64 pixels a radian."""
    scene = above(placed(1, "fine", (0, 0, height_m), size=size))
    return spare_halvings(size_px, edges_per_m(QUAD, "t"), QUAD, scene.instances[0], scene.camera)


def test_a_texture_that_covers_two_metres_has_half_an_edge_a_metre():
    assert edges_per_m(QUAD, "t") == pytest.approx(0.5)
    tiled = dataclasses.replace(QUAD, uv=3 * QUAD.uv)
    assert edges_per_m(tiled, "t") == pytest.approx(1.5)
    assert edges_per_m(dataclasses.replace(QUAD, uv=None), "t") == 0


def test_the_most_stretched_part_decides_how_fine_a_texture_stays_unless_it_is_tiny():
    def stretched(x_m):
        """Columns of a sheet: up to x_m the first tenth of the texture, the rest beyond."""
        x, u = [0, x_m, 1], [0, 0.1, 1]
        corners = [[x, y, 0] for x in x for y in (0, 1)]
        uv = [[u, v] for u in u for v in (0, 1)]
        faces = [[0, 2, 1], [1, 2, 3], [2, 4, 3], [3, 4, 5]]
        up = [[0, 0, 1.0]] * 6
        return dataclasses.replace(QUAD, vertices_m=corners, uv=uv, faces=faces, normals=up, face_materials=[0] * 4)

    assert edges_per_m(stretched(0.4), "t") == pytest.approx(np.sqrt(0.1 / 0.4))
    assert edges_per_m(stretched(0.04), "t") == pytest.approx(np.sqrt(0.9 / 0.96))


@given(
    st.sampled_from([16, 100, 512, 1024, 2000]), st.floats(-50, 1.9), st.floats(0.01, 3), st.sampled_from([0.25, 1, 4])
)
def test_two_to_four_texels_stay_for_each_pixel_where_a_texture_is_nearest(width_px, height_m, size, oblong):
    size_px = (round(width_px * oblong), width_px)
    times = halvings(size_px, height_m, size)
    nearest_m = 2 - height_m - size * QUAD.radius_m
    texels_per_m = np.sqrt(size_px[0] * size_px[1]) / (2 * size)
    left = texels_per_m / (64 / max(nearest_m, 1e-9)) / 2**times
    assert times >= 0
    assert left >= 2 or times == 0
    assert left < 4 or min(size_px) >> times <= 1


def test_what_no_memory_holds_is_made_smaller_however_near_it_is():
    assert halvings((LARGEST_PX, LARGEST_PX), size=100.0) == 0
    assert halvings((20_000, 300), size=100.0) == 2


@given(st.integers(0, 255), st.integers(0, 5), st.booleans())
def test_a_texture_of_one_colour_keeps_it(byte, times, is_color):
    pixels = np.full((48, 20, 3), byte, np.uint8)
    np.testing.assert_array_equal(
        halved(pixels, times, is_color=is_color), pixels[: 48 >> times, : max(1, 20 >> times)]
    )


def test_colours_are_averaged_as_light_and_data_as_numbers():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (64, 128, 3), np.uint8)
    light = LINEAR_OF_BYTE[halved(pixels, 2, is_color=True)]
    np.testing.assert_allclose(light, blocks(LINEAR_OF_BYTE[pixels], 4), atol=0.005)
    np.testing.assert_allclose(halved(pixels, 2, is_color=False), blocks(pixels, 4), atol=1)


def blocks(values, edge):
    """Means of square blocks."""
    height, width, channels = values.shape
    return values.reshape(height // edge, edge, width // edge, edge, channels).mean(axis=(1, 3))


@pytest.mark.blender
@pytest.mark.parametrize("part", ["the model's own", "in place of it"])
def test_a_pattern_too_fine_to_be_seen_looks_like_its_mean_light(studio, part):
    """Black and white in a pattern of 512 to a metre, of which the camera sees 32: one texel per path gives noise."""
    surface = Surface() if part == "the model's own" else Surface(texture="fine", tile_m=(2, 2, 2))
    light = studio.render(above("fine", surface=surface))[4:-4, 4:-4, :3]
    np.testing.assert_allclose(light, 0.5, atol=0.01)


@pytest.mark.blender
def test_a_texture_of_twenty_thousand_pixels_is_shown(studio):
    light = studio.render(above(placed(1, "long", size=100.0)))
    np.testing.assert_allclose(light[..., 0], 0.5, atol=0.05)


@pytest.mark.blender
def test_a_texture_is_made_anew_for_a_nearer_view(studio):
    """The same model after a far view: its pattern must not stay as coarse as that."""
    studio.render(above(placed(1, "card", (0, 0, -100.0))))
    near = studio.render(above("card"))
    studio.render(above(placed(1, "card", (0, 0, -300.0))))
    np.testing.assert_array_equal(studio.render(above("card")), near)
