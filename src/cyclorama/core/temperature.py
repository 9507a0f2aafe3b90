"""Colours of what glows, by its temperature."""

import numpy as np

from cyclorama.core.color import RGB_FROM_XYZ

COLDEST_K, HOTTEST_K = 1667.0, 25_000.0
# From these temperatures on: x as a cubic in 1000 / T, and y as a cubic in x.
X_FROM = (
    (COLDEST_K, (-0.2661239, -0.2343589, 0.8776956, 0.179910)),
    (4000.0, (-3.0258469, 2.1070379, 0.2226347, 0.240390)),
)
Y_FROM = (
    (COLDEST_K, (-1.1063814, -1.34811020, 2.18555832, -0.20219683)),
    (2222.0, (-0.9549476, -1.37418593, 2.09137015, -0.16748867)),
    (4000.0, (3.0817580, -5.87338670, 3.75112997, -0.37001483)),
)


def blackbody_color(temperature_k: float) -> tuple[float, float, float]:
    """RGB linear colour of a glowing black body, its largest channel 1; white is at 6500 K.

    Kim et al., "Design of advanced color temperature control system for HDTV applications", 2002, as cubic splines.

    Args:
        temperature_k: From 1667, the colour of a candle's flame or less, to 25000, that of a clear sky.
    """
    x = np.polyval(_of(X_FROM, temperature_k), 1000 / temperature_k)
    y = np.polyval(_of(Y_FROM, temperature_k), x)
    rgb = np.maximum(RGB_FROM_XYZ @ [x / y, 1.0, (1 - x - y) / y], 0)
    r, g, b = (rgb / rgb.max()).tolist()
    return r, g, b


def _of(pieces: tuple[tuple[float, tuple[float, ...]], ...], temperature_k: float) -> tuple[float, ...]:
    return [coefficients for least, coefficients in pieces if temperature_k >= least or least == COLDEST_K][-1]
