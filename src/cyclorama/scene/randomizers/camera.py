"""From where, and through which lens."""

from dataclasses import replace
from typing import Annotated, Any, Self

import numpy as np
from pydantic import Field, field_validator, model_validator

from cyclorama.core.arrays import FloatArray
from cyclorama.core.geometry import intrinsics, look_at, rigid, rotation_about
from cyclorama.core.lens import NO_DISTORTION, Coefficients, FisheyeCoefficients
from cyclorama.core.lens import Fisheye as FisheyeFormula
from cyclorama.core.scene import Camera as SceneCamera
from cyclorama.core.scene import Scene
from cyclorama.scene.chance import Dice
from cyclorama.scene.distributions import Distribution, number
from cyclorama.scene.fields import Section, between, fixed
from cyclorama.scene.gathered import Assets
from cyclorama.scene.rig import PathOptions, StereoOptions


class Distortion(Section):
    """How the lens bends straight lines: OpenCV's coefficients.

    Attributes:
        k1: Radial, of the radius squared.
        k2: Radial, to the fourth.
        p1: Tangential.
        p2: Tangential.
        k3: Radial, to the sixth.
    """

    k1: Annotated[Distribution, number(-10, 10)] = fixed(0.0)
    k2: Annotated[Distribution, number(-10, 10)] = fixed(0.0)
    p1: Annotated[Distribution, number(-1, 1)] = fixed(0.0)
    p2: Annotated[Distribution, number(-1, 1)] = fixed(0.0)
    k3: Annotated[Distribution, number(-10, 10)] = fixed(0.0)


class Fisheye(Section):
    """How a fisheye bends straight lines: OpenCV's coefficients; zeros are an equidistant one.

    Attributes:
        k1: Of the angle cubed.
        k2: To the fifth.
        k3: To the seventh.
        k4: To the ninth.
    """

    k1: Annotated[Distribution, number(-10, 10)] = fixed(0.0)
    k2: Annotated[Distribution, number(-10, 10)] = fixed(0.0)
    k3: Annotated[Distribution, number(-10, 10)] = fixed(0.0)
    k4: Annotated[Distribution, number(-10, 10)] = fixed(0.0)


PositiveNumber = Annotated[float, Field(gt=0)]


class CameraOptions(Section):
    """The camera; it looks at the middle of the scene.

    Attributes:
        distance_m: From the middle of the scene.
        elevation_deg: Above the ground's plane; 90 looks straight down.
        azimuth_deg: Around the vertical, counter-clockwise seen from above.
        roll_deg: About the optical axis.
        fov_deg: Across the picture's width; left out, by the focal length.
        focal_length_mm: For a sensor of sensor_width_mm.
        sensor_width_mm: Along the picture's longer side; 36 is a full-frame camera's.
        look_at_jitter_m: By which the point looked at misses the middle, along each axis.
        f_number: Focal length over aperture, which blurs what is out of focus; left out, all is sharp.
        focus_m: Depth in focus; left out, that of the point looked at.
        distortion: How the lens bends straight lines.
        fisheye: In place of ``distortion``; up to 150 degrees across the picture's corners.
        k: fx, fy, cx, cy of a camera that is known, pixels of the picture; in place of the focal length.
        speed_m_s: In a direction that is drawn, while ``sensor.exposure_s`` lasts; left out, it stands still.
        turn_deg_s: About an axis that is drawn, likewise.
        rolling_shutter_ms: From the first row to the last, while the camera turns by ``turn_deg_s``; a phone's takes 10
            to 30. Left out, all rows see at once.
        path: Through the views of a scene, which then share all but the camera; left out, each has its own.
        stereo: Views in pairs, which share all but the camera; left out, each stands alone.
    """

    distance_m: Annotated[Distribution, number(1e-3, 1000)] = between(0.4, 1.0)
    elevation_deg: Annotated[Distribution, number(-89.9, 89.9)] = between(10, 75)
    azimuth_deg: Annotated[Distribution, number(-720, 720)] = between(0, 360)
    roll_deg: Annotated[Distribution, number(-360, 360)] = between(-15, 15)
    fov_deg: Annotated[Distribution, number(1, 170)] | None = None
    focal_length_mm: Annotated[Distribution, number(1, 2000)] = between(26, 50)
    sensor_width_mm: float = Field(default=36.0, gt=0)
    look_at_jitter_m: Annotated[Distribution, number(0, 100)] = fixed(0.0)
    f_number: Annotated[Distribution, number(0.5, 1000)] | None = None
    focus_m: Annotated[Distribution, number(1e-3, 1e4)] | None = None
    distortion: Distortion | None = None
    fisheye: Fisheye | None = None
    k: tuple[PositiveNumber, PositiveNumber, float, float] | None = None
    speed_m_s: Annotated[Distribution, number(0, 1000)] | None = None
    turn_deg_s: Annotated[Distribution, number(0, 10_000)] | None = None
    rolling_shutter_ms: Annotated[Distribution, number(0, 1000)] | None = None
    path: PathOptions | None = None
    stereo: StereoOptions | None = None

    @field_validator("k", mode="before")
    @classmethod
    def _four_numbers(cls, value: Any) -> Any:
        if value is not None and (not isinstance(value, list | tuple) or len(value) != 4):
            raise ValueError("expected [fx, fy, cx, cy] in pixels of the picture")
        return value

    @model_validator(mode="after")
    def _one_lens(self) -> Self:
        if self.distortion is not None and self.fisheye is not None:
            raise ValueError("distortion and fisheye are two lenses; expected one of them")
        if self.k is not None and self.fov_deg is not None:
            raise ValueError("k says the field of view already; expected no fov_deg")
        return self

    @model_validator(mode="after")
    def _rolls_over_something(self) -> Self:
        if self.rolling_shutter_ms is not None and self.turn_deg_s is None:
            raise ValueError("rolling_shutter_ms shows only how the camera turns; expected turn_deg_s beside it")
        return self


