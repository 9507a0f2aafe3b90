"""Daylight by formula: the sky's radiance and the sun's, by the sun's height and the air's haze."""

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.color import RGB_FROM_XYZ
from cyclorama.core.lights import Sky

HEIGHT, WIDTH = 256, 512
# Radiance of a thousand candela per square metre: a clear day is about as strong as the built-in maps are.
RADIANCE_PER_KCD = 0.06
# Illuminance of the sun outside of the atmosphere, kilolux; its disc is drawn larger than it is, to cover some pixels.
SUN_KLX, SUN_RADIUS_RAD = 128.0, 0.02
# Wavelengths that stand for red, green and blue, micrometres.
RGB_UM = np.array([0.61, 0.55, 0.465])
GROUND_ALBEDO = 0.2
# Rows luminance, x and y; columns A to E: each is turbidity times the first, plus the second.
PEREZ = np.array(
    [
        [[0.1787, -1.4630], [-0.3554, 0.4275], [-0.0227, 5.3251], [0.1206, -2.5771], [-0.0670, 0.3703]],
        [[-0.0193, -0.2592], [-0.0665, 0.0008], [-0.0004, 0.2125], [-0.0641, -0.8989], [-0.0033, 0.0452]],
        [[-0.0167, -0.2608], [-0.0950, 0.0092], [-0.0079, 0.2102], [-0.0441, -1.6537], [-0.0109, 0.0529]],
    ]
)
# Chromaticities x and y of the zenith: by turbidity's square, itself and 1, and the angle's cube down to 1.
ZENITH = np.array(
    [
        [
            [0.00166, -0.00375, 0.00209, 0.0],
            [-0.02903, 0.06377, -0.03202, 0.00394],
            [0.11693, -0.21196, 0.06052, 0.25886],
        ],
        [
            [0.00275, -0.00610, 0.00317, 0.0],
            [-0.04214, 0.08970, -0.04153, 0.00516],
            [0.15346, -0.26756, 0.06670, 0.26688],
        ],
    ]
)


def sky_light(sky: Sky) -> FloatArray:
    """(256, 512, 3) float32 linear radiance of a clear or hazy day, the sun above the middle column.

    Preetham, Shirley and Smits, "A Practical Analytic Model for Daylight", 1999: appendix A.2 for the sky, A.1 for what
    the air leaves of the sun. Below the horizon lies grey ground.
    """
    azimuth = (0.5 - (np.arange(WIDTH) + 0.5) / WIDTH) * 2 * np.pi
    zenith_angle = ((np.arange(HEIGHT) + 0.5) / HEIGHT * np.pi)[:, None]
    sun_angle = np.radians(90 - sky.sun_deg)
    cosine = np.cos(zenith_angle) * np.cos(sun_angle) + np.sin(zenith_angle) * np.sin(sun_angle) * np.cos(azimuth)
    from_sun = np.arccos(np.clip(cosine, -1, 1))
    solid_angle = np.sin(zenith_angle) * (np.pi / HEIGHT) * (2 * np.pi / WIDTH)
    light = _sky_kcd(zenith_angle, from_sun, sun_angle, sky.turbidity)
    # A pixel is sun by the share of it that the disc covers, about.
    disc = np.clip((SUN_RADIUS_RAD - from_sun) * HEIGHT / np.pi + 0.5, 0, 1) * (zenith_angle < np.pi / 2)
    sun = disc / max(float((disc * solid_angle).sum()), 1e-9)
    light = light + sun[..., None] * _sun_klx(sky)
    above = (zenith_angle < np.pi / 2)[..., None]
    on_ground = (above * light * (np.cos(zenith_angle) * solid_angle)[..., None]).sum(axis=(0, 1))
    whole = np.where(above, light, GROUND_ALBEDO * on_ground / np.pi)
    return (RADIANCE_PER_KCD * whole).astype(np.float32)


def _sky_kcd(zenith_angle: FloatArray, from_sun: FloatArray, sun_angle: float, turbidity: float) -> FloatArray:
    """(H, W, 3) linear sRGB, white of 1 being 1000 cd/m^2; goes on below the horizon as at it."""
    values = []
    for zenith, coefficients in zip(_zenith(sun_angle, turbidity), PEREZ @ [turbidity, 1.0], strict=True):
        there, here = (_perez(coefficients, *angles) for angles in ((zenith_angle, from_sun), (0.0, sun_angle)))
        values.append(zenith * there / here)
    luminance, x, y = values
    xyz = np.stack([luminance * x / y, luminance, luminance * (1 - x - y) / y], axis=-1)
    return np.maximum(xyz @ RGB_FROM_XYZ.T, 0)


def _perez(coefficients: FloatArray, zenith_angle: FloatArray | float, from_sun: FloatArray | float) -> FloatArray:
    a, b, c, d, e = coefficients
    level = np.maximum(np.cos(zenith_angle), 1e-3)
    return np.asarray((1 + a * np.exp(b / level)) * (1 + c * np.exp(d * from_sun) + e * np.cos(from_sun) ** 2))


def _zenith(sun_angle: float, turbidity: float) -> tuple[float, float, float]:
    """Luminance in kcd/m^2, x and y straight above."""
    chi = (4 / 9 - turbidity / 120) * (np.pi - 2 * sun_angle)
    luminance = (4.0453 * turbidity - 4.9710) * np.tan(chi) - 0.2155 * turbidity + 2.4192
    x, y = ([turbidity**2, turbidity, 1] @ table @ [sun_angle**3, sun_angle**2, sun_angle, 1] for table in ZENITH)
    return max(float(luminance), 0.05), float(x), float(y)


def _sun_klx(sky: Sky) -> FloatArray:
    """(3,) RGB illuminance across the sun's direction, kilolux."""
    air_mass = 1 / (np.sin(np.radians(sky.sun_deg)) + 0.15 * (sky.sun_deg + 3.885) ** -1.253)
    haze = 0.04608 * sky.turbidity - 0.04586
    return np.asarray(SUN_KLX * np.exp(-air_mass * (0.008735 * RGB_UM**-4.08 + haze * RGB_UM**-1.3)))
