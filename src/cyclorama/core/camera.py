"""The camera of a scene: where its pixels look, through its lens and while its shutter rolls."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cyclorama.core.arrays import FloatArray, frozen
from cyclorama.core.errors import InputError
from cyclorama.core.geometry import projected
from cyclorama.core.lens import NO_DISTORTION, Coefficients, FisheyeCoefficients, Lens
from cyclorama.core.shutter import LEAST_Z, Shutter

# Turning may move things over the picture, while it is read, by so much of its height: else rows see things twice.
MOST_MOVED = 0.5
# Rows are sought until a pixel moves by less than this.
LAST_STEP_PX, MOST_STEPS = 1e-9, 40
# Points along each edge of the picture at which a shutter is checked, and the turn by which it is.
CHECKED, SMALL_RAD = 9, 1e-4


@dataclass(frozen=True, eq=False)
class Camera:
    """A camera; a pinhole unless its lens distorts, its aperture blurs or its shutter rolls.

    Attributes:
        width: Pixels.
        height: Pixels.
        k: (3, 3) intrinsics, pixels; pixel column c covers [c, c + 1).
        world_from_camera: (4, 4) pose; x right, y down, z forward.
        distortion: k1, k2, p1, p2, k3 of OpenCV; zeros are a pinhole's.
        aperture_m: Diameter of the entrance pupil; 0 is a pinhole's, which has everything in focus.
        focus_m: Depth that is in focus.
        fisheye: k1, k2, k3, k4 of OpenCV's fisheye, also if all are 0; None is no fisheye.
        velocity_m_s: The camera's own, in its frame, in the middle of the exposure, which the pose is of.
        angular_velocity_rad_s: Right-handed about its own axes; its length is the speed.
        readout_s: Of a rolling shutter, from the picture's upper edge to its lower one; the pose is of the middle row's
            time. Rows see how the camera turns meanwhile; that it moves only smears. 0 reads all rows at once.
    """

    width: int
    height: int
    k: FloatArray
    world_from_camera: FloatArray
    distortion: Coefficients = NO_DISTORTION
    aperture_m: float = 0.0
    focus_m: float = 1.0
    fisheye: FisheyeCoefficients | None = None
    velocity_m_s: tuple[float, float, float] = (0.0, 0.0, 0.0)
    angular_velocity_rad_s: tuple[float, float, float] = (0.0, 0.0, 0.0)
    readout_s: float = 0.0

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise ValueError(f"a camera of {self.width} x {self.height} pixels has no image")
        object.__setattr__(self, "k", frozen(self.k, np.float64, (3, 3), "k"))
        pose = frozen(self.world_from_camera, np.float64, (4, 4), "world_from_camera")
        object.__setattr__(self, "world_from_camera", pose)
        coefficients = frozen(self.distortion, np.float64, (5,), "distortion").tolist()
        object.__setattr__(self, "distortion", tuple(coefficients))
        others = self.aperture_m, self.focus_m, *self.velocity_m_s, *self.angular_velocity_rad_s, self.readout_s
        if not np.isfinite([*coefficients, *others]).all():
            raise InputError(
                "camera.distortion, aperture_m, focus_m, velocities and readout_s: expected finite numbers"
            )
        if self.aperture_m < 0 or self.focus_m <= 0:
            raise InputError(
                f"camera.aperture_m {self.aperture_m:g}, focus_m {self.focus_m:g}: expected at least 0, and more than 0"
            )
        if self.readout_s < 0:
            raise InputError(f"camera.readout_s {self.readout_s:g}: expected at least 0 seconds")
        if self.fisheye is not None:
            object.__setattr__(self, "fisheye", _fisheye_coefficients(self.fisheye, self.distortion))
        # What folds the picture over is refused.
        _ = self.lens, self.shutter

    @cached_property
    def lens(self) -> Lens | None:
        """What bends the rays; None where nothing does.

        Raises:
            InputError: It folds the picture over, or is a fisheye that sees too much.
        """
        if self.fisheye is None and not any(self.distortion):
            return None
        corners = self._straightened(np.array([[x, y] for x in (0, self.width) for y in (0, self.height)], float))
        corner = float(np.hypot(*corners.T).max())
        return Lens.of(self.distortion, corner) if self.fisheye is None else Lens.fisheye(self.fisheye, corner)

    @cached_property
    def shutter(self) -> Shutter | None:
        """When which row sees; None where that makes no difference.

        Raises:
            InputError: The camera turns so fast that rows would see things twice.
        """
        if self.readout_s == 0 or not any(self.angular_velocity_rad_s):
            return None
        shutter = Shutter(self.angular_velocity_rad_s, self.readout_s, self.height)
        if not _keeps_order(shutter, self):
            raise InputError(
                f"camera.readout_s {self.readout_s:g}: the camera turns by {np.degrees(shutter.turn_rad):.1f} degrees "
                "meanwhile, and rows would see things twice; expected a shorter readout or a slower turn, so lower "
                "camera.rolling_shutter_ms or camera.turn_deg_s"
            )
        return shutter

    @property
    def is_straight(self) -> bool:
        """Whether straight lines are straight in its picture."""
        return self.lens is None and self.shutter is None

    @property
    def is_moving(self) -> bool:
        """Whether it has a velocity."""
        return any(self.velocity_m_s) or any(self.angular_velocity_rad_s)

    def projected(self, points_camera: FloatArray) -> FloatArray:
        """(N, 2) pixel coordinates x, y of (N, 3) points in the camera's frame; meaningless where z <= 0."""
        if self.is_straight:
            return projected(self.k, points_camera)
        with np.errstate(divide="ignore", invalid="ignore"):
            points = points_camera[:, :2] / points_camera[:, 2:]
            return self.shown(points) if self.shutter is None else self._found_by_rows(points, self.shutter)

    def unprojected(self, pixels: FloatArray) -> FloatArray:
        """(N, 2) x / z and y / z, in the camera's frame, of what is seen at (N, 2) pixel coordinates x, y."""
        points = self.seen(pixels)
        return points if self.shutter is None else self.shutter.at_pose(points, pixels[:, 1])

    def shown(self, points: FloatArray) -> FloatArray:
        """(N, 2) pixel coordinates of what is at (N, 2) x / z and y / z when its row sees it."""
        bent = points if self.lens is None else self.lens.distorted(points)
        return np.asarray(bent @ self.k[:2, :2].T + self.k[:2, 2])

    def seen(self, pixels: FloatArray) -> FloatArray:
        """(N, 2) x / z and y / z of what is seen at (N, 2) pixel coordinates when their row sees it."""
        straight = self._straightened(pixels)
        return straight if self.lens is None else self.lens.undistorted(straight)

    def _found_by_rows(self, points: FloatArray, shutter: Shutter) -> FloatArray:
        """Each row says where it sees a point, until that is in the row itself."""
        pixels = self.shown(points)
        for _ in range(MOST_STEPS):
            before, pixels = pixels, self.shown(shutter.at_rows(points, pixels[:, 1]))
            if not (np.abs(pixels - before) > LAST_STEP_PX).any():
                break
        return pixels

    def _straightened(self, pixels: FloatArray) -> FloatArray:
        """(N, 2) x / z and y / z of pixel coordinates as a pinhole has them."""
        y = (pixels[:, 1] - self.k[1, 2]) / self.k[1, 1]
        return np.stack([(pixels[:, 0] - self.k[0, 2] - self.k[0, 1] * y) / self.k[0, 0], y], axis=-1)


