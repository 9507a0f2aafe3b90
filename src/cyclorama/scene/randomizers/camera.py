"""From where, and through which lens."""

from dataclasses import replace

import numpy as np

from cyclorama.core.geometry import intrinsics, look_at, rigid, rotation_about
from cyclorama.core.lens import NO_DISTORTION, Coefficients
from cyclorama.core.scene import Camera as SceneCamera
from cyclorama.core.scene import Scene
from cyclorama.scene.chance import Dice
from cyclorama.scene.gather import Assets
from cyclorama.scene.recipe import Recipe


class Camera:
    """On a shell around the origin, looking at it within a jitter, rolled."""

    @staticmethod
    def apply(scene: Scene, recipe: Recipe, assets: Assets, dice: Dice) -> Scene:  # noqa: ARG004
        """The scene with a camera."""
        section = recipe.camera
        distance = dice.draw("distance_m", section.distance_m)
        elevation, azimuth, roll = np.radians(
            [
                dice.draw("elevation_deg", section.elevation_deg),
                dice.draw("azimuth_deg", section.azimuth_deg),
                dice.draw("roll_deg", section.roll_deg),
            ]
        )
        level = np.array([np.cos(azimuth), np.sin(azimuth)]) * np.cos(elevation)
        eye = distance * np.array([*level, np.sin(elevation)])
        jitter = dice.draw("look_at_jitter_m", section.look_at_jitter_m)
        target = jitter * dice.rng.uniform(-1, 1, 3)
        rolled = look_at(eye, target) @ rigid(rotation_about([0, 0, 1], roll), [0, 0, 0])
        fov_rad = _fov_rad(recipe, dice)
        made = SceneCamera(
            recipe.image.width,
            recipe.image.height,
            intrinsics(recipe.image.width, recipe.image.height, fov_rad),
            rolled,
            _distortion(recipe, dice),
            _aperture_m(recipe, dice, fov_rad),
            float(np.linalg.norm(target - eye)) if section.focus_m is None else dice.draw("focus_m", section.focus_m),
        )
        return replace(scene, camera=made)


def _fov_rad(recipe: Recipe, dice: Dice) -> float:
    if recipe.camera.fov_deg is not None:
        return float(np.radians(dice.draw("fov_deg", recipe.camera.fov_deg)))
    focal = dice.draw("focal_length_mm", recipe.camera.focal_length_mm)
    return float(2 * np.arctan(_half_width_mm(recipe) / focal))


def _half_width_mm(recipe: Recipe) -> float:
    """Of the picture on the sensor, whose width belongs to the picture's longer side."""
    return 0.5 * recipe.camera.sensor_width_mm * min(1.0, recipe.image.width / recipe.image.height)


def _aperture_m(recipe: Recipe, dice: Dice, fov_rad: float) -> float:
    if recipe.camera.f_number is None:
        return 0.0
    focal_m = 1e-3 * _half_width_mm(recipe) / np.tan(fov_rad / 2)
    return float(focal_m / dice.draw("f_number", recipe.camera.f_number))


def _distortion(recipe: Recipe, dice: Dice) -> Coefficients:
    section = recipe.camera.distortion
    if section is None:
        return NO_DISTORTION
    k1, k2, p1, p2, k3 = (dice.draw(f"distortion.{n}", getattr(section, n)) for n in ("k1", "k2", "p1", "p2", "k3"))
    return k1, k2, p1, p2, k3
