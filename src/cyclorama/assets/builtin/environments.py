"""Procedural light from all around."""

from collections.abc import Callable

import numpy as np
from scipy.special import expit

from cyclorama.core.arrays import FloatArray

HEIGHT, WIDTH = 256, 512


def environment(name: str) -> FloatArray:
    """(256, 512, 3) float32 linear radiance; see docs/conventions.md for its orientation."""
    return np.asarray(_MAKERS[name](_directions()), np.float32)


def _directions() -> FloatArray:
    """(H, W, 3) unit directions of the map's pixels in the world."""
    azimuth = (0.5 - (np.arange(WIDTH) + 0.5) / WIDTH) * 2 * np.pi
    polar = (np.arange(HEIGHT) + 0.5) / HEIGHT * np.pi
    sine = np.sin(polar)[:, None]
    return np.stack(
        [sine * np.cos(azimuth), sine * np.sin(azimuth), np.broadcast_to(np.cos(polar)[:, None], (HEIGHT, WIDTH))], -1
    )


def _gradient(d: FloatArray, down: list[float], level: list[float], up: list[float]) -> FloatArray:
    z = d[..., 2:]
    low, middle, high = (np.array(c) for c in (down, level, up))
    above, below = np.clip(z, 0, 1) ** 0.6, np.clip(-z * 6, 0, 1)
    return np.where(z >= 0, middle + (high - middle) * above, middle + (low - middle) * below)


def _glow(d: FloatArray, azimuth_deg: float, elevation_deg: float, radius_deg: float, color: list[float]) -> FloatArray:
    a, e = np.radians([azimuth_deg, elevation_deg])
    towards = np.array([np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)])
    angle = np.degrees(np.arccos(np.clip(d @ towards, -1, 1)))
    return expit((radius_deg - angle) / (0.08 * radius_deg))[..., None] * np.array(color)


def _panel(
    d: FloatArray, azimuth_deg: float, elevation_deg: float, width_deg: float, height_deg: float, color: list[float]
) -> FloatArray:
    azimuth = np.degrees(np.arctan2(d[..., 1], d[..., 0]))
    elevation = np.degrees(np.arcsin(np.clip(d[..., 2], -1, 1)))
    across = np.abs((azimuth - azimuth_deg + 180) % 360 - 180) * np.cos(np.radians(elevation))
    inside = np.minimum(width_deg / 2 - across, height_deg / 2 - np.abs(elevation - elevation_deg))
    return np.clip(inside / 1.5 + 0.5, 0, 1)[..., None] * np.array(color)


def _studio(d: FloatArray) -> FloatArray:
    room = _gradient(d, [0.12, 0.12, 0.12], [0.25, 0.25, 0.26], [0.35, 0.35, 0.36])
    key = _panel(d, 40, 35, 45, 40, [9.0, 8.7, 8.2])
    return room + key + _panel(d, -80, 25, 25, 60, [4.0, 4.2, 4.6]) + _panel(d, 170, 60, 60, 18, [5.0, 5.0, 5.0])


def _overcast(d: FloatArray) -> FloatArray:
    return _gradient(d, [0.22, 0.2, 0.17], [0.7, 0.74, 0.8], [1.3, 1.36, 1.45])


def _clear_sky(d: FloatArray) -> FloatArray:
    sky = _gradient(d, [0.2, 0.17, 0.13], [0.65, 0.78, 0.95], [0.18, 0.36, 0.85])
    return sky + _glow(d, 60, 48, 2.2, [700.0, 640.0, 540.0]) + _glow(d, 60, 48, 14, [0.8, 0.75, 0.6])


def _sunset(d: FloatArray) -> FloatArray:
    sky = _gradient(d, [0.12, 0.09, 0.07], [0.95, 0.5, 0.28], [0.16, 0.22, 0.45])
    return sky + _glow(d, -30, 7, 3, [180.0, 85.0, 30.0]) + _glow(d, -30, 7, 25, [1.3, 0.6, 0.25])


def _living_room(d: FloatArray) -> FloatArray:
    room = _gradient(d, [0.16, 0.11, 0.08], [0.34, 0.3, 0.26], [0.5, 0.48, 0.45])
    windows = sum(_panel(d, a, 12, 24, 34, [7.5, 8.6, 10.0]) for a in (65, 95))
    return room + windows + _glow(d, -120, 25, 6, [14.0, 9.0, 4.5])


def _warehouse(d: FloatArray) -> FloatArray:
    hall = _gradient(d, [0.2, 0.2, 0.19], [0.22, 0.23, 0.23], [0.3, 0.31, 0.3])
    tubes = (_panel(d, a, e, 70, 3, [16.0, 17.5, 15.0]) for a in (0, 180) for e in (40, 58, 74))
    return hall + sum(tubes, np.zeros(3))


def _evening_lamps(d: FloatArray) -> FloatArray:
    room = _gradient(d, [0.05, 0.04, 0.03], [0.12, 0.09, 0.07], [0.14, 0.11, 0.09])
    lamps = ((20, 50, 5), (150, 20, 4), (-70, 35, 6))
    return room + sum((_glow(d, a, e, r, [30.0, 19.0, 9.0]) for a, e, r in lamps), np.zeros(3))


def _forest(d: FloatArray) -> FloatArray:
    rng = np.random.default_rng(11)
    base = _gradient(d, [0.08, 0.07, 0.04], [0.16, 0.2, 0.09], [0.55, 0.7, 0.5])
    gaps = zip(rng.uniform(-180, 180, 60), rng.uniform(8, 85, 60), rng.uniform(1.5, 6, 60), strict=True)
    return base + sum((_glow(d, a, e, r, [3.0, 3.4, 2.6]) for a, e, r in gaps), np.zeros(3))


_MAKERS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "studio": _studio,
    "overcast": _overcast,
    "clear_sky": _clear_sky,
    "sunset": _sunset,
    "living_room": _living_room,
    "warehouse": _warehouse,
    "evening_lamps": _evening_lamps,
    "forest": _forest,
}
ENVIRONMENTS = tuple(_MAKERS)