class Camera:
    """On a shell around the origin, looking at it within a jitter, rolled."""

    @staticmethod
    def apply(scene: Scene, options: CameraOptions, assets: Assets, dice: Dice) -> Scene:  # noqa: ARG004
        """The scene with a camera."""
        distance = dice.draw("distance_m", options.distance_m)
        elevation, azimuth, roll = np.radians(
            [
                dice.draw("elevation_deg", options.elevation_deg),
                dice.draw("azimuth_deg", options.azimuth_deg),
                dice.draw("roll_deg", options.roll_deg),
            ]
        )
        level = np.array([np.cos(azimuth), np.sin(azimuth)]) * np.cos(elevation)
        eye = distance * np.array([*level, np.sin(elevation)])
        jitter = dice.draw("look_at_jitter_m", options.look_at_jitter_m)
        target = jitter * dice.rng.uniform(-1, 1, 3)
        rolled = look_at(eye, target) @ rigid(rotation_about([0, 0, 1], roll), [0, 0, 0])
        width, height = scene.camera.width, scene.camera.height
        # The sensor's width belongs to the picture's longer side.
        half_width_mm = 0.5 * options.sensor_width_mm * min(1.0, width / height)
        fov_rad = _fov_rad(options, half_width_mm, width, dice)
        distortion, fisheye = _distortion(options, dice), _fisheye(options, dice)
        if fisheye is not None and options.fov_deg is not None:
            fov_rad = _paraxial(fov_rad, fisheye)
        made = SceneCamera(
            width,
            height,
            intrinsics(width, height, fov_rad) if options.k is None else _k(*options.k),
            rolled,
            distortion,
            _aperture_m(options, half_width_mm, fov_rad, dice),
            float(np.linalg.norm(target - eye)) if options.focus_m is None else dice.draw("focus_m", options.focus_m),
            fisheye,
            _velocity("speed_m_s", options.speed_m_s, dice),
            _velocity("turn_deg_s", options.turn_deg_s, dice, unit=float(np.radians(1))),
            _readout_s(options, dice),
        )
        return replace(scene, camera=made)


def _fov_rad(options: CameraOptions, half_width_mm: float, width: int, dice: Dice) -> float:
    if options.k is not None:
        return float(2 * np.arctan(width / 2 / options.k[0]))
    if options.fov_deg is not None:
        return float(np.radians(dice.draw("fov_deg", options.fov_deg)))
    focal = dice.draw("focal_length_mm", options.focal_length_mm)
    return float(2 * np.arctan(half_width_mm / focal))


def _paraxial(fov_rad: float, fisheye: FisheyeCoefficients) -> float:
    """Field of view of the pinhole that has the focal length of a fisheye with one."""
    bent, _ = FisheyeFormula(*fisheye).bent(np.array(fov_rad / 2))
    return float(2 * np.arctan(bent))


def _k(fx: float, fy: float, cx: float, cy: float) -> FloatArray:
    return np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]])


def _velocity(name: str, speed: Distribution | None, dice: Dice, unit: float = 1.0) -> tuple[float, float, float]:
    """Of a speed in units of the key, in any direction."""
    if speed is None:
        return 0.0, 0.0, 0.0
    direction = dice.rng.normal(size=3)
    x, y, z = (dice.draw(name, speed) * unit * direction / np.linalg.norm(direction)).tolist()
    return x, y, z


def _readout_s(options: CameraOptions, dice: Dice) -> float:
    if options.rolling_shutter_ms is None:
        return 0.0
    return 1e-3 * dice.draw("rolling_shutter_ms", options.rolling_shutter_ms)


def _fisheye(options: CameraOptions, dice: Dice) -> FisheyeCoefficients | None:
    section = options.fisheye
    if section is None:
        return None
    k1, k2, k3, k4 = (dice.draw(f"fisheye.{n}", getattr(section, n)) for n in ("k1", "k2", "k3", "k4"))
    return k1, k2, k3, k4


def _aperture_m(options: CameraOptions, half_width_mm: float, fov_rad: float, dice: Dice) -> float:
    if options.f_number is None:
        return 0.0
    focal_m = 1e-3 * half_width_mm / np.tan(fov_rad / 2)
    return float(focal_m / dice.draw("f_number", options.f_number))


def _distortion(options: CameraOptions, dice: Dice) -> Coefficients:
    section = options.distortion
    if section is None:
        return NO_DISTORTION
    k1, k2, p1, p2, k3 = (dice.draw(f"distortion.{n}", getattr(section, n)) for n in ("k1", "k2", "p1", "p2", "k3"))
    return k1, k2, p1, p2, k3
