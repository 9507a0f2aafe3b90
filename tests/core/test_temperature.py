"""Colours of glowing bodies."""

import numpy as np
import pytest

from cyclorama.core.color import RGB_FROM_XYZ
from cyclorama.core.temperature import COLDEST_K, HOTTEST_K, blackbody_color


@pytest.mark.parametrize(
    ("temperature_k", "x", "y"),
    # CIE 15: illuminant A; the Planckian locus at 4000, 6500 and 10000 K (Wyszecki and Stiles, table 1(3.11)).
    [(2856, 0.4476, 0.4074), (4000, 0.3805, 0.3768), (6500, 0.3135, 0.3237), (10_000, 0.2807, 0.2884)],
)
def test_chromaticities_are_those_of_the_tables(temperature_k, x, y):
    xyz = np.linalg.solve(RGB_FROM_XYZ, blackbody_color(temperature_k))
    np.testing.assert_allclose(xyz[:2] / xyz.sum(), [x, y], atol=0.002)


def test_hotter_is_bluer_and_colder_redder():
    colors = np.array([blackbody_color(t) for t in np.geomspace(COLDEST_K, HOTTEST_K, 40)])
    assert (colors.max(axis=1) == 1).all()
    assert (colors >= 0).all()
    ratio = colors[:, 2] / colors[:, 0]
    assert (np.diff(ratio) >= 0).all()
    assert ratio[0] < 0.02
    assert ratio[-1] > 2
