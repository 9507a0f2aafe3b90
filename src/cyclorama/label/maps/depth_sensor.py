"""How far away a depth camera would find the surface behind a pixel."""

import numpy as np

from cyclorama.core.arrays import BoolArray, FloatArray, IntArray
from cyclorama.core.frame import Frame
from cyclorama.label.maps.depth import Depth

# A structured-light camera's, as the first Kinect was measured (Khoshelham and Elberink, "Accuracy and Resolution of
# Kinect Depth Data", 2012): between projector and camera, and of disparity.
BASELINE_M = 0.075
STEP_PX, SIGMA_PX = 1 / 8, 1 / 16
# Of disparity, by which what casts a shadow is nearer.
EDGE_PX = 1.0
# Of where edges are, and the flattest angle that is seen (Nguyen et al., "Modeling Kinect Sensor Noise for Improved 3D
# Reconstruction and Tracking", 2012).
LATERAL_SIGMA_PX = 0.5
LEAST_COSINE = np.cos(np.radians(80))
# Its numbers are not those of the picture's noise.
STREAM = 2


class DepthSensor:
    """``depth`` as a sensor that triangulates sees it; its noise is a fact of the scene.

    Disparity is noisy and comes in steps, so errors grow as z^2. Nothing is found where the projector, to the camera's
    right, is hidden by something nearer, and on surfaces that are seen at a grazing angle.
    """

    suffix = Depth.suffix
    encode = staticmethod(Depth.encode)
    read = staticmethod(Depth.read)

    @staticmethod
    def measure(frame: Frame) -> FloatArray:
        """(H, W) float32 metres, inf where nothing is found."""
        rng = np.random.default_rng([frame.scene.sensor.noise_seed, STREAM])
        rows, columns = _jittered(frame.geometry.depth_m.shape, rng)
        scale_px_m = float(frame.scene.camera.k[0, 0]) * BASELINE_M
        disparity_px = scale_px_m / frame.geometry.depth_m[rows, columns].astype(float)
        found = (disparity_px > 0) & ~_in_shadow(disparity_px) & ~_is_grazing(frame)[rows, columns]
        noisy_px = disparity_px + SIGMA_PX * rng.standard_normal(disparity_px.shape)
        steps_px = np.maximum(np.rint(noisy_px / STEP_PX), 1) * STEP_PX
        return np.where(found, scale_px_m / steps_px, np.inf).astype(np.float32)


def _jittered(shape: tuple[int, ...], rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    """(H, W) rows and (H, W) columns that pixels take their depth from."""
    places = np.indices(shape) + np.rint(LATERAL_SIGMA_PX * rng.standard_normal((2, *shape))).astype(int)
    return np.clip(places[0], 0, shape[0] - 1), np.clip(places[1], 0, shape[1] - 1)


def _in_shadow(disparity_px: FloatArray) -> BoolArray:
    """(H, W) where the projector's ray meets something else first, which is nearer by more than the noise of edges."""
    rows, columns = np.indices(disparity_px.shape)
    ray = np.floor(columns - disparity_px).astype(int)
    ray -= ray.min()
    nearest_px = np.zeros((len(ray), ray.max() + 2))
    # Each pixel covers parts of two rays.
    np.maximum.at(nearest_px, (rows, ray), disparity_px)
    np.maximum.at(nearest_px, (rows, ray + 1), disparity_px)
    return np.asarray(nearest_px[rows, ray] > disparity_px + EDGE_PX)


def _is_grazing(frame: Frame) -> BoolArray:
    """(H, W)."""
    camera, normals = frame.scene.camera, frame.geometry.normal_camera
    columns, rows = np.meshgrid(np.arange(camera.width) + 0.5, np.arange(camera.height) + 0.5)
    x, y = camera.unprojected(np.stack([columns, rows], axis=-1).reshape(-1, 2)).T.reshape(2, *normals.shape[:2])
    along = np.abs(normals[..., 0] * x + normals[..., 1] * y + normals[..., 2])
    return np.asarray(along < LEAST_COSINE * np.sqrt(x * x + y * y + 1))
