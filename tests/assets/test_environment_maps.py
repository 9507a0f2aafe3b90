"""The sun of an environment map."""

import numpy as np
import pytest

from cyclorama.assets.environment_maps import split_sun, sun_of, texel_directions
from stage import map_directions, spot_map


def test_texels_look_where_the_conventions_say():
    directions, solid_angles = texel_directions(16)
    np.testing.assert_allclose(directions, map_directions(16), atol=1e-12)
    assert solid_angles.sum() == pytest.approx(4 * np.pi)


def test_the_sun_of_a_map_is_split_off_with_all_its_light():
    radiance = spot_map((0.5, -0.6, 0.62))
    sun, rest = split_sun(radiance)
    solid_angles = texel_directions(len(radiance))[1][..., None]
    whole, left = ((m * solid_angles).sum(axis=(0, 1)) for m in (radiance, rest))
    np.testing.assert_allclose(left + sun.irradiance, whole, rtol=1e-4)
    np.testing.assert_allclose(
        sun.towards_it, np.array([0.5, -0.6, 0.62]) / np.linalg.norm([0.5, -0.6, 0.62]), atol=0.01
    )
    assert sun.angle_rad == pytest.approx(0.15, rel=0.1)
    assert split_sun(np.full((32, 64, 3), 0.4, np.float32))[0] is None


@pytest.mark.parametrize("rows", [24, 300, 700])
def test_a_sun_is_found_whatever_the_size_of_its_map(rows):
    found = sun_of(spot_map((0.5, -0.6, 0.62), rows=rows))
    np.testing.assert_allclose(found.towards_it, np.array([0.5, -0.6, 0.62]) / 0.9975, atol=0.04)
