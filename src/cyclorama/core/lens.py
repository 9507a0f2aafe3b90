"""How a lens bends straight lines: radial and tangential distortion, there and back.

Points are (x / z, y / z) in the camera's frame. There are two formulas, with coefficients in the order and meaning of
OpenCV ("Camera Calibration and 3D Reconstruction", detailed description; "Fisheye camera model"):

- Brown's ("Decentering Distortion of Lenses", 1966), with k1, k2, p1, p2, k3;
- a fisheye's (Kannala and Brandt, "A Generic Camera Model and Calibration Method", 2006), with k1, k2, k3, k4.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Protocol

import numpy as np

from cyclorama.core.arrays import FloatArray
from cyclorama.core.errors import InputError

Coefficients = tuple[float, float, float, float, float]
NO_DISTORTION: Coefficients = (0.0, 0.0, 0.0, 0.0, 0.0)
FisheyeCoefficients = tuple[float, float, float, float]

# A lens is followed to this many times the radius of the picture's corner, in so many steps.
FARTHEST, STEPS = 8.0, 2048
# Less than this of a length that is left along the radius counts as folded.
LEAST_SLOPE = 0.02
# A fisheye's picture is made of a pinhole's, which holds no more than this across its corners.
WIDEST_DEG = 150.0
# Undistorting ends with a step below this: what is left to go is about its square.
LAST_STEP = 1e-6
# Squared radii up to this count as the middle, where a fisheye's formula divides by nothing.
LEAST_SQUARED = 1e-12
MOST_STEPS = 30
# So many points at once leave their arrays in the processor's cache.
BAND_POINTS = 2**14


class Radial(Protocol):
    """What a lens does along the radius."""

    def factor(self, squared: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(N,) what points at (N,) squared radii are multiplied by, and its slope over the squared radius."""


