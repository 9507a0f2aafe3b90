"""From where, and through which lens."""

from dataclasses import replace

import numpy as np

from cyclorama.core.geometry import intrinsics, look_at, rigid, rotation_about
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
        k = intrinsics(recipe.image.width, recipe.image.height, _fov_rad(recipe, dice))
        return replace(scene, camera=SceneCamera(recipe.image.width, recipe.image.height, k, rolled))


def _fov_rad(recipe: Recipe, dice: Dice) -> float:
    if recipe.camera.fov_deg is not None:
        return float(np.radians(dice.draw("fov_deg", recipe.camera.fov_deg)))
    focal = dice.draw("focal_length_mm", recipe.camera.focal_length_mm)
    # The sensor's width belongs to the picture's longer side.
    half = 0.5 * recipe.camera.sensor_width_mm * min(1.0, recipe.image.width / recipe.image.height)
    return float(2 * np.arctan(half / focal))
