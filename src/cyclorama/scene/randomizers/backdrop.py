"""What is seen where nothing is."""

from dataclasses import replace

import numpy as np

from cyclorama.core.scene import Backdrop as SceneBackdrop
from cyclorama.core.scene import Scene
from cyclorama.scene.chance import Dice
from cyclorama.scene.gather import Assets
from cyclorama.scene.recipe import Recipe

KINDS = ("environment", "color", "photo")


class Backdrop:
    """The environment itself, a colour, or part of a photograph."""

    @staticmethod
    def apply(scene: Scene, recipe: Recipe, assets: Assets, dice: Dice) -> Scene:
        """The scene with a backdrop."""
        section = recipe.backdrop
        shares = np.cumsum([section.environment, section.color, section.photo])
        kind = KINDS[int(np.searchsorted(shares, dice.rng.random() * shares[-1], side="right"))]
        dice.draws["backdrop.kind"] = kind
        if kind == "color":
            r, g, b = (float(v) for v in dice.rng.random(3))
            return replace(scene, backdrop=SceneBackdrop("color", color=(r, g, b)))
        if kind == "environment":
            return replace(scene, backdrop=SceneBackdrop("environment"))
        id = dice.pick("photo", assets.backdrop_photos)
        rows, columns = assets.library.image(id).shape[:2]
        crop = _crop(columns / rows, recipe.image.width / recipe.image.height, dice.rng)
        mirrored = bool(dice.rng.random() < 0.5)
        return replace(scene, backdrop=SceneBackdrop("photo", photo=id, crop_xyxy=crop, mirrored=mirrored))


def _crop(photo_aspect: float, image_aspect: float, rng: np.random.Generator) -> tuple[float, float, float, float]:
    """A part of the photograph of the image's shape, at least half as large as fits, anywhere."""
    size = rng.uniform(0.5, 1.0)
    width, height = size * min(1, image_aspect / photo_aspect), size * min(1, photo_aspect / image_aspect)
    x, y = rng.uniform(0, 1 - width), rng.uniform(0, 1 - height)
    return float(x), float(y), float(x + width), float(y + height)