def _fisheye_coefficients(coefficients: FisheyeCoefficients, distortion: Coefficients) -> FisheyeCoefficients:
    k1, k2, k3, k4 = frozen(coefficients, np.float64, (4,), "fisheye").tolist()
    if not np.isfinite([k1, k2, k3, k4]).all():
        raise InputError("camera.fisheye: expected finite numbers")
    if any(distortion):
        raise InputError("camera.distortion and camera.fisheye: expected one of them, a lens has one formula")
    return k1, k2, k3, k4


def _keeps_order(shutter: Shutter, camera: Camera) -> bool:
    """Whether no point of the picture moves so fast along its columns that another row sees it again."""
    x, y = np.meshgrid(np.linspace(0, camera.width, CHECKED), np.linspace(0, camera.height, CHECKED))
    pixels = np.stack([x.ravel(), y.ravel()], axis=-1)
    points = camera.seen(pixels)
    before, after = (camera.shown(shutter.turned(points, np.full(len(points), a))) for a in (-SMALL_RAD, SMALL_RAD))
    moved = np.abs(after - before)[:, 1] / (2 * SMALL_RAD) * shutter.turn_rad / camera.height
    farthest = np.linalg.norm(shutter.at_pose(points, pixels[:, 1]), axis=-1).max()
    return bool(moved.max() <= MOST_MOVED and farthest < 0.5 / LEAST_Z)