@dataclass(frozen=True)
class Brown:
    """1 + k1 r^2 + k2 r^4 + k3 r^6."""

    k1: float
    k2: float
    k3: float

    def factor(self, squared: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(N,) what points at (N,) squared radii are multiplied by, and its slope over the squared radius."""
        slope = self.k1 + squared * (2 * self.k2 + squared * (3 * self.k3))
        factor = 1 + squared * (self.k1 + squared * (self.k2 + squared * self.k3))
        return np.asarray(factor, float), np.asarray(slope, float)


@dataclass(frozen=True)
class Fisheye:
    """a (1 + k1 a^2 + k2 a^4 + k3 a^6 + k4 a^8) / r, where a = atan r is the angle from the optical axis."""

    k1: float
    k2: float
    k3: float
    k4: float

    def factor(self, squared: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(N,) what points at (N,) squared radii are multiplied by, and its slope over the squared radius."""
        radius = np.sqrt(np.maximum(squared, LEAST_SQUARED))
        bent, growth = self.bent(np.arctan(radius))
        factor = bent / radius
        slope = (growth / (1 + radius**2) - factor) / (2 * radius**2)
        near = squared <= LEAST_SQUARED
        return np.where(near, 1.0, factor), np.where(near, self.k1 - 1 / 3, slope)

    def bent(self, angle_rad: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(N,) radius at which (N,) angles from the optical axis show, and its slope over the angle."""
        squared = angle_rad**2
        grown = 1 + squared * (self.k1 + squared * (self.k2 + squared * (self.k3 + squared * self.k4)))
        slope = 1 + squared * (3 * self.k1 + squared * (5 * self.k2 + squared * (7 * self.k3 + squared * 9 * self.k4)))
        return np.asarray(angle_rad * grown, float), np.asarray(slope, float)


@dataclass(frozen=True)
class Lens:
    """A distortion and where it is known.

    Polynomials say nothing beyond the picture that they were fitted to: they fold back, and things far beside the
    picture would show in it. So the lens goes on straight along each radius from ``reach`` on.

    Attributes:
        radial: What it does along the radius.
        tangential: p1, p2.
        reach: Undistorted radius up to which the formula holds; the picture is within.
    """

    radial: Radial
    tangential: tuple[float, float]
    reach: float

    @classmethod
    def of(cls, coefficients: Coefficients, corner: float) -> "Lens":
        """The lens of a picture whose farthest corner is distorted to the radius ``corner``.

        Raises:
            InputError: It folds the picture over, so that some pixels see two directions or none.
        """
        return _lens(coefficients, corner)

    @classmethod
    def fisheye(cls, coefficients: FisheyeCoefficients, corner: float) -> "Lens":
        """The fisheye of a picture whose farthest corner is distorted to the radius ``corner``.

        Raises:
            InputError: It folds the picture over, or sees more than WIDEST_DEG.
        """
        return _fisheye(coefficients, corner)

    @cached_property
    def _straight(self) -> tuple[float, float]:
        """Radius at the reach after distortion, without its tangential part, and its growth from there on."""
        squared = np.array([self.reach**2])
        factor, slope = self.radial.factor(squared)
        return self.reach * float(factor[0]), float(factor[0] + 2 * squared[0] * slope[0])

    @cached_property
    def _inverse_table(self) -> tuple[FloatArray, FloatArray]:
        """Radii after distortion, without its tangential part, and before, up to the reach."""
        radii = np.linspace(0, self.reach, STEPS)
        return radii * self.radial.factor(radii**2)[0], radii

    def distorted(self, points: FloatArray) -> FloatArray:
        """(N, 2) where the lens puts (N, 2) points."""
        x, y = points.T
        squared = x * x + y * y
        radial, _, share, _ = self._terms(squared)
        tangent_x, tangent_y = self._tangents(x, y, squared)
        return np.stack([x * radial + share * tangent_x, y * radial + share * tangent_y], axis=-1)

    def undistorted(self, points: FloatArray) -> FloatArray:
        """(N, 2) the points that the lens puts at (N, 2) points, to 1e-9 of a focal length."""
        bands = [self._undistorted(points[i : i + BAND_POINTS]) for i in range(0, len(points), BAND_POINTS)]
        return np.concatenate(bands) if bands else np.zeros((0, 2))

    def _undistorted(self, points: FloatArray) -> FloatArray:
        """By Newton's method, from where the points would be without tangential distortion."""
        found = self._guess(points)
        for _ in range(MOST_STEPS):
            x, y, (a, b, c, d) = self._bent(found)
            x, y = points[:, 0] - x, points[:, 1] - y
            step = np.stack([d * x - b * y, a * y - c * x], axis=-1) / (a * d - b * c)[:, None]
            found = found + step
            if np.abs(step).max(initial=0) < LAST_STEP * max(1.0, float(np.abs(found).max(initial=0))):
                break
        return found

    def _guess(self, points: FloatArray) -> FloatArray:
        bent = np.hypot(points[:, 0], points[:, 1])
        end, growth = self._straight
        radii = np.where(bent > end, self.reach + (bent - end) / growth, np.interp(bent, *self._inverse_table))
        return points * (radii / np.maximum(bent, 1e-300))[:, None]

    def determinants(self, points: FloatArray) -> FloatArray:
        """(N,) what an area about each of (N, 2) points is multiplied by; not positive where the picture folds."""
        _, _, (a, b, c, d) = self._bent(points)
        return a * d - b * c

    def _bent(self, points: FloatArray) -> tuple[FloatArray, FloatArray, tuple[FloatArray, ...]]:
        """Distorted x and y and their slopes: of x over x, of x over y, of y over x, of y over y."""
        x, y = points.T
        squared = x * x + y * y
        radial, radial_slope, share, share_slope = self._terms(squared)
        tangent_x, tangent_y = self._tangents(x, y, squared)
        p1, p2 = self.tangential
        crossed = 2 * x * y * radial_slope + 2 * share * (p1 * x + p2 * y)
        along_x = radial + 2 * x * x * radial_slope + share * (2 * p1 * y + 6 * p2 * x)
        along_y = radial + 2 * y * y * radial_slope + share * (6 * p1 * y + 2 * p2 * x)
        slope_x, slope_y = 2 * share_slope * tangent_x, 2 * share_slope * tangent_y
        slopes = along_x + x * slope_x, crossed + y * slope_x, crossed + x * slope_y, along_y + y * slope_y
        return x * radial + share * tangent_x, y * radial + share * tangent_y, slopes

    def _tangents(self, x: FloatArray, y: FloatArray, squared: FloatArray) -> tuple[FloatArray, FloatArray]:
        p1, p2 = self.tangential
        both = 2 * x * y
        return p1 * both + p2 * (squared + 2 * x * x), p1 * (squared + 2 * y * y) + p2 * both

    def _terms(self, squared: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Radial factor, its slope, the share that the tangential part has, its slope; over the squared radius."""
        inner = np.minimum(squared, self.reach**2)
        radial, radial_slope = self.radial.factor(inner)
        share, share_slope = np.ones_like(squared), np.zeros_like(squared)
        beyond = squared > inner
        if beyond.any():
            far = squared[beyond]
            radius, (end, growth) = np.sqrt(far), self._straight
            radial[beyond] = growth + (end - growth * self.reach) / radius
            radial_slope[beyond] = -0.5 * (end - growth * self.reach) / (far * radius)
            share[beyond] = 2 * self.reach / radius - self.reach**2 / far
            share_slope[beyond] = (self.reach / far) ** 2 - self.reach / (far * radius)
        return radial, radial_slope, share, share_slope


@lru_cache(64)
def _lens(coefficients: Coefficients, corner: float) -> Lens:
    radii = np.linspace(0, FARTHEST * corner, STEPS + 1)
    k1, k2, p1, p2, k3 = coefficients
    radial = Brown(k1, k2, k3)
    factor, slope = radial.factor(radii**2)
    # The tangential part moves a point by at most three times p r^2.
    surely = radii * factor - 3 * np.hypot(p1, p2) * radii**2
    last = int(np.argmax(surely >= corner))
    folded = surely[last] < corner or (factor + 2 * radii**2 * slope)[: last + 1].min() < LEAST_SLOPE
    lens = Lens(radial, (p1, p2), float(radii[last]))
    if folded or lens.determinants(_rings(lens.reach)).min() <= 0:
        raise InputError(
            f"camera.distortion {list(coefficients)} folds the picture over before its corner; "
            "expected smaller coefficients, or a narrower field of view"
        )
    return lens


@lru_cache(64)
def _fisheye(coefficients: FisheyeCoefficients, corner: float) -> Lens:
    radial = Fisheye(*coefficients)
    angles = np.linspace(0, np.radians(WIDEST_DEG / 2), STEPS + 1)
    bent, slope = radial.bent(angles)
    last = int(np.argmax(bent >= corner))
    if slope[: last + 1 if bent[last] >= corner else None].min() < LEAST_SLOPE:
        raise InputError(
            f"camera.fisheye {list(coefficients)} folds the picture over before its corner; "
            "expected smaller coefficients, or a narrower field of view"
        )
    if bent[last] < corner:
        raise InputError(
            f"camera.fisheye {list(coefficients)} sees more than {WIDEST_DEG:g} degrees across the picture's corners; "
            "expected less: lower camera.fov_deg, or lengthen camera.focal_length_mm"
        )
    return Lens(radial, (0.0, 0.0), float(np.tan(angles[last])))


def _rings(reach: float) -> FloatArray:
    """(N, 2) points all over the disc within the reach, and far beyond: between, what is straight does not turn."""
    radii = np.concatenate([np.linspace(0, reach, 33), [1e6 * reach]])
    angles = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    return np.stack([np.outer(radii, np.cos(angles)), np.outer(radii, np.sin(angles))], axis=-1).reshape(-1, 2)
