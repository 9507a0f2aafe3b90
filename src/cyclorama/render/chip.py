"""What the chip makes of light, while it is linear."""

import cv2
import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.sensor import Sensor

# Linear light beyond this is lost in white.
FULL_WELL = 8.0
# Raw values of 16 bits hold so much light, and a little below none for noise.
BLACK, RAW_PER_LIGHT = 4096, (65535 - 4096) / FULL_WELL
# Its numbers are not those of other noise with the same seed.
STREAM = 1


def gathered(light: FloatArray, sensor: Sensor) -> FloatArray:
    """(H, W, 3) float32 linear light as the chip reads (H, W, 3) light; noise may take it below 0."""
    light = light * flicker(light.shape[0], sensor) if sensor.flicker else light
    if sensor.infrared:
        return np.repeat(noisy(light[..., :1], sensor), 3, axis=-1)
    return demosaicked(noisy(mosaic(light), sensor)) if sensor.bayer else noisy(light, sensor)


def flicker(rows: int, sensor: Sensor) -> FloatArray:
    """(rows, 1, 1) float32 mean light of each row during its exposure, whose mean over a long time is 1."""
    time_s = sensor.readout_s * (np.arange(rows) + 0.5) / rows
    swing = np.cos(2 * np.pi * sensor.flicker_hz * time_s + sensor.flicker_phase_rad)
    # The mean of a cosine over an exposure is that of its middle times a sinc.
    swing *= sensor.flicker * np.sinc(sensor.flicker_hz * sensor.exposure_s)
    return np.asarray(1 + swing, np.float32)[:, None, None]


def noisy(light: FloatArray, sensor: Sensor) -> FloatArray:
    """Float32 light of any shape with shot and read noise.

    Electrons are drawn as a Gaussian of a Poisson's variance (Foi et al., "Practical Poissonian-Gaussian Noise Modeling
    and Fitting for Single-Image Raw-Data", 2008, section II).
    """
    if sensor.white_e is None:
        return light
    noise = np.random.default_rng([sensor.noise_seed, STREAM]).standard_normal(light.shape, np.float32)
    variance_e = np.float32(sensor.white_e) * light + np.float32(sensor.read_noise_e**2)
    return np.asarray(light + noise * np.sqrt(variance_e) / np.float32(sensor.white_e), np.float32)


def mosaic(light: FloatArray) -> FloatArray:
    """(H, W) of (H, W, 3) light what a chip sees through a Bayer pattern: rows of red green, then green blue."""
    raw = light[..., 1].copy()
    raw[::2, ::2], raw[1::2, 1::2] = light[::2, ::2, 0], light[1::2, 1::2, 2]
    return raw


def demosaicked(raw: FloatArray) -> FloatArray:
    """(H, W, 3) float32 light of an (H, W) ``mosaic``; along edges rather than across them."""
    if min(raw.shape) < 4:
        return np.repeat(raw[..., None], 3, axis=-1)
    levels = np.clip(np.rint(raw * np.float32(RAW_PER_LIGHT) + BLACK), 0, 65535).astype(np.uint16)
    # OpenCV names a pattern by the second row's second and third pixel.
    colors = cv2.cvtColor(levels, cv2.COLOR_BayerBG2RGB_EA)
    return (colors.astype(np.float32) - np.float32(BLACK)) / np.float32(RAW_PER_LIGHT)
